"""Finding what a caller asks about, and reading what became of it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from script.launcher.screenshots import staff
from script.launcher.screenshots.demo import Demo
from tests.browser.watching import Watch

Desk = Callable[..., Page]


def test_a_phone_number_with_spaces_leads_to_the_failed_sms_and_its_timeline(
    desk: Desk, orders: Demo
) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/")
    page.get_by_role("searchbox").fill("410 01 234")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"/admin/notifications/notification/[0-9a-f-]{36}/change/"))
    expect(page.get_by_role("main")).to_contain_text("Number barred")
    expect(page.get_by_role("main")).to_contain_text("The number is barred, blocked or not in use.")
    moments = page.locator(".desk-timeline li p:not(.desk-small)")
    assert moments.all_inner_texts() == [
        "Order accepted",
        "1 SMS created",
        "1 SMS sent to the gateway",
        "Delivery report for SMS",
        "1 SMS: Number barred",
    ]


def test_several_hits_are_listed_and_lead_on(desk: Desk, orders: Demo) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/orders/order/")
    page.get_by_role("searchbox").fill("930 00 042")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/admin/search/")
    hits = page.locator("section", has=page.get_by_role("heading", name="Notifications"))
    assert hits.locator("tbody tr").count() >= 2
    hits.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/admin/notifications/notification/.*/change/"))
    page.get_by_role("searchbox").fill("møte-5")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"/admin/orders/order/{orders.planned}/change/")
    page.get_by_role("searchbox").fill("nobody@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page).to_have_url("/admin/search/")


def test_an_html_email_is_shown_in_a_frame_where_no_script_runs(
    desk: Desk, orders: Demo, watch: Watch
) -> None:
    page = desk(staff.SUPPORT)
    page.goto(f"/admin/orders/order/{orders.html}/change/")
    frame = page.frame_locator("iframe[title='Body of the e-mail']")
    heading = frame.get_by_role("heading", name="Skatteoppgjøret er klart")
    expect(heading).to_have_css("color", "rgb(10, 92, 54)")  # its own style
    expect(page.locator("iframe")).to_have_attribute("sandbox", "")
    expect(page).not_to_have_title(re.compile("scripts run|^x$"))
    watch.expect("Blocked script execution in 'about:srcdoc'")
