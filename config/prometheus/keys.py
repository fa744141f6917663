"""How old the keys are that we sign with, and until when their certificates are good."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from django.conf import settings
from prometheus_client.core import Metric

from config.prometheus.families import Values, table

KEYS = ("PLATFORM_TOKEN_KEY", "MASKINPORTEN_KEY")
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


def all_of(*, now: datetime) -> Iterator[Metric]:
    """A file may hold certificates beside its key; of a file that cannot be read, nothing: the
    start of a process refuses it."""
    ages: Values = {}
    left: Values = {}
    for name in KEYS:
        try:
            path = Path(getattr(settings, name))
            ages[(name,)] = now.timestamp() - path.stat().st_mtime
            content = path.read_bytes()
            if _CERTIFICATE in content:
                ends = min(one.not_valid_after_utc for one in _certificates(content))
                left[(name,)] = (ends - now).total_seconds()
        except (OSError, ValueError):
            continue
    about = "Since the file of this key was written."
    yield table("key_age_seconds", about, ["name"], ages)
    about = "For how long the first certificate beside this key is still good."
    yield table("certificate_left_seconds", about, ["name"], left)


def _certificates(content: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(content[content.index(_CERTIFICATE) :])
