"""A request's trace: its caller's, or a new one."""

import re

import pytest

from runtime.traces import continued_or_new

TRACE, SPAN = "24d7cbf2a13f938741e8d2351d535556", "2c30279c4891e50f"
NEW = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00")


@pytest.mark.parametrize(
    ("traceparent", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-00", "00"),
        (f"00-{TRACE}-{SPAN}-01", "01"),
        (f"00-{TRACE}-{SPAN}-fe", "00"),
        (f" 00-{TRACE}-{SPAN}-01 ", "01"),
        (f"01-{TRACE}-{SPAN}-01-what-comes-later", "01"),
    ],
)
def test_a_valid_trace_goes_on_with_a_span_of_its_own(traceparent: str, flags: str) -> None:
    version, trace, span, sampled = continued_or_new(traceparent).split("-")
    assert (version, trace, sampled) == ("00", TRACE, flags)
    assert re.fullmatch("[0-9a-f]{16}", span)
    assert span != SPAN


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "garbage",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
    ],
)
def test_anything_else_begins_a_new_trace(traceparent: str) -> None:
    begun = continued_or_new(traceparent)
    assert NEW.fullmatch(begun)
    assert TRACE not in begun
