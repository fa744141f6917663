"""Names of recipients, for messages that address them by name."""

import pytest
from aiohttp import web
from pytest_django import Settings

from recipients import names
from recipients.registers import RegisterUnavailable
from tests.recipients.conftest import NAMES
from tests.recipients.local_server import LocalServer, never

KARI, BEDRIFTEN = "11876995923", "311000179"


def test_recipients_are_called_what_register_calls_them(registers: LocalServer) -> None:
    registers.answer(
        NAMES,
        {
            "partyNames": [
                {"ssn": KARI, "orgNo": None, "name": "Kari Nordmann"},
                {"ssn": None, "orgNo": BEDRIFTEN, "name": "Bedriften AS"},
                {"ssn": None, "orgNo": "311000180", "name": None},
            ]
        },
    )
    found = names.look_up(persons=[KARI], organizations=[BEDRIFTEN, "311000180", "311000181"])
    assert found.of_person(KARI) == "Kari Nordmann"
    assert found.of_organization(BEDRIFTEN) == "Bedriften AS"
    assert (found.of_person(""), found.of_organization("")) == ("", "")
    assert len(registers.calls) == 1


def test_an_unknown_recipient_has_no_name(registers: LocalServer) -> None:
    registers.answer(NAMES, {"partyNames": [{"ssn": None, "orgNo": "311000180", "name": None}]})
    found = names.look_up(persons=[KARI], organizations=["311000180"])
    assert found.of_person(KARI) == ""
    assert found.of_organization("311000180") == ""


def test_nobody_is_asked_for_when_there_are_no_recipients(registers: LocalServer) -> None:
    names.look_up(persons=[], organizations=[])
    assert registers.calls == []


def test_without_register_there_are_no_names(registers: LocalServer) -> None:
    registers.answer(NAMES, lambda call: web.Response(status=503))
    with pytest.raises(RegisterUnavailable):
        names.look_up(persons=[KARI], organizations=[])


def test_the_look_up_has_a_time_limit(registers: LocalServer, settings: Settings) -> None:
    settings.LOOK_UP_TIMEOUT = 0.2
    registers.answer(NAMES, never)
    with pytest.raises(RegisterUnavailable, match=r"more than 0\.2 seconds") as raised:
        names.look_up(persons=[KARI], organizations=[])
    assert raised.value.register == "Register"


def test_of_several_entries_about_one_the_one_with_a_name_counts(registers: LocalServer) -> None:
    entries = [{"ssn": "1", "name": name} for name in (None, "Kari Nordmann", "")]
    registers.answer(NAMES, {"partyNames": entries})
    assert names.look_up(persons=["1"], organizations=[]).of_person("1") == "Kari Nordmann"
