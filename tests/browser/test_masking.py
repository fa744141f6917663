"""Personal data on the pages: masked, opened for a case, and masked again."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from script.launcher.screenshots import staff
from script.launcher.screenshots.demo import Demo
from script.launcher.system.running_system import RunningSystem

NUMBER = re.compile(r"410\s?01\s?234|41\s?00\s?12\s?34")


def test_a_masked_number_is_not_in_the_source_of_any_page(
    desk: Callable[..., Page], orders: Demo
) -> None:
    page = desk(staff.SUPPORT)
    for address in ("notifications/notification/", f"orders/order/{orders.failed}/change/"):
        page.goto(f"/admin/{address}")
        _is_masked(page)
    page.get_by_role("link", name="+47 41 00 ** **").click()
    expect(page).to_have_url(re.compile("/admin/notifications/notification/"))
    _is_masked(page)


def test_a_number_shown_for_a_case_is_masked_again_on_the_way_back(
    desk: Callable[..., Page], orders: Demo, system: RunningSystem
) -> None:
    page = desk(staff.SUPPORT)
    masked = f"/admin/orders/order/{orders.failed}/change/"
    page.goto(masked)
    page.get_by_role("link", name="Show it").click()
    page.get_by_label("Case reference").fill("SAK-2025-17")
    page.get_by_role("button", name="Show personal data").click()
    expect(page.get_by_text("Shown unmasked for case SAK-2025-17.")).to_be_visible()
    assert NUMBER.search(page.content())

    page.go_back()
    page.go_back()
    expect(page).to_have_url(masked)
    _is_masked(page)
    page.reload()
    _is_masked(page)
    assert system.query(
        "SELECT what, staff_name, case_reference, subject_id FROM back_office_staffaction"
        " WHERE what = 'Unmasked'"
    ) == [("Unmasked", staff.SUPPORT, "SAK-2025-17", orders.failed)]


def test_who_may_not_see_personal_data_is_not_asked_for_a_case(
    desk: Callable[..., Page], orders: Demo
) -> None:
    page = desk(staff.AUDITOR)
    page.goto(f"/admin/orders/order/{orders.failed}/change/")
    expect(page.get_by_role("link", name="Show it")).to_have_count(0)
    _is_masked(page)


def _is_masked(page: Page) -> None:
    expect(page.get_by_role("main")).to_contain_text("+47 41 00 ** **")
    assert not NUMBER.search(page.content())
