"""DMARC records, and which domains belong to one organisation.

Found by walking up the DNS, not by a list of public suffixes that would have to be kept up:
https://datatracker.ietf.org/doc/draft-ietf-dmarc-dmarcbis/, 4.10.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.sender_records.look_ups import LookUps, tags

POLICIES = frozenset({"none", "quarantine", "reject"})
_MAX_WALKED = 8


@dataclass(frozen=True, slots=True)
class Organization:
    """The domain that stands for all of an organisation's, and the policy for the domain that was
    asked for; "" where there is none."""

    domain: str
    policy: str


def organization_of(domain: str, look_ups: LookUps) -> Organization:
    """Raises NoOneKnows.

    A record with `psd=n` is at the top; one with `psd=y` is a registry's, and the domain below it
    is at the top; else the one highest up is. Without any record a domain stands for itself.
    """
    found: dict[str, dict[str, str]] = {}
    top, below = domain, domain
    for name in walked(domain):
        record = _record_at(name, look_ups)
        if record is not None:
            is_registry = record.get("psd", "").lower() == "y" and name != domain
            top = below if is_registry else name
            found[name] = record
            if is_registry or record.get("psd", "").lower() == "n":
                break
        below = name
    own, higher = found.get(domain), found.get(top)
    if own is not None:
        return Organization(top, _policy(own, "p"))
    return Organization(top, _policy(higher, "sp", "p") if higher else "")


def walked(domain: str) -> Iterator[str]:
    """The domain and those above it: eight at most, the second of seven labels at most."""
    labels = domain.split(".")
    yield domain
    rest = labels[-(_MAX_WALKED - 1) :] if len(labels) > _MAX_WALKED else labels[1:]
    for first in range(len(rest)):
        yield ".".join(rest[first:])


def _record_at(name: str, look_ups: LookUps) -> dict[str, str] | None:
    """None where there are several, too: receivers then take none of them."""
    texts = look_ups.texts(f"_dmarc.{name}")
    records = [tags(one) for one in texts if one.split(";")[0].replace(" ", "") == "v=DMARC1"]
    return records[0] if len(records) == 1 else None


def _policy(record: dict[str, str], *names: str) -> str:
    policies = [record[name].lower() for name in names if name in record]
    return policies[0] if policies and policies[0] in POLICIES else "none"
