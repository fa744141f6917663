"""What the simulated world is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

DEFAULT_REGISTERS = Path(__file__).with_name("registers.json")

ENVIRONMENT = """environment:
  SIMULATORS_PORT          the port of everything that speaks HTTP; only 127.0.0.1 is served
  SIMULATORS_SMTP_PORT     the port of the mail server (SIMULATORS_PORT + 1)
  SIMULATORS_REPORT_DELAY  seconds from a message to its delivery report (0.3)
  SIMULATED_REGISTERS      JSON file with the recipients (the file shipped beside this module)
  NOTIFICATIONS_URL        base URL that delivery reports are posted to (none: no reports)
  SMS_GATEWAY_CLIENT, SMS_GATEWAY_PASSWORD    log-on that the SMS gateway expects
  SMS_REPORTS_USER, SMS_REPORTS_PASSWORD      HTTP Basic credentials sent with its reports
  ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY         signs the e-mail events (none: no events)
  AUTHORIZATION_KEY        subscription key that Authorization expects
  MASKINPORTEN_CLIENT_ID   client that Maskinporten knows
  DEVELOPMENT_TOKEN_KEY, PLATFORM_TOKEN_KEY, MASKINPORTEN_KEY
                           PEM files with private RSA keys; only their public halves are used to
                           verify, and the first one signs Maskinporten's answers
"""


class Misconfigured(Exception):
    """The environment lacks something, or holds something unreadable; the text says what."""


@dataclass(frozen=True, slots=True)
class Settings:
    port: int
    smtp_port: int
    report_delay: float
    registers: Path
    notifications_url: str
    gateway_client: str
    gateway_password: str
    reports_user: str
    reports_password: str
    mailgun_signing_key: str
    authorization_key: str
    maskinporten_client: str
    development_key: RSAPrivateKey
    platform_key: RSAPrivateKey
    maskinporten_key: RSAPrivateKey

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises `Misconfigured`."""

        def needed(name: str) -> str:
            value = environment.get(name, "")
            if not value:
                raise Misconfigured(f"{name} is not set.")
            return value

        port = _number("SIMULATORS_PORT", needed("SIMULATORS_PORT"))
        smtp_port = environment.get("SIMULATORS_SMTP_PORT") or str(port + 1)
        delay = environment.get("SIMULATORS_REPORT_DELAY") or "0.3"
        return cls(
            port=int(port),
            smtp_port=int(_number("SIMULATORS_SMTP_PORT", smtp_port)),
            report_delay=_number("SIMULATORS_REPORT_DELAY", delay),
            registers=Path(environment.get("SIMULATED_REGISTERS") or DEFAULT_REGISTERS),
            notifications_url=environment.get("NOTIFICATIONS_URL", "").rstrip("/"),
            gateway_client=needed("SMS_GATEWAY_CLIENT"),
            gateway_password=needed("SMS_GATEWAY_PASSWORD"),
            reports_user=needed("SMS_REPORTS_USER"),
            reports_password=needed("SMS_REPORTS_PASSWORD"),
            mailgun_signing_key=environment.get("ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY", ""),
            authorization_key=needed("AUTHORIZATION_KEY"),
            maskinporten_client=needed("MASKINPORTEN_CLIENT_ID"),
            development_key=_key("DEVELOPMENT_TOKEN_KEY", needed("DEVELOPMENT_TOKEN_KEY")),
            platform_key=_key("PLATFORM_TOKEN_KEY", needed("PLATFORM_TOKEN_KEY")),
            maskinporten_key=_key("MASKINPORTEN_KEY", needed("MASKINPORTEN_KEY")),
        )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Misconfigured(f"{name} is not a number: {text}") from None


def _key(name: str, path: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(Path(path).read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{name}: {error}") from error
    if not isinstance(key, RSAPrivateKey):
        raise Misconfigured(f"{name} is not an RSA key: {path}")
    return key
