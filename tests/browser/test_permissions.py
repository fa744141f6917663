"""What each group finds on the pages, and what it is refused at the address itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from script.launcher.screenshots import staff
from tests.browser.watching import Watch


@pytest.mark.parametrize("name", [staff.SUPPORT, staff.AUDITOR])
def test_neither_support_nor_auditors_can_pause_a_channel(
    name: str, desk: Callable[..., Page], watch: Watch
) -> None:
    page = desk(name)
    page.goto("/admin/dispatch/channelpause/")
    expect(page.get_by_role("heading", name="SMS", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Pause the channel")).to_have_count(0)
    answer = page.goto("/admin/dispatch/channelpause/Sms/do/pause/")
    assert answer
    assert answer.status == 403
    watch.expect("403 (Forbidden)")


def test_operators_can(desk: Callable[..., Page]) -> None:
    page = desk(staff.OPERATOR)
    page.goto("/admin/dispatch/channelpause/")
    page.get_by_role("link", name="Pause the channel").first.click()
    expect(page.get_by_label("Reason")).to_be_visible()


def test_support_sees_no_way_to_what_is_not_its_own(
    desk: Callable[..., Page], watch: Watch
) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Accounts")).to_have_count(0)
    answer = page.goto("/admin/auth/user/")
    assert answer
    assert answer.status == 403
    watch.expect("403 (Forbidden)")
