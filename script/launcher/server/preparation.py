"""Makes a database ready to serve: its tables, the admin user, and tokens for the newcomer.

Run as a process of its own, with the settings in its environment; answers in JSON.
"""

import io
import json
import os
import sys

import django
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command

from script.launcher.server.development_settings import ADMIN

CREATOR = "ttd"


def main() -> None:
    """Safe to run at every start."""
    django.setup()
    call_command("migrate", interactive=False, stdout=sys.stderr)
    _keep_admin(os.environ["ADMIN_PASSWORD"])
    answer = {
        "has_orders": apps.get_model("orders", "Order").objects.exists(),
        "bearer_token": _command("token", CREATOR),
        "platform_token": _command("token", CREATOR, "--platform"),
    }
    print(json.dumps(answer))


def _keep_admin(password: str) -> None:
    """The password printed on the screen is the one that works."""
    admin, _ = get_user_model().objects.get_or_create(username=ADMIN)
    if admin.is_superuser and admin.is_staff and admin.is_active and admin.check_password(password):
        return
    admin.is_superuser = admin.is_staff = admin.is_active = True
    admin.set_password(password)
    admin.save()


def _command(*words: str) -> str:
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue().strip()


if __name__ == "__main__":
    main()
