"""No page breaks a rule of WCAG 2.1 AA that a machine can find, in the light or in the dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from script.launcher.screenshots import demo, staff
from script.launcher.screenshots.demo import Demo
from script.launcher.system.running_system import RunningSystem
from tests.browser.accessibility import violations
from tests.browser.every_page import Rows, by_folder, page_among
from tests.browser.watching import Watch

FOLDERS = by_folder()

STATES = {
    "order": "orders/order/{mixed}/change/",
    "waiting order": "orders/order/{planned}/change/",
    "nothing listed": "notifications/notification/?group=waiting",
    "resend": "orders/order/{failed}/do/resend-failed/",
    "hold": "orders/order/{planned}/do/hold/",
}
"""Of pages that look otherwise by what they are about."""
PHONE_PX = 390


@pytest.fixture(scope="module")
def rows(system: RunningSystem, orders: Demo) -> Rows:
    return Rows.fill(system)


@pytest.mark.parametrize(
    ("folder", "patterns"), FOLDERS.items(), ids=[one.removeprefix("admin/") for one in FOLDERS]
)
def test_every_page_is_for_everybody(
    folder: str, patterns: list[str], desk: Callable[..., Page], rows: Rows
) -> None:
    """In the light and in the dark, and on a phone without scrolling sideways."""
    page = desk(staff.CHIEF)
    seen, found = [], []
    for pattern in patterns:
        for addresses in rows.choices(folder, pattern):
            address = page_among(addresses, page.context.request)
            if address is None or address in seen:
                continue
            seen.append(address)
            page.goto(address)
            found += [f"{address}: {what}" for what in [*violations(page), *_on_a_phone(page)]]
    assert f"/{folder}/" in seen
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        (staff.SUPPORT, "/admin/auth/user/", "403 (Forbidden)"),
        (staff.SUPPORT, "/admin/nowhere/", "404 (Not Found)"),
    ],
)
def test_a_refusal_is_for_everybody(
    who: str, address: str, status: str, desk: Callable[..., Page], watch: Watch
) -> None:
    page = desk(who)
    page.goto(address)
    found = [*violations(page), *_on_a_phone(page)]
    watch.expect(status)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("address", STATES.values(), ids=STATES)
def test_a_page_is_for_everybody_whatever_it_shows(
    address: str, desk: Callable[..., Page], orders: Demo
) -> None:
    page = desk(staff.CHIEF)
    page.goto(
        f"/admin/{address.format(mixed=orders.mixed, failed=orders.failed, planned=orders.planned)}"
    )
    _is_for_everybody(page)
    assert not _on_a_phone(page)


def test_the_page_of_a_notification_is_for_everybody(
    desk: Callable[..., Page], orders: Demo
) -> None:
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


def _is_for_everybody(page: Page) -> None:
    assert page.locator("html").get_attribute("lang") == "en"
    found = violations(page)
    assert not found, "\n".join(found)


def _on_a_phone(page: Page) -> list[str]:
    """What is wrong with the width of the page there."""
    wide = page.viewport_size
    assert wide
    page.set_viewport_size({"width": PHONE_PX, "height": 844})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(wide)
    return [f"{width} px wide on a phone"] if width > PHONE_PX else []
