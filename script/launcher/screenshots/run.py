"""script/screenshots: the pictures of docs/back-office.md, taken of a running system."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

from script.launcher.console import Refusal, step
from script.launcher.paths import ROOT
from script.launcher.screenshots import demo, staff
from script.launcher.screenshots.demo import Demo
from script.launcher.screenshots.pictures import smaller
from script.launcher.services import chromium, ephemeral
from script.launcher.system.running_system import RunningSystem

FOLDER = ROOT / "docs" / "images"
WIDE: ViewportSize = {"width": 1400, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: whose desk, and which page."""

    name: str
    who: str
    address: str
    size: ViewportSize
    is_dark: bool = False


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    argparse.ArgumentParser(prog="script/screenshots", description=__doc__).parse_args(arguments)
    try:
        program = chromium.provide()
        if program is None:
            raise Refusal(chromium.how_to_install())
        with ephemeral.services() as urls, tempfile.TemporaryDirectory() as folder:
            os.environ.update(urls)
            system = RunningSystem(Path(folder), name="screenshots")
            try:
                staff.hire(system)
                orders = demo.place(system)
                demo.count_past_days(system)
                step("web, worker and beat are up, and the example orders are through")
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(
                        executable_path=program, args=chromium.flags()
                    )
                    _take(browser, system, orders)
            finally:
                system.stop()
    except Refusal as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    return 0


def _shots(system: RunningSystem, orders: Demo) -> list[Shot]:
    message = f"/admin/notifications/notification/{demo.message_of(system, orders.failed)}"
    order, mixed = "/admin/orders/order", f"/admin/orders/order/{orders.mixed}/change/"
    return [
        Shot("dashboard", staff.OPERATOR, "/admin/", WIDE),
        Shot("dashboard-dark", staff.OPERATOR, "/admin/", WIDE, is_dark=True),
        Shot("statistics", staff.SUPPORT, "/admin/statistics/?days=30", WIDE),
        Shot("messages", staff.SUPPORT, "/admin/notifications/notification/", WIDE),
        Shot("order", staff.SUPPORT, mixed, WIDE),
        Shot("message-on-a-phone", staff.SUPPORT, f"{message}/change/", PHONE),
        Shot("send-again", staff.SUPPORT, f"{message}/do/resend/", WIDE),
        Shot("held-order", staff.OPERATOR, f"{order}/{orders.held}/change/", WIDE),
        Shot("channels", staff.OPERATOR, "/admin/dispatch/channelpause/", WIDE),
    ]


def _take(browser: Browser, system: RunningSystem, orders: Demo) -> None:
    FOLDER.mkdir(exist_ok=True)
    shots = _shots(system, orders)
    states = {who: _log_in(browser, system.url, who) for who in {shot.who for shot in shots}}
    operator = browser.new_context(base_url=system.url, storage_state=states[staff.OPERATOR])
    page = operator.new_page()
    _do(page, f"orders/order/{orders.held}/do/hold/", "The text names the wrong date.")
    _do(page, "dispatch/channelpause/Email/do/pause/", "The mail server moves tonight.")
    for shot in shots:
        context = browser.new_context(
            base_url=system.url,
            storage_state=states[shot.who],
            viewport=shot.size,
            color_scheme="dark" if shot.is_dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        page = context.new_page()
        page.goto(shot.address)
        picture = smaller(_picture(page))
        (FOLDER / f"{shot.name}.png").write_bytes(picture)
        step(f"{shot.name}.png, {len(picture) / 1000:.0f} kB")
        context.close()


def _do(page: Page, address: str, reason: str) -> None:
    """Do an action of the desk on its own page."""
    page.goto(f"/admin/{address}")
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("main").locator("button[type=submit]").last.click()
    page.get_by_text(reason).first.wait_for()


def _picture(page: Page) -> bytes:
    """Without the cursor, and with the fonts there."""
    page.evaluate("document.fonts.ready")
    return page.screenshot(caret="hide", animations="disabled")


def _log_in(browser: Browser, url: str, who: str) -> StorageState:
    context = browser.new_context(base_url=url, locale="en-GB")
    page = context.new_page()
    page.goto("/admin/login/")
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(staff.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    state = context.storage_state()
    context.close()
    return state


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
