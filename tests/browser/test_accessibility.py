"""No page breaks a rule of WCAG 2.1 AA that a machine can find, in the light or in the dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from script.launcher.screenshots import demo, staff
from script.launcher.screenshots.demo import Demo
from tests.browser.accessibility import violations

PAGES = {
    "dashboard": "",
    "search": "search/",
    "statistics": "statistics/?days=30",
    "order": "orders/order/{mixed}/change/",
    "waiting order": "orders/order/{planned}/change/",
    "orders": "orders/order/",
    "notifications": "notifications/notification/",
    "nothing listed": "notifications/notification/?group=waiting",
    "case": "orders/order/{failed}/unmasked/",
    "resend": "orders/order/{failed}/do/resend-failed/",
    "hold": "orders/order/{planned}/do/hold/",
    "pause": "dispatch/channelpause/Sms/do/pause/",
    "export": "notifications/notification/export/",
    "pauses": "dispatch/channelpause/",
    "incidents": "dispatch/channelincident/",
    "reports": "dispatch/deliveryreport/",
    "attempts": "dispatch/attempt/",
    "service owners": "orders/creator/",
    "service owner": "orders/creator/1/change/",
    "ticks": "dispatch/jobrun/",
    "schedules": "django_celery_beat/periodictask/",
    "feed": "notifications/statusfeedentry/",
    "what staff did": "back_office/staffaction/",
    "failed log-ins": "axes/accessattempt/",
    "accounts": "auth/user/",
    "account": "auth/user/1/change/",
    "password": "password_change/",
}


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_is_for_everybody(address: str, desk: Callable[..., Page], orders: Demo) -> None:
    page = desk(staff.CHIEF)
    page.goto(
        f"/admin/{address.format(mixed=orders.mixed, failed=orders.failed, planned=orders.planned)}"
    )
    _is_for_everybody(page)


def test_the_page_of_a_message_is_for_everybody(desk: Callable[..., Page], orders: Demo) -> None:
    page = desk(staff.CHIEF)
    page.goto(f"/admin/orders/order/{orders.failed}/change/")
    page.locator(".desk-message a").first.click()
    expect(page).to_have_url(re.compile("/admin/notifications/notification/"))
    _is_for_everybody(page)


def test_what_was_found_is_for_everybody(desk: Callable[..., Page], orders: Demo) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/search/")
    page.get_by_role("searchbox").fill(demo.REACHED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("+47 93 00 ** **")
    _is_for_everybody(page)


def test_opened_filters_are_for_everybody(desk: Callable[..., Page], orders: Demo) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/notifications/notification/")
    page.get_by_role("button", name="Filters").click()
    expect(page.locator("#changelist-filter")).to_be_visible()
    _is_for_everybody(page)


def test_the_log_in_page_is_for_everybody(page: Page) -> None:
    page.goto("/admin/login/")
    _is_for_everybody(page)


def test_a_page_for_a_phone_needs_no_scrolling_sideways(
    desk: Callable[..., Page], orders: Demo
) -> None:
    page = desk(staff.CHIEF)
    page.set_viewport_size({"width": 390, "height": 844})
    for address in (
        "",
        "search/",
        "statistics/",
        f"orders/order/{orders.mixed}/change/",
        "orders/order/",
    ):
        page.goto(f"/admin/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


def _is_for_everybody(page: Page) -> None:
    assert page.locator("html").get_attribute("lang") == "en"
    found = violations(page)
    assert not found, "\n".join(found)
