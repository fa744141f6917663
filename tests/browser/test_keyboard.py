"""Everything can be reached and done without a mouse, and the focus is always seen."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from script.launcher.screenshots import staff
from script.launcher.screenshots.demo import Demo
from tests.browser.keyboard import tab_to

Desk = Callable[..., Page]


def test_tab_leads_to_the_search_box(desk: Desk) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/")
    tab_to(page, page.get_by_role("searchbox"))


def test_a_slash_leads_to_the_search_box_from_anywhere(desk: Desk, orders: Demo) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/orders/order/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.get_by_role("searchbox")).to_have_value("a/b")


def test_a_list_is_left_for_its_first_row(desk: Desk, orders: Demo) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/notifications/notification/")
    tab_to(page, page.locator("#result_list tbody a").first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/admin/notifications/notification/.*/change/"))


def test_filters_open_without_a_mouse(desk: Desk, orders: Demo) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/orders/order/")
    tab_to(page, page.get_by_role("button", name="Filters"))
    page.keyboard.press("Enter")
    expect(page.locator("#changelist-filter")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#changelist-filter")).to_be_hidden()


def test_the_menu_of_the_user_opens_without_a_mouse(desk: Desk) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/")
    tab_to(page, page.get_by_role("button", name=staff.SUPPORT))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_the_actions_of_a_notification_are_reached_and_done(desk: Desk, orders: Demo) -> None:
    page = desk(staff.SUPPORT)
    page.goto(f"/admin/orders/order/{orders.failed}/change/")
    tab_to(page, page.get_by_role("link", name="Show it"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Case reference")).to_be_focused()
