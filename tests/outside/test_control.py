"""Tests can spoil, change, read and empty the simulated world."""

import json
from pathlib import Path

import pytest

from script.launcher.system.simulators import Simulators, SimulatorsFailed
from tests.outside.conftest import ask
from tests.outside.mail import deliver
from tests.outside.sms import send
from tests.simulators import magic
from tests.simulators.faults import MODES
from tests.simulators.phones_and_inboxes import KEPT, Messages, Received

KARIS_NUMBER = "4793000002"
README = Path(magic.__file__).with_name("README.md").read_text(encoding="utf-8")


def messages(simulators: Simulators, **query: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(simulators.get("/control/messages", **query))
    return found


def test_messages_come_oldest_first_and_in_part(simulators: Simulators) -> None:
    for text in ("En", "To", "Tre"):
        send(simulators, KARIS_NUMBER, text)
    first, second, third = simulators.messages()
    assert [entry["text"] for entry in (first, second, third)] == ["En", "To", "Tre"]
    assert messages(simulators, after=str(first["number"]))["messages"] == [second, third]
    assert messages(simulators, last="1")["messages"] == [third]


def test_forgetting_messages_shows_by_a_new_epoch(simulators: Simulators) -> None:
    send(simulators, KARIS_NUMBER)
    before = messages(simulators)
    ask("DELETE", f"{simulators.url}/control/messages")
    after = messages(simulators)
    assert after["messages"] == []
    assert before["epoch"] != after["epoch"]


def test_a_reset_forgets_everything(simulators: Simulators) -> None:
    simulators.fault("gateway", "error500")
    simulators.add_person("01010112345", name="Ny", mobileNumber="+4791111111")
    simulators.report_to("http://127.0.0.1:1")
    deliver(simulators, "kari.nordmann@post.example")
    simulators.reset()
    assert (simulators.messages(), simulators.calls()) == ([], [])
    assert json.loads(simulators.get("/control/faults")) == {}
    reports = simulators.reports()
    assert (reports["url"], reports["email"]["waiting"]) == ("", 0)
    url = simulators.environment["PROFILE_URL"] + "users/contactpoint/lookup"
    answer = ask("POST", url, {"nationalIdentityNumbers": ["01010112345"]})
    assert answer.json == {"contactPointsList": []}


@pytest.mark.parametrize(
    "faults",
    [
        "[]",
        "not json",
        '{"pigeons": {"mode": "error500"}}',
        '{"gateway": "error500"}',
        '{"gateway": {"mode": "explodes"}}',
        '{"gateway": {"mode": ["error500"]}}',
        '{"gateway": {"mode": "error500", "times": 0}}',
        '{"gateway": {"mode": "error500", "times": true}}',
        '{"gateway": {"latency_ms": -1}}',
        '{"gateway": {"latency_ms": 1.5}}',
        '{"gateway": {"pause": 1}}',
        '{"profile": {"mode": "error500"}, "smtp": {"mode": "no-credit"}}',
    ],
)
def test_faults_that_make_no_sense_are_refused_and_none_is_set(
    simulators: Simulators, faults: str
) -> None:
    answer = ask("PUT", f"{simulators.url}/control/faults", faults)
    assert answer.status == 400
    assert answer.body
    assert json.loads(simulators.get("/control/faults")) == {}


def test_a_fault_can_be_taken_away(simulators: Simulators) -> None:
    simulators.fault("gateway", "error500")
    simulators.fault("profile", "time-out")
    ask("PUT", f"{simulators.url}/control/faults", {"gateway": None})
    assert list(json.loads(simulators.get("/control/faults"))) == ["profile"]


@pytest.mark.parametrize("part", ["profile", "register", "authorization"])
def test_registers_fail_as_told(simulators: Simulators, part: str) -> None:
    path = {
        "profile": "PROFILE_URL",
        "register": "REGISTER_URL",
        "authorization": "AUTHORIZATION_URL",
    }[part]
    ends = {
        "profile": "users/contactpoint/lookup",
        "register": "parties/nameslookup",
        "authorization": "decision",
    }
    url = simulators.environment[path] + ends[part]
    simulators.fault(part, "error500", times=1)
    assert ask("POST", url, {}).status == 500
    simulators.fault(part, "bad-json", times=1)
    answer = ask("POST", url, {})
    assert answer.status == 200
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(answer.body)
    simulators.fault(part, "time-out", times=1)
    with pytest.raises(TimeoutError):
        ask("POST", url, {}, timeout=0.1)
    assert ask("POST", url, {}).status in (400, 401)


def test_added_recipients_can_be_looked_up_and_replaced(simulators: Simulators) -> None:
    url = simulators.environment["PROFILE_URL"] + "users/contactpoint/lookup"
    for email in ("en@post.example", "to@post.example"):
        simulators.add_person("01010112345", name="Ny Person", email=email, isReserved=True)
        (point,) = ask("POST", url, {"nationalIdentityNumbers": ["01010112345"]}).json[
            "contactPointsList"
        ]
        assert (point["email"], point["mobileNumber"], point["isReserved"]) == (email, None, True)


@pytest.mark.parametrize(
    "document",
    [
        "[]",
        '{"people": []}',
        '{"persons": {}}',
        '{"persons": [{"nationalIdentityNumber": "123"}]}',
        '{"persons": [{"nationalIdentityNumber": "01010112345", "mobilenumber": "+4791111111"}]}',
        '{"organizations": [{"organizationNumber": "999999999", "emailList": [1]}]}',
        '{"organizations": [{"organizationNumber": "999999999", "userContactPoints": [{}]}]}',
    ],
)
def test_recipients_that_make_no_sense_are_refused(simulators: Simulators, document: str) -> None:
    answer = ask("PUT", f"{simulators.url}/control/registers", document)
    assert answer.status == 400
    assert answer.body


def test_the_helper_says_what_was_refused(simulators: Simulators) -> None:
    with pytest.raises(SimulatorsFailed, match="has no mode 'explodes'"):
        simulators.fault("gateway", "explodes")


def test_only_the_last_messages_are_kept() -> None:
    kept = Messages()
    for number in range(KEPT + 10):
        kept.add(Received("Sms", str(number), KARIS_NUMBER, "Altinn", "Hei"))
    assert [entry.reference for entry in kept.after(0, last=1)] == [str(KEPT + 9)]
    assert len(kept.after(0)) == KEPT


def test_large_texts_are_kept_within_a_bound() -> None:
    kept = Messages()
    text = "x" * 10_000_000
    for number in range(25):
        kept.add(Received("Email", str(number), "a@b.example", "c@d.example", text))
    assert [entry.reference for entry in kept.after(0)] == [str(number) for number in range(5, 25)]


@pytest.mark.parametrize("code", magic.SMS_FATES)
def test_the_readme_lists_every_magic_number(code: str) -> None:
    assert f"`+47 410 {code} ddd`" in README


@pytest.mark.parametrize("name", magic.MAIL_FATES)
def test_the_readme_lists_every_magic_address(name: str) -> None:
    assert f"`{name}@magic.example`" in README


@pytest.mark.parametrize("part", MODES)
def test_the_readme_lists_every_fault(part: str) -> None:
    (line,) = (line for line in README.splitlines() if line.startswith(f"| `{part}` |"))
    assert {mode for mode in MODES[part] if f"`{mode}`" not in line} == {""}
