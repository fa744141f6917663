"""What becomes of an error in the log: where it was, and nothing of whom."""

import json
import logging
import sys

import pytest
from django.db import Error, transaction

from config.log_lines import UNSAID, JsonLines, tell_exceptions
from notifications.models import Notification
from orders.models import Creator
from tests.building import notification, processed_order

KARI = "+4799999901"


def refused(row: Notification) -> Error:
    """With its stack, as PostgreSQL tells it with all of the row."""
    try:
        with transaction.atomic():
            Notification.objects.filter(pk=row.pk).update(address=KARI, created=None)
    except Error as error:
        return error
    raise AssertionError("PostgreSQL has taken it.")


@pytest.mark.django_db
def test_a_row_that_postgresql_refuses_is_not_told(ttd: Creator) -> None:
    error = refused(notification(processed_order(ttd), address=KARI))
    assert KARI in str(error)
    try:
        raise LookupError("It was not there.") from error
    except LookupError as outer:
        # As Celery writes what a job has raised.
        told = logging.LogRecord("celery", logging.ERROR, "", 0, "Raised: %r", (error,), None)
        told.exc_info = sys.exc_info()
        ours = tell_exceptions(None, "error", {"event": "It broke", "exc_info": outer})
    foreign = JsonLines().format(told)
    for line in (foreign, json.dumps(ours)):
        assert KARI not in line
        assert UNSAID in line
        assert "in refused" in line
        assert "It was not there." in line
        assert json.loads(line)["sqlstate"] == "23502"


def test_what_else_goes_wrong_is_told_in_its_own_words() -> None:
    for given in (ValueError("Seven."), (ValueError, ValueError("Seven."), None)):
        told = tell_exceptions(None, "error", {"event": "It broke", "exc_info": given})
        assert "ValueError: Seven." in told["exception"]
    assert tell_exceptions(None, "error", {"event": "Fine"}) == {"event": "Fine"}
