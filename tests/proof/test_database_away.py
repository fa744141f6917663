"""Case 02: a database that can only be read is away. What could not be done is asked for again, and
as soon as it can be written to everything goes on, with nobody's help."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from tests.proof.live import (
    PASSWORD,
    Browser,
    database_away,
    database_read_only,
    logged_in,
    place,
)
from tests.proof.test_webhooks import post_mail_event, post_sms_report

Trouble = Callable[[RunningSystem], AbstractContextManager[None]]
AWAY = pytest.mark.parametrize("away", [database_away, database_read_only])
ORDERS = 40


@pytest.fixture
def at_peace(web: RunningSystem) -> RunningSystem:
    """Its connections are in use, as those of any web process."""
    web.wait_for(lambda: place(web).status == 202, "the web process to be ready")
    return web


@AWAY
def test_case_02_what_cannot_be_stored_is_asked_for_again(
    at_peace: RunningSystem, away: Trouble
) -> None:
    with away(at_peace):
        answers = [place(at_peace), post_sms_report(at_peace), post_mail_event(at_peace)]
    assert [answer.status for answer in answers] == [503, 503, 503]
    assert {answer.headers["Retry-After"] for answer in answers} == {"10"}
    assert answers[0].json["code"] == "NOT-00004"


def test_case_02_all_orders_are_taken_as_soon_as_the_database_can_be_written_to(
    at_peace: RunningSystem,
) -> None:
    with database_read_only(at_peace):
        assert [place(at_peace).status for _ in range(ORDERS)] == [503] * ORDERS
    time.sleep(
        0.2
    )  # what the product promises: connections that can only read are given up by then
    assert [place(at_peace).status for _ in range(ORDERS)] == [202] * ORDERS


def test_what_only_reads_is_answered_while_the_database_is_read_only(
    at_peace: RunningSystem,
) -> None:
    headers = {"Authorization": f"Bearer {at_peace.token()}"}
    path = f"{BASE}/orders?sendersReference=none"
    with database_read_only(at_peace):
        assert at_peace.call("GET", path, headers=headers).status == 200


@pytest.fixture
def staff(at_peace: RunningSystem) -> Browser:
    return logged_in(at_peace)


@AWAY
def test_staff_are_told_in_their_language_that_the_database_is_away(
    at_peace: RunningSystem, staff: Browser, away: Trouble
) -> None:
    newcomer = Browser(at_peace)
    at_peace.wait_for(lambda: newcomer.get("/admin/login/").status == 200, "the page to log in")
    with away(at_peace):
        if away is database_away:
            told = staff.get("/admin/orders/order/")
        else:  # reading goes on; a log-in is written down
            told = newcomer.get("/admin/login/", username="anne", password=PASSWORD)
    assert told.status == 503
    assert told.headers["Retry-After"] == "10"
    assert "Databasen kan ikke brukes akkurat nå" in told.body.decode()


@AWAY
def test_a_command_says_so_in_a_sentence(at_peace: RunningSystem, away: Trouble) -> None:
    with away(at_peace), pytest.raises(AssertionError) as failed:
        at_peace.command("pause_channel", "Sms", "--reason", "A test")
    told = str(failed.value)
    assert "The database is away, read-only, or full" in told
    assert "Traceback" not in told


def test_the_doctor_says_that_the_database_can_only_be_read(at_peace: RunningSystem) -> None:
    with database_read_only(at_peace), pytest.raises(AssertionError):
        at_peace.command("doctor")
