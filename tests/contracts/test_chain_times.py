"""When a chain may be sent, and on which conditions."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.requests import (
    FUTURE,
    LEFT_OUT,
    NEXT_YEAR,
    chain,
    reminder,
)
from tests.contracts.service import Service

NEVER = "9999-12-31T23:00:00Z"


SENDS_IN_THE_PAST = "RequestedSendTime must be greater than or equal to"
EITHER = "Either DelayDays or RequestedSendTime must be defined, but not both."


class TestTimes:
    def test_a_send_time_has_a_zone_and_is_not_past(self, service: Service) -> None:
        main = "The requested send time value must have specified a time zone."
        past = f"{SENDS_IN_THE_PAST} now."
        errors = service.errors(FUTURE, chain(requestedSendTime=f"{NEXT_YEAR}-01-01T00:00:00"))
        assert errors == {"RequestedSendTime": [main]}
        assert service.errors(FUTURE, chain(requestedSendTime="2020-01-01")) == {
            "RequestedSendTime": [main, past]
        }

    def test_there_is_no_tolerance(self, service: Service) -> None:
        just_now = datetime.now(UTC) - timedelta(seconds=1)
        errors = service.errors(FUTURE, chain(requestedSendTime=just_now.isoformat()))
        assert errors == {"RequestedSendTime": [f"{SENDS_IN_THE_PAST} now."]}
        soon = datetime.now(UTC) + timedelta(seconds=20)
        assert service.post(FUTURE, chain(requestedSendTime=soon.isoformat())).status == 201

    def test_a_send_time_may_have_seven_digits_and_any_zone(self, service: Service) -> None:
        for text in (f"{NEXT_YEAR}-12-01T08:15:20.4471935Z", f"{NEXT_YEAR}-12-01T08:15:20+01:00"):
            assert service.post(FUTURE, chain(requestedSendTime=text)).status == 201

    def test_a_reminder_has_a_time_of_its_own_or_a_delay(self, service: Service) -> None:
        moment = f"{NEXT_YEAR}-01-01T00:00:00Z"
        request = chain(
            reminders=[reminder(delayDays=LEFT_OUT), reminder(requestedSendTime=moment)]
        )
        assert service.errors(FUTURE, request) == {
            "Reminders[0]": [EITHER],
            "Reminders[1]": [EITHER],
            "Reminders[1].RequestedSendTime": [
                "RequestedSendTime must be null when DelayDays is set."
            ],
            "Reminders[1].DelayDays": ["DelayDays must be null when RequestedSendTime is set."],
        }

    def test_a_reminders_time_has_a_zone_and_is_not_past(self, service: Service) -> None:
        request = chain(reminders=[reminder(delayDays=None, requestedSendTime="2020-01-01")])
        assert service.errors(FUTURE, request) == {
            "Reminders[0].RequestedSendTime": [
                "The RequestedSendTime must have specified a time zone.",
                f"{SENDS_IN_THE_PAST} the current UTC time.",
            ]
        }

    @pytest.mark.parametrize("days", [0, -1, -(2**31)])
    def test_a_delay_is_a_day_at_least(self, service: Service, days: int) -> None:
        errors = service.errors(FUTURE, chain(reminders=[reminder(delayDays=days)]))
        message = "DelayDays must be greater than or equal to 1 day."
        assert errors == {"Reminders[0].DelayDays": [message]}

    @pytest.mark.parametrize("days", [1_831, 4_000_000, 2**31 - 1])
    def test_a_delay_leads_to_a_moment_that_can_be_planned(
        self, service: Service, days: int
    ) -> None:
        errors = service.errors(FUTURE, chain(reminders=[reminder(delayDays=days)]))
        message = "DelayDays must lead to a send time at most 1830 days ahead."
        assert errors == {"Reminders[0].DelayDays": [message]}

    def test_a_delay_is_added_to_the_send_time_of_the_main_order(self, service: Service) -> None:
        in_a_year = datetime.now(UTC) + timedelta(days=365)
        request = chain(
            requestedSendTime=in_a_year.isoformat(),
            reminders=[reminder(delayDays=1_464), reminder(delayDays=1_466)],
        )
        assert list(service.errors(FUTURE, request)) == ["Reminders[1].DelayDays"]

    def test_a_time_beyond_what_can_be_planned_is_refused(self, service: Service) -> None:
        reminders = [reminder(delayDays=1), reminder(delayDays=None, requestedSendTime=NEVER)]
        errors = service.errors(FUTURE, chain(requestedSendTime=NEVER, reminders=reminders))
        assert list(errors) == [
            "RequestedSendTime",
            "Reminders[0].DelayDays",
            "Reminders[1].RequestedSendTime",
        ]

    def test_a_hundred_reminders_are_enough(self, service: Service) -> None:
        assert service.post(FUTURE, chain(reminders=[reminder()] * 100)).status == 201
        errors = service.errors(FUTURE, chain(reminders=[reminder()] * 101))
        assert errors == {"Reminders": ["The order has 101 reminders; at most 100 are allowed."]}


class TestConditions:
    NOT_ABSOLUTE = "ConditionEndpoint must be a valid absolute URI or null."
    OTHER_SCHEME = "ConditionEndpoint must use http or https scheme."

    @pytest.mark.parametrize(
        "url",
        [
            "https://ttd.apps.example.no/a?code=" + "x" * 1_500,
            "http://localhost:8080/condition",
            "https://192.0.2.7/condition",
            "https://[2001:db8::1]/condition",
            "https://app_1.example.no./condition",
            "https://api.example.no/a%20b?c=%7B#d",
            "https://blåbær.example/condition",
        ],
    )
    def test_any_web_address_is_taken_and_kept(self, service: Service, url: str) -> None:
        request = chain(
            conditionEndpoint=url,
            reminders=[reminder(conditionEndpoint=url)],
            requestedSendTime=f"{NEXT_YEAR}-01-01T00:00:00Z",
        )
        _, shipments = service.place_chain(request)
        assert {service.order(one)["conditionEndpoint"] for one in shipments} == {url}

    @pytest.mark.parametrize(
        ("url", "messages"),
        [
            ("", [NOT_ABSOLUTE]),
            ("/condition", [NOT_ABSOLUTE]),
            ("api.example.no/condition", [NOT_ABSOLUTE]),
            ("https://api.example.no/a b", [NOT_ABSOLUTE]),
            ("https://api.example.no/a\\b", [NOT_ABSOLUTE]),
            (f"https://{'a' * 64}.no/", [NOT_ABSOLUTE]),
            ("https://api..example.no/", [NOT_ABSOLUTE]),
            ("https://%/condition", [NOT_ABSOLUTE]),
            ("https://api.example.no%2F.no/", [NOT_ABSOLUTE]),
            ("ftp://api.example.no/condition", [OTHER_SCHEME]),
            ("mailto:kari@example.no", [OTHER_SCHEME]),
            ("ftp://api.example.no/a b", [NOT_ABSOLUTE, OTHER_SCHEME]),
        ],
    )
    def test_anything_else_is_refused(
        self, service: Service, url: str, messages: list[str]
    ) -> None:
        request = chain(conditionEndpoint=url, reminders=[reminder(conditionEndpoint=url)])
        assert service.errors(FUTURE, request) == {
            "ConditionEndpoint": messages,
            "Reminders[0].ConditionEndpoint": messages,
        }
