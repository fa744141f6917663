"""The log of a dialog, as far as a caller alone can bring things about."""

import pytest

from script.launcher.system.running_system import RunningSystem
from script.launcher.system.simulators import Simulators
from tests.contracts.service import Service, is_empty

KARIS_DIALOG = "0198f1d2-77aa-7c3e-9d21-5b1f60a9c001"
ANOTHER_DIALOG = "0198f1d2-77aa-7c3e-9d21-5b1f60a9c0ff"
KARI, OLA = "01838510058", "17857810058"
END_USER = "/future/enduser/log"


def headers_of(system: RunningSystem, person: str) -> dict[str, str]:
    """Of somebody who has logged in, known to Dialogporten and us alike."""
    return {"Authorization": f"Bearer {system.token('--person', person)}"}


@pytest.fixture(scope="module")
def kari(live_web: RunningSystem) -> dict[str, str]:
    return headers_of(live_web, KARI)


def test_a_user_reads_the_log_of_an_own_dialog(
    service: Service, registers: Simulators, kari: dict[str, str]
) -> None:
    answer = service.get(f"{END_USER}?DialogId={KARIS_DIALOG}", headers=kari)
    assert (answer.status, answer.json) == (200, [])
    assert len(registers.calls("dialogporten")) == 1


def test_what_dialogporten_does_not_show_is_not_told(
    live_web: RunningSystem, service: Service, registers: Simulators, kari: dict[str, str]
) -> None:
    ola = headers_of(live_web, OLA)
    for dialog, headers in ((ANOTHER_DIALOG, kari), (KARIS_DIALOG, ola)):
        answer = service.get(f"{END_USER}?dialogId={dialog}", headers=headers)
        assert answer.status == 403
        assert is_empty(answer)
    registers.fault("dialogporten", "error500")
    assert service.get(f"{END_USER}?dialogId={KARIS_DIALOG}", headers=kari).status == 403


def test_a_service_owner_reads_a_log_of_its_own(service: Service) -> None:
    answer = service.get(f"/future/log?dialogId={KARIS_DIALOG}")
    assert (answer.status, answer.json) == (200, [])


def test_ids_that_are_missing_or_none_are_told(service: Service, kari: dict[str, str]) -> None:
    missing = "A value for the 'dialogId' parameter or property was not provided."
    answer = service.get(END_USER, headers=kari)
    assert (answer.status, answer.json["errors"]) == (400, {"dialogId": [missing]})
    assert service.get("/future/log").status == 400
