"""What a newcomer needs once everything runs: addresses, tokens, a line to paste, the log-in."""

import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path

from script.launcher.server.development_settings import ADMIN
from script.launcher.services.ports import HOST, Ports

ALL_DAY = "00:00-24:00"
PASTE = """curl -i http://{address}/notifications/api/v1/orders/sms \\
  -H 'Content-Type: application/json' \\
  -H 'Authorization: Bearer {token}' \\
  -d '{{"body": "Hello from Norway.", "recipients": [{{"mobileNumber": "+4799999999"}}]}}'"""


def show(
    *,
    ports: Ports,
    settings: Mapping[str, str],
    bearer_token: str,
    platform_token: str,
    log_folder: Path,
) -> None:
    """Print the way in."""
    address, outside = f"{HOST}:{ports.web}", f"{HOST}:{ports.simulators}"
    print(
        f"""
  API          http://{address}/notifications/api/v1/
  Swagger UI   http://{address}/swagger/
  Admin        http://{address}/admin/   user {ADMIN}, password {settings["ADMIN_PASSWORD"]}
  Phones and inboxes, where the messages arrive:   http://{outside}/
  Logs         {log_folder}/
  {_send_window(settings["SMS_SEND_WINDOW"])}

Bearer token of the service owner ttd (valid for {_lifetime(bearer_token)}):
{bearer_token}

Platform access token (valid for {_lifetime(platform_token)}):
{platform_token}

New ones: .venv/bin/python manage.py token ttd [--platform]

Paste this into another terminal, then look at the phones:
{PASTE.format(address=address, token=bearer_token)}

Ctrl-C stops everything.""",
        flush=True,
    )


def _send_window(window: str) -> str:
    if window == ALL_DAY:
        return (
            "SMS          leave at any hour here; SMS_SEND_WINDOW=09:00-17:00 script/server keeps"
            " to the day, as everywhere else"
        )
    return f"SMS          leave in the send window {window} only"


def _lifetime(token: str) -> str:
    """How long a token is still good for, as it says itself."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    minutes = round((claims["exp"] - time.time()) / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
