"""The simulated world as a process of a test-suite or a launcher."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port
from script.launcher.system.shared_secrets import shared_secrets

# For a busy machine.
_START = 60.0
_TRIES = 3


Document = dict[str, Any]
"""What JSON tells of one thing: each part of the simulators has its own members."""


class SimulatorsFailed(Exception):
    """The process ended, never answered, or refused what it was asked; the text says which."""


class Simulators:
    """A running process of simulators on free ports, ended by `stop`, or with its parent.

    `environment` holds the settings of Django that point at it.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start, with keys generated into `folder` where it has none. `environment` is for the
        process and goes before the defaults. Raises `SimulatorsFailed`."""
        self._secrets = shared_secrets(folder)
        for attempt in range(1, _TRIES + 1):
            self.port, self.smtp_port = free_port(), free_port()
            self.process = self._start(environment or {})
            if self._answers():
                break
            self.stop()
            # Somebody may have taken a port between the choice and the start.
            if attempt == _TRIES:
                raise SimulatorsFailed("The simulators did not start; their output says why.")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        user, password = "notifications", "s3cret"
        return self._secrets | {
            "ALTINN_WELL_KNOWN": f"{self.url}/authentication/.well-known/openid-configuration",
            "PLATFORM_TOKEN_JWKS": f"{self.url}/platform-keys/{{issuer}}",
            "MASKINPORTEN_URL": f"{self.url}/maskinporten/token",
            "PROFILE_URL": f"{self.url}/profile/api/v1/",
            "DIALOGPORTEN_URL": f"{self.url}/dialogporten/api/v1/",
            "REGISTER_URL": f"{self.url}/register/api/v1/",
            "AUTHORIZATION_URL": f"{self.url}/authorization/api/v1/",
            "SMS_GATEWAY_URL": f"{self.url}/gateway",
            "EMAIL_URL": f"smtp://{user}:{password}@127.0.0.1:{self.smtp_port}",
            "EMAIL_REPORTS_FROM": "mailgun",
            "SEND_CONDITION_ALLOWED_HOSTS": "127.0.0.1",
            "ATTACHMENT_ALLOWED_HOSTS": "127.0.0.1",
            "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        }

    @property
    def single_sign_on(self) -> dict[str, str]:
        """Settings with which staff may log in at the simulated identity provider."""
        return {
            "SSO_ISSUER": f"{self.url}/staff",
            "SSO_CLIENT_ID": "support-desk",
            "SSO_CLIENT_SECRET": "krumkaker-og-kaffe",
            "SSO_SUPPORT_GROUPS": "desk",
            "SSO_OPERATOR_GROUPS": "operations",
            "SSO_AUDITOR_GROUPS": "audit",
        }

    @property
    def gatewayapi(self) -> Document:
        """An entry of GATEWAYS, by the name to which it reports: `gatewayapi`."""
        options = {
            "url": f"{self.url}/gatewayapi/rest/mtsms",
            "token": "kringle-og-kaffe-til-alle",
            "reports_secret": "gatewayapi-signs-what-it-reports",
        }
        provider = "dispatch.gateways.gatewayapi.gateway.GatewayApiGateway"
        return {"PROVIDER": provider, "OPTIONS": options}

    def messages(self, *, to: str | None = None) -> list[Document]:
        """What gateway and mail server took, oldest first; `to` is a number or an address."""
        found: list[Document] = self._call("GET", "/control/messages")["messages"]
        wanted = to.lstrip("+") if to else None
        return [message for message in found if wanted in (None, message["receiver"])]

    def wait_for_messages(
        self, count: int, *, to: str | None = None, seconds: float = 60.0
    ) -> list[Document]:
        """The messages as soon as there are `count`. Raises `SimulatorsFailed` after `seconds`."""
        deadline = time.monotonic() + seconds
        while len(found := self.messages(to=to)) < count:
            if time.monotonic() > deadline:
                raise SimulatorsFailed(f"{len(found)} of {count} messages came in {seconds} s.")
            time.sleep(0.02)
        return found

    def calls(self, part: str | None = None) -> list[Document]:
        """Calls so far, oldest first: of one part (profile, gateway, ...), or of all."""
        found: list[Document] = self._call("GET", "/control/calls")["calls"]
        return [call for call in found if part in (None, call["part"])]

    def fault(
        self, part: str, mode: str = "", *, latency_ms: int = 0, times: int | None = None
    ) -> None:
        """Make a part fail, for all calls or so many; the README lists parts and modes."""
        fault = {"mode": mode, "latency_ms": latency_ms, "times": times}
        self._call("PUT", "/control/faults", {part: fault})

    def add_person(self, national_identity_number: str, **members: object) -> None:
        """Members are named as in the JSON file: `name`, `email`, `mobileNumber`, `isReserved`."""
        person = {"nationalIdentityNumber": national_identity_number, **members}
        self._call("PUT", "/control/registers", {"persons": [person]})

    def add_organization(self, organization_number: str, **members: object) -> None:
        """Members are named as in the JSON file: `name`, `emailList`, `userContactPoints`, ..."""
        organization = {"organizationNumber": organization_number, **members}
        self._call("PUT", "/control/registers", {"organizations": [organization]})

    def add_dialog(self, dialog_id: str, party: str) -> None:
        """`party` is the national identity number of whom it is shown to."""
        dialog = {"dialogId": dialog_id, "party": party}
        self._call("PUT", "/control/registers", {"dialogs": [dialog]})

    def report_to(self, url: str) -> None:
        """Post delivery reports to this base URL from now on; an empty one stops them."""
        self._call("PUT", "/control/reports", {"url": url})

    def reports(self) -> Document:
        """How many reports wait, were posted, or were given up, by channel."""
        found: Document = self._call("GET", "/control/reports")
        return found

    def reset(self) -> None:
        """Back to the start: no messages, calls, faults, added recipients or reports to come; and
        reports go where the process was told to post them at first."""
        self._call("DELETE", "/control")

    def get(self, path: str, **query: str) -> bytes:
        """The body of any page of the simulators. Raises `SimulatorsFailed` unless it is a 200."""
        return self._request("GET", f"{path}?{urlencode(query)}" if query else path)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _start(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        ports = {
            "SIMULATORS_PORT": str(self.port),
            "SIMULATORS_SMTP_PORT": str(self.smtp_port),
            "SIMULATORS_REPORT_DELAY": "0.02",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "tests.simulators", "--while-stdin-is-open"],
            cwd=ROOT,
            env={**os.environ, **self._secrets, **ports, **environment},
            stdin=subprocess.PIPE,
        )

    def _answers(self) -> bool:
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self._request("GET", "/health")
            except OSError:
                time.sleep(0.02)
            else:
                return self.process.poll() is None
        return False

    def _call(self, method: str, path: str, document: object = None) -> Any:
        body = json.dumps(document).encode() if document is not None else None
        answer = self._request(method, path, body)
        return json.loads(answer) if answer else None

    def _request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status not in (200, 204):
            raise SimulatorsFailed(f"{method} {path}: {response.status} {answer.decode()}")
        return answer
