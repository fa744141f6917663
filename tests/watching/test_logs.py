"""All that the processes write is the log: one line of JSON an event, from start to end."""

import pytest

from tests.watching.conftest import NUMBER, PROGRAMS, TEXT, Seen


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_line_is_an_event(seen: Seen, program: str) -> None:
    events = seen.events(program)
    assert len(events) >= 2
    assert all(event.keys() >= {"event", "level", "logger", "timestamp"} for event in events)


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_line_holds_an_address_or_a_text(seen: Seen, program: str) -> None:
    lines = "\n".join(seen.written[program])
    assert NUMBER.removeprefix("+47") not in lines
    assert TEXT not in lines


@pytest.mark.parametrize(
    ("program", "event"),
    [
        ("web", "API request answered"),
        ("worker", "Orders were processed"),
        ("worker", "A batch was sent"),
        ("worker", "Delivery reports were handled"),
    ],
)
def test_what_is_about_one_order_names_it_and_its_trace(
    seen: Seen, program: str, event: str
) -> None:
    about = {"order": seen.order_id, "trace_id": seen.trace_id}
    lines = [line for line in seen.events(program) if line["event"] == event]
    assert any(line.items() >= about.items() for line in lines), lines
