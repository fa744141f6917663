"""Bokmål and English, as each member of staff chooses."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from script.launcher.screenshots import staff


def test_staff_switch_to_bokmal_and_back(desk: Callable[..., Page]) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/password_change/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    _choose(page, "Bokmål")
    expect(page.locator("html")).to_have_attribute("lang", "nb")
    page.get_by_role("button", name=staff.SUPPORT).click()
    expect(page.get_by_role("button", name="Logg ut")).to_be_visible()
    expect(page).to_have_url("/admin/password_change/")
    page.goto("/admin/")
    expect(page.locator("html")).to_have_attribute("lang", "nb")
    _choose(page, "English")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def _choose(page: Page, language: str) -> None:
    page.get_by_role("button", name=staff.SUPPORT).click()
    page.get_by_role("button", name=language).click()
