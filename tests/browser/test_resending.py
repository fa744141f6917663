"""The reason for the desk: somebody did not get their message, and now they do."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from script.launcher.screenshots import demo, staff
from script.launcher.system.running_system import RunningSystem
from tests.browser.keyboard import tab_to

WRONG = "+4741002777"
RIGHT = "+4793000099"


def test_a_failed_sms_is_sent_to_the_corrected_number_and_delivered(
    desk: Callable[..., Page], system: RunningSystem
) -> None:
    order = demo.sms(system, "Nøkkelen ligger i kassen.", WRONG, reference="nøkkel-1")
    system.wait_for_completion(order)
    page = desk(staff.SUPPORT)
    page.goto("/admin/")
    page.get_by_role("searchbox").fill("41 00 27 77")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not delivered").first).to_be_visible()

    tab_to(page, page.get_by_role("link", name="Send again"))
    page.keyboard.press("Enter")
    expect(page.locator(".desk-bubble")).to_have_text("Nøkkelen ligger i kassen.")
    page.get_by_label("Corrected address").fill("930 00 099")
    page.get_by_label("Reason").fill("The caller read out the number once more.")
    page.get_by_label("Case reference").fill("SAK-2025-18")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Read it again, then confirm.")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("1 notification is sent again.")).to_be_visible()

    # The page of the new one, which tells by itself what becomes of it.
    expect(page.get_by_role("link", name="Resend of another notification")).to_be_visible()
    system.wait_for_completion(order)
    expect(page.locator(".desk-message-head")).to_contain_text("Delivered", timeout=30_000)
    page.reload()
    expect(page.locator(".desk-timeline")).to_contain_text("1 SMS: Delivered")
    [message] = system.outside.messages(to=RIGHT)
    assert message["text"] == "Nøkkelen ligger i kassen."
