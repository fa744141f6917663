"""What a name server says of a domain is told in findings, however odd it is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.conf import LazySettings

from dispatch.sender_records import look_ups
from dispatch.sender_records.check import check, is_right, wanted
from dispatch.sender_records.dmarc import walked
from tests.simulators.name_server import Alias, Odd, Zone, name_server

OURS = "spf.us.example"
SPF, DKIM, DMARC = "ttd.example", "us._domainkey.ttd.example", "_dmarc.ttd.example"
GOOD: Zone = {
    SPF: ["google-site-verification=1", f"v=spf1 include:{OURS} -all"],
    OURS: ["v=spf1 ip4:192.0.2.1 -all"],
    DKIM: ["v=DKIM1; k=rsa; p=MIGf"],
    DMARC: ["v=DMARC1; p=reject"],
}
Told = dict[str, list[str]]


@pytest.fixture
def told(settings: LazySettings) -> Iterator[Callable[[Zone], Told]]:
    """The codes of what is found, by record, where the zone has been changed so."""
    settings.SENDER_SPF_INCLUDE, settings.SENDER_ENVELOPE_DOMAIN = OURS, ""
    settings.SENDER_DKIM_SELECTOR, settings.SENDER_DKIM_KEY = "us", "MIGf"
    with ExitStack() as servers:

        def told(changes: Zone) -> Told:
            settings.SENDER_DNS = [servers.enter_context(name_server(GOOD | changes))]
            found = check("ttd.example")
            assert is_right(found) == all(one.verdict in ("Right", "Warning") for one in found)
            by_record: Told = {}
            for one in found:
                by_record.setdefault(one.record, []).append(one.code)
            return by_record

        yield told


def includes(count: int) -> Zone:
    """A record that takes so many look-ups, ours the last of them."""
    names = [f"i{number}.example" for number in range(count - 1)]
    text = " ".join(f"include:{name}" for name in [*names, OURS])
    return {SPF: [f"v=spf1 {text} -all"], **{name: ["v=spf1 ip4:192.0.2.2"] for name in names}}


@pytest.mark.parametrize(
    ("zone", "code"),
    [
        ({}, "right"),
        ({SPF: [f'"v=spf1 inc" "lude:{OURS}" " -all"']}, "right"),
        ({SPF: [f"V=SPF1 Include:{OURS.upper()}. ~all"]}, "right"),
        ({SPF: Alias("other.example"), "other.example": [f"v=spf1 include:{OURS}"]}, "right"),
        ({SPF: ["v=spf1 redirect=in.example"], "in.example": [f"v=spf1 include:{OURS}"]}, "right"),
        (
            {SPF: ["v=spf1 include:in.example -all"], "in.example": [f"v=spf1 include:{OURS}"]},
            "right",
        ),
        ({SPF: ["x" * 250] * 40 + [f"v=spf1 include:{OURS}"]}, "right"),
        ({SPF: [f"v=spf1 a:%{{i}}.x.example include:%{{i}}.y include:{OURS} -all"]}, "right"),
        (includes(10), "right"),
        (includes(11), "spf_too_many"),
        ({SPF: ["v=spf1 include:ttd.example -all"]}, "spf_too_many"),
        ({SPF: ["v=spf1 -all", f"v=spf1 include:{OURS} -all"]}, "spf_several"),
        ({SPF: ["v=spf1 include:nobody.example -all"]}, "spf_includes_none"),
        ({SPF: [f"v=spf1 include:..{'x' * 70}.example"]}, "no_answer"),
        ({SPF: ["v=spf1 mx -all"]}, "spf_not_ours"),
        ({SPF: [f"v=spf1 -include:{OURS} -all"]}, "spf_not_ours"),
        ({SPF: [f"v=spf1 -all include:{OURS}"]}, "spf_not_ours"),
        ({SPF: [f"v=spf10 include:{OURS}", "", "v=spf1\u00e6"]}, "spf_none"),
        ({SPF: Odd.NO_TEXTS}, "spf_none"),
        ({SPF: Odd.SERVFAIL}, "no_answer"),
        ({SPF: Odd.GARBAGE}, "no_answer"),
        ({SPF: Alias("b.example"), "b.example": Alias(SPF)}, "no_answer"),
    ],
    ids=str,
)
def test_what_is_said_of_spf(told: Callable[[Zone], Told], zone: Zone, code: str) -> None:
    assert told(zone) == {"SPF": [code], "DKIM": ["right"], "DMARC": ["dmarc_policy"]}


def test_nobody_waits_long_for_a_server_that_is_silent(
    told: Callable[[Zone], Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_ups, "OF_ONE", 0.2)
    assert told({SPF: Odd.SILENCE})["SPF"] == ["no_answer"]
    monkeypatch.setattr(look_ups, "OF_ALL", 0.0)
    assert told({}) == {one: ["no_answer"] for one in ("SPF", "DKIM", "DMARC")}


@pytest.mark.parametrize(
    ("zone", "code"),
    [
        ({DKIM: ["v=DKIM1; p=MI Gf;"]}, "right"),
        ({DKIM: ["p=MIGf"]}, "right"),
        ({DKIM: ["v=DKIM1; p="]}, "dkim_revoked"),
        ({DKIM: ["v=DKIM1; p=other"]}, "dkim_other"),
        ({DKIM: ["v=DKIM1; p=MIGf", "v=DKIM1; p=other"]}, "dkim_several"),
        ({DKIM: ["anything; at=all", ";;;="]}, "dkim_none"),
        ({DKIM: Odd.NO_TEXTS}, "dkim_none"),
    ],
    ids=str,
)
def test_what_is_said_of_dkim(told: Callable[[Zone], Told], zone: Zone, code: str) -> None:
    assert told(zone)["DKIM"] == [code]


@pytest.mark.parametrize(
    ("zone", "codes"),
    [
        ({DMARC: ["v=DMARC1"]}, ["dmarc_policy"]),
        ({DMARC: ["v=dmarc1; p=none"]}, ["dmarc_none"]),
        ({DMARC: ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}, ["dmarc_none"]),
        ({DMARC: Odd.NO_TEXTS, "_dmarc.example": ["v=DMARC1; p=none"]}, ["dmarc_policy"]),
    ],
    ids=str,
)
def test_what_is_said_of_dmarc(told: Callable[[Zone], Told], zone: Zone, codes: list[str]) -> None:
    assert told(zone)["DMARC"] == codes


NONE = ["v=DMARC1; p=none"]


@pytest.mark.parametrize(
    ("envelope", "zone", "is_aligned"),
    [
        ("ttd.example", {}, True),
        ("bounce.ttd.example", {}, True),
        ("mail.other.example", {"_dmarc.other.example": NONE}, False),
        ("mail.other.example", {"_dmarc.other.example": NONE, "_dmarc.example": NONE}, True),
        ("ttdexample.example", {"_dmarc.example": ["v=DMARC1; p=none; psd=y"]}, False),
        ("b.ttd.example", {"_dmarc.b.ttd.example": ["v=DMARC1; p=none; psd=n"]}, False),
        ("b.ttd.example", {"_dmarc.ttd.example": ["v=DMARC1; p=none; psd=y"]}, False),
    ],
    ids=str,
)
def test_from_and_envelope_align_where_they_are_of_one_organisation(
    told: Callable[[Zone], Told],
    settings: LazySettings,
    envelope: str,
    zone: Zone,
    is_aligned: bool,
) -> None:
    settings.SENDER_ENVELOPE_DOMAIN = envelope
    record = {envelope: [f"v=spf1 include:{OURS} -all"]}
    found = told(record | zone)
    assert found["SPF"] == ["right"], "it is about the envelope"
    assert ("not_aligned" not in found["DMARC"]) == is_aligned


def test_a_long_name_is_walked_up_in_eight_steps() -> None:
    assert list(walked("a.b.example")) == ["a.b.example", "b.example", "example"]
    steps = list(walked("a.b.c.d.e.f.g.h.i.j.mail.example"))
    assert (len(steps), steps[1], steps[-1]) == (8, "f.g.h.i.j.mail.example", "example")


def test_the_records_to_copy_are_those_that_are_looked_for(
    told: Callable[[Zone], Told], settings: LazySettings
) -> None:
    records = wanted("ttd.example")
    assert [record.name for record in records] == [SPF, DKIM, DMARC]
    zone: Zone = {record.name: [record.value] for record in records}
    assert told(zone) == {"SPF": ["right"], "DKIM": ["right"], "DMARC": ["dmarc_policy"]}
    settings.SENDER_SPF_INCLUDE = settings.SENDER_DKIM_SELECTOR = ""
    assert [record.name for record in wanted("ttd.example")] == [DMARC]
