"""A sender from being asked for to being verified, as an operator does it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from script.launcher.screenshots import staff
from script.launcher.screenshots.demo import Demo
from tests.browser.accessibility import violations


def test_an_operator_registers_and_verifies_a_sender(
    desk: Callable[..., Page], orders: Demo
) -> None:
    page = desk(staff.OPERATOR)
    page.goto("/admin/orders/creator/1/change/")
    page.get_by_role("link", name="Register a sender").click()
    page.get_by_label("Sender").fill("post@ttd.example")
    page.get_by_label("Reason").fill("They asked for it.")
    page.get_by_role("button", name="Register a sender").click()
    expect(page.get_by_text("post@ttd.example is asked for.")).to_be_visible()
    expect(page.get_by_text("_dmarc.ttd.example")).to_be_visible()
    assert not violations(page)
    page.get_by_role("link", name="Verify the sender").click()
    expect(page.get_by_text("It is the first e-mail address of")).to_be_visible()
    page.get_by_label("Reason").fill("The domain is theirs.")
    page.get_by_role("button", name="Verify the sender").click()
    expect(page.get_by_text("1 sender: orders of its service owner")).to_be_visible()
    page.goto("/admin/orders/creator/1/change/")
    expect(page.locator("#senders").get_by_role("link", name="post@ttd.example")).to_be_visible()
