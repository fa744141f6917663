"""What a domain must publish to be sent from, and what of it stands in the DNS."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from dispatch.sender_records import dmarc, spf
from dispatch.sender_records.look_ups import LookUps, NoOneKnows, tags

EXAMPLE_POLICY = "v=DMARC1; p=none"


class Verdict(StrEnum):
    RIGHT = "Right"
    WARNING = "Warning"
    WRONG = "Wrong"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one record, as a code that pages have words for; `about` is what it
    names, if anything."""

    record: str
    verdict: Verdict
    code: str
    about: str = ""

    def as_stored(self) -> dict[str, str]:
        return {
            "record": self.record,
            "verdict": self.verdict.value,
            "code": self.code,
            "about": self.about,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """A TXT record to publish."""

    name: str
    value: str


def wanted(domain: str) -> list[Record]:
    """What the owner of the domain copies into its DNS."""
    records = []
    if settings.SENDER_SPF_INCLUDE:
        value = f"v=spf1 include:{settings.SENDER_SPF_INCLUDE} -all"
        records.append(Record(_envelope_of(domain), value))
    if settings.SENDER_DKIM_SELECTOR and settings.SENDER_DKIM_KEY:
        name = f"{settings.SENDER_DKIM_SELECTOR}._domainkey.{domain}"
        records.append(Record(name, f"v=DKIM1; k=rsa; p={settings.SENDER_DKIM_KEY}"))
    return [*records, Record(f"_dmarc.{domain}", EXAMPLE_POLICY)]


def can_check() -> bool:
    """Whether there is anybody to ask."""
    return bool(settings.SENDER_DNS)


def check(domain: str) -> list[Finding]:
    """Takes seconds, never more than `look_ups.OF_ALL`; needs no database."""
    look_ups = LookUps(settings.SENDER_DNS)
    parts: Sequence[tuple[str, Callable[[str, LookUps], Iterator[Finding]]]] = (
        ("SPF", _spf),
        ("DKIM", _dkim),
        ("DMARC", _dmarc),
    )
    found: list[Finding] = []
    for record, part in parts:
        try:
            found += part(domain, look_ups)
        except NoOneKnows:
            found.append(Finding(record, Verdict.UNKNOWN, "no_answer"))
    return found


def is_right(findings: Sequence[Finding]) -> bool:
    """Whether nothing is lacking; warnings do not count."""
    return all(one.verdict in (Verdict.RIGHT, Verdict.WARNING) for one in findings)


def _envelope_of(domain: str) -> str:
    """SPF is about the domain that a mail comes back to."""
    return settings.SENDER_ENVELOPE_DOMAIN or domain


def _spf(domain: str, look_ups: LookUps) -> Iterator[Finding]:
    ours: str = settings.SENDER_SPF_INCLUDE
    walk = spf.Walk(look_ups, ours.lower().rstrip("."))
    try:
        record = walk.record_of(_envelope_of(domain))
        if record is not None:
            walk.through(record)
    except spf.PermanentError as error:
        yield Finding("SPF", Verdict.WRONG, error.code)
        return
    if record is None:
        yield Finding("SPF", Verdict.WRONG, "spf_none", _envelope_of(domain))
    elif ours and not walk.includes_ours:
        yield Finding("SPF", Verdict.WRONG, "spf_not_ours", ours)
    else:
        yield Finding("SPF", Verdict.RIGHT, "right")


def _dkim(domain: str, look_ups: LookUps) -> Iterator[Finding]:
    """https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1"""
    if not settings.SENDER_DKIM_SELECTOR:
        return
    name = f"{settings.SENDER_DKIM_SELECTOR}._domainkey.{domain}"
    keys = [tags(text) for text in look_ups.texts(name)]
    keys = [key for key in keys if "p" in key and key.get("v", "DKIM1") == "DKIM1"]
    if not keys:
        yield Finding("DKIM", Verdict.WRONG, "dkim_none", name)
    elif len(keys) > 1:
        yield Finding("DKIM", Verdict.WRONG, "dkim_several", name)
    elif not (published := "".join(keys[0]["p"].split())):
        yield Finding("DKIM", Verdict.WRONG, "dkim_revoked", name)
    elif settings.SENDER_DKIM_KEY and published != "".join(settings.SENDER_DKIM_KEY.split()):
        yield Finding("DKIM", Verdict.WRONG, "dkim_other", name)
    else:
        yield Finding("DKIM", Verdict.RIGHT, "right")


def _dmarc(domain: str, look_ups: LookUps) -> Iterator[Finding]:
    """Relaxed alignment: From and envelope are of one organisation
    (https://www.rfc-editor.org/rfc/rfc7489#section-3.1.2)."""
    organization = dmarc.organization_of(domain, look_ups)
    if organization.policy:
        yield Finding("DMARC", Verdict.RIGHT, "dmarc_policy", organization.policy)
    else:
        yield Finding("DMARC", Verdict.WRONG, "dmarc_none", f"_dmarc.{domain}")
    envelope = _envelope_of(domain)
    if envelope != domain:
        other = dmarc.organization_of(envelope, look_ups)
        if other.domain != organization.domain:
            yield Finding("DMARC", Verdict.WARNING, "not_aligned", envelope)
