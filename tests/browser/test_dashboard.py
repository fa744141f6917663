"""The front page, which stays true while somebody looks at it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from script.launcher.screenshots import demo, staff
from script.launcher.screenshots.demo import Demo
from script.launcher.system.running_system import RunningSystem

A_TURN_MS = 10_000


def test_the_figures_are_refreshed_in_place(
    desk: Callable[..., Page], orders: Demo, system: RunningSystem
) -> None:
    page = desk(staff.OPERATOR)
    page.clock.install()
    page.goto("/admin/")
    sent = page.locator("section", has=page.get_by_role("heading", name="SMS today")).locator("dd")
    before = int(sent.first.inner_text())
    page.evaluate("window.neverLeft = true")
    page.get_by_text("As a table").click()
    new = demo.sms(system, "Enda en melding.", demo.REACHED, reference="ny-1")
    system.wait_for_completion(new)

    def is_fresh() -> bool:
        page.clock.run_for(A_TURN_MS)
        page.wait_for_timeout(200)
        return int(sent.first.inner_text()) > before  # other tests' messages may count as well

    system.wait_for(is_fresh, "the page to count more SMS")
    assert page.evaluate("window.neverLeft")
    expect(page.locator("details[open]")).to_have_count(1)
