"""Getting in and out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from script.launcher.screenshots import staff
from script.launcher.system.running_system import RunningSystem
from tests.back_office.one_time_codes import code_of
from tests.browser.accessibility import violations
from tests.browser.conftest import log_in
from tests.browser.watching import Watch

HIRE = f"""
from django.contrib.auth.models import User
User.objects.create_user("koder", password={staff.PASSWORD!r}, is_staff=True)
"""


def test_staff_log_in_and_out(page: Page) -> None:
    page.goto("/admin/orders/order/")
    expect(page).to_have_url("/admin/login/?next=/admin/orders/order/")
    expect(page.get_by_label("Username")).to_be_focused()
    log_in(page, staff.SUPPORT)
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    page.get_by_role("button", name=staff.SUPPORT).click()
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/")
    expect(page).to_have_url("/admin/login/?next=/admin/")


def test_a_wrong_password_is_answered_in_a_sentence(page: Page) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username").fill(staff.SUPPORT)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter the correct username and password")).to_be_visible()


def test_an_account_is_made_on_one_page_with_one_role(desk: Callable[..., Page]) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/auth/user/add/")
    assert not violations(page)
    expect(
        page.get_by_text("There is no password: whoever comes by single sign-on")
    ).to_be_visible()
    page.get_by_label("Username").fill("nyansatt")
    page.get_by_label("operator").check()
    page.get_by_label("Reason").fill("New here.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("nyansatt is hired.")).to_be_visible()


def test_an_account_with_one_time_codes_logs_in_with_each_once(
    page: Page, system: RunningSystem
) -> None:
    system.command("shell", "-v", "0", "-c", HIRE)
    told = json.loads(system.command("totp", "koder", "--reason", "New here.", "--json"))
    page.goto("/admin/login/")
    assert not violations(page)
    code = code_of(told["uri"], datetime.now(UTC))
    for name, right in (("wrong", False), (staff.PASSWORD, True)):
        page.get_by_label("Username").fill("koder")
        page.get_by_label("Password").fill(name)
        page.get_by_label("One-time code").fill(code)
        page.get_by_role("button", name="Log in").click()
        if not right:
            expect(page.get_by_text("and a code of this minute")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    page.get_by_role("button", name="koder").click()
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("koder")
    page.get_by_label("Password").fill(staff.PASSWORD)
    page.get_by_label("One-time code").fill(code)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("that was not used before")).to_be_visible()


def test_a_request_to_another_host_is_refused_and_noted(page: Page, watch: Watch) -> None:
    page.goto("/admin/login/")
    answered = page.evaluate(
        "fetch('http://192.0.2.1/', {mode: 'no-cors'}).then(() => 'yes', () => 'no')"
    )
    assert answered == "no"
    watch.expect("192.0.2.1")
