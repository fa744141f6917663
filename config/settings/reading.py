"""Settings as the environment spells them: texts, whole numbers, numbers, yes or no, and lists.

What cannot be read gives the default here and is refused at start (config.setting_rules): all that
is wrong is then told at once, in sentences.
"""

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
# Environment's methods bear the names of what they read.
Text: TypeAlias = str
Whole: TypeAlias = int
Decimal: TypeAlias = float
Truth: TypeAlias = bool
Texts: TypeAlias = list[str]
Wholes: TypeAlias = list[int]

TRUE = ("true", "on", "yes", "y", "1", "ok")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FALSE = ("false", "off", "no", "n", "0")
SECRETS = (
    "AUTHORIZATION_KEY",
    "DATABASE_URL",
    "EMAIL_URL",
    "GATEWAYS",
    "METRICS_API_KEY",
    "METRICS_API_KEY_FALLBACKS",
    "METRICS_TOKEN",
    "METRICS_TOKEN_FALLBACKS",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OUTGOING_PROXY",
    "REDIS_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SENTRY_DSN",
    "SMS_GATEWAY_PASSWORD",
    "SMS_REPORTS_PASSWORD",
    "SMS_REPORTS_PASSWORD_FALLBACKS",
    "SSO_CLIENT_SECRET",
    "TRIGGER_TOKEN",
    "TRIGGER_TOKEN_FALLBACKS",
    "WEBHOOK_KEYS",
)
"""What a file may hold instead, as docker and Kubernetes hand secrets over; so may all of
ANYMAIL."""
FILE = "_FILE"
ANYMAIL = "ANYMAIL_"
"""Providers' keys, as django-anymail names them."""


def whole(text: str) -> int:
    """Raises ValueError for all but ASCII digits with or without a minus."""
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError
    return int(text)


def decimal(text: str) -> float:
    """Raises ValueError where it is no number, or not a finite one."""
    number = float(text)
    if not math.isfinite(number) or "_" in text or not text.isascii():
        raise ValueError
    return number


def yes_or_no(text: str) -> bool:
    """Raises ValueError for any word that is neither."""
    word = text.lower()
    if word not in TRUE + FALSE:
        raise ValueError
    return word in TRUE


def listed(text: str) -> list[str]:
    """What stands between commas, without white space around it."""
    return [part.strip() for part in text.split(",") if part.strip()]


def wholes(text: str) -> list[int]:
    """Raises ValueError as `whole` does."""
    return [whole(part) for part in listed(text)]


def json_object(text: Text) -> dict[Text, object]:
    """Raises ValueError for anything else, and for one that names something twice: of two gateways
    of a name one would be lost unheard."""
    try:
        found = json.loads(text, object_pairs_hook=_each_once)
    except RecursionError:
        raise ValueError from None
    if not isinstance(found, dict):
        raise ValueError
    return found


def _each_once(pairs: list[tuple[Text, object]]) -> dict[Text, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def resolvers(text: Text) -> list[tuple[str, int]]:
    """Addresses and ports of name servers, `10.0.0.2` or `10.0.0.2:5353`; of IPv6 `[fd00::2]:53`.
    Raises ValueError."""
    found = []
    for part in listed(text):
        host, port = part, 53
        if part.startswith("[") or part.count(":") == 1:
            host, _, written = part.rpartition(":") if not part.endswith("]") else (part, "", "53")
            port = whole(written)
        if not 0 < port < 65_536:
            raise ValueError
        found.append((str(ip_address(host.strip("[]"))), port))
    return found


def log_level(text: str) -> str:
    """Raises ValueError for any other word."""
    if text.upper() not in LOG_LEVELS:
        raise ValueError
    return text.upper()


def own_address(text: str) -> str:
    """A URL to which paths are added. Raises ValueError where it has no host that could be ours."""
    parts = urlsplit(text)
    if not (parts.hostname or "").encode("idna") or parts.port == 0:
        raise ValueError
    return text.rstrip("/")


def with_files(variables: Mapping[Text, Text]) -> Mapping[Text, Text]:
    """With the secrets that variables such as SECRET_KEY_FILE lead to; those that cannot be read
    are left out."""
    read = {}
    for name in secrets_in_files(variables):
        path = variables[name + FILE]
        if path and not variables.get(name) and (secret := secret_in(path)) is not None:
            read[name] = secret
    return {**variables, **read}


def secrets_in_files(variables: Mapping[Text, Text]) -> Sequence[Text]:
    """The names of those whose file is named."""
    of_anymail = [
        name.removesuffix(FILE)
        for name in variables
        if name.startswith(ANYMAIL) and name.endswith(FILE)
    ]
    return [*(name for name in SECRETS if name + FILE in variables), *of_anymail]


def secret_in(path: Text) -> Text | None:
    """Without the line feed that editors leave at the end; None where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, ValueError):
        return None


class Environment:
    """An empty variable counts as none, as where a compose file passes on what nobody has set."""

    def __init__(self, variables: Mapping[Text, Text] = os.environ) -> None:
        self.ENVIRON = variables

    def str(self, name: Text, *, default: Text) -> Text:
        return self._given(name) or default

    def int(self, name: Text, *, default: Whole) -> Whole:
        return self.parsed(name, whole, default=default)

    def float(self, name: Text, *, default: Decimal) -> Decimal:
        return self.parsed(name, decimal, default=default)

    def bool(self, name: Text, *, default: Truth) -> Truth:
        return self.parsed(name, yes_or_no, default=default)

    def list(self, name: Text, *, default: Sequence[Text]) -> Texts:
        return self.parsed(name, listed, default=[*default])

    def ints(self, name: Text, *, default: Sequence[Whole]) -> Wholes:
        return self.parsed(name, wholes, default=[*default])

    def parsed(self, name: Text, read: Callable[[Text], T], *, default: T) -> T:
        """`read` raises ValueError or ImproperlyConfigured where it cannot."""
        text = self._given(name)
        try:
            return read(text) if text else default
        except (ValueError, ImproperlyConfigured):
            return default

    def of_anymail(self) -> dict[Text, Text | Texts]:
        """By django-anymail's own names. Of passwords in a webhook's address there may be several,
        with commas between them: each is good while one is replaced."""
        return {
            name.removeprefix(ANYMAIL): listed(value) if name.endswith("WEBHOOK_SECRET") else value
            for name, value in with_files(self.ENVIRON).items()
            if name.startswith(ANYMAIL) and not name.endswith(FILE)
        }

    def _given(self, name: Text) -> Text | None:
        return self.ENVIRON.get(name) or with_files(self.ENVIRON).get(name)


env = Environment()
