"""Through the identity provider and back, as a member of staff meets it."""

from playwright.sync_api import Page, expect

from script.launcher.system.running_system import RunningSystem
from tests.browser.accessibility import violations
from tests.browser.watching import Watch


def log_in(page: Page, name: str, groups: str) -> None:
    page.get_by_role("link", name="Log in with single sign-on").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Groups").fill(groups)
    page.get_by_role("button", name="Continue").click()


def test_staff_log_in_at_the_identity_provider_and_out(
    page: Page, system: RunningSystem, watch: Watch
) -> None:
    page.goto("/admin/orders/order/")
    assert not violations(page)
    log_in(page, "kari", "desk")
    expect(page).to_have_url("/admin/orders/order/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Orders")
    page.get_by_role("button", name="kari").click()
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/")
    expect(page).to_have_url("/admin/login/?next=/admin/")
    watch.expect(f"request to {system.outside.url}/staff/authorize")


def test_who_has_no_role_is_told_so_and_finds_the_way_back(
    page: Page, system: RunningSystem, watch: Watch
) -> None:
    page.goto("/admin/login/")
    log_in(page, "gjest", "canteen")
    expect(page.get_by_text("Your account gives no access here. Ask for a role.")).to_be_visible()
    assert not violations(page)
    page.get_by_role("link", name="Back to log-in").click()
    expect(page.get_by_label("Username")).to_be_visible()
    watch.expect(f"request to {system.outside.url}/staff/authorize", "403 (Forbidden)")
