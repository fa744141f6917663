"""The desk's controls work in a browser that evaluates no code (attack A23)."""

import re
from collections.abc import Callable, Iterator

from playwright.sync_api import Locator, Page, expect

from script.launcher.screenshots import staff
from script.launcher.screenshots.demo import Demo
from tests.browser.watching import Watch

PAGES = {
    "dashboard": "",
    "search": "search/",
    "statistics": "statistics/?days=30",
    "order": "orders/order/{mixed}/change/",
    "waiting order": "orders/order/{planned}/change/",
    "orders": "orders/order/",
    "notifications": "notifications/notification/",
    "nothing listed": "notifications/notification/?group=waiting",
    "case": "orders/order/{failed}/unmasked/",
    "resend": "orders/order/{failed}/do/resend-failed/",
    "hold": "orders/order/{planned}/do/hold/",
    "pause": "dispatch/channelpause/Sms/do/pause/",
    "export": "notifications/notification/export/",
    "pauses": "dispatch/channelpause/",
    "incidents": "dispatch/channelincident/",
    "reports": "dispatch/deliveryreport/",
    "attempts": "dispatch/attempt/",
    "service owners": "orders/creator/",
    "service owner": "orders/creator/1/change/",
    "ticks": "dispatch/jobrun/",
    "schedules": "django_celery_beat/periodictask/",
    "feed": "notifications/statusfeedentry/",
    "what staff did": "back_office/staffaction/",
    "failed log-ins": "axes/accessattempt/",
    "accounts": "auth/user/",
    "account": "auth/user/1/change/",
    "password": "password_change/",
}

PARSE = """() => {
  const isExpression = (name) =>
    name.startsWith("@") || name.startsWith(":") ||
    (name.startsWith("x-") && !/^x-(cloak|for|ref|teleport|transition|anchor)/.test(name));
  for (const element of document.querySelectorAll("*"))
    for (const { name, value } of element.attributes)
      if (isExpression(name) && value.trim())
        Alpine.evaluate(element, `false && (${value.trim().replace(/;$/, "")})`);
}"""
"""Parsed, not carried out: what follows `false &&` never is. A loop and a name are no expressions.
Alpine complains of what it cannot parse."""

INJECTED = (
    "<img src=x: onerror=\"document.title = 'run'\">",
    "<p x-init=\"document.title = 'run'\">",
    "<p x-init=\"window.document.title = 'run'\">",
    "<p x-init=\"$el.ownerDocument.title = 'run'\">",
    "<p x-init=\"$el.constructor.constructor('document.title = 1')()\">",
    "<p x-html=\"'<b>run</b>'\">",
    "<p hx-on:load=\"document.title = 'run'\">",
)
SEEN = "<p x-text=\"'seen by ' + 'Alpine'\"></p>"


def test_attack_a23_no_page_needs_code_to_be_evaluated(
    desk: Callable[..., Page], orders: Demo, watch: Watch
) -> None:
    page = desk(staff.CHIEF)
    for address in _addresses(page, orders):
        answer = page.goto(address)
        assert answer, address
        assert answer.ok, address
        assert "script-src 'self';" in answer.headers["content-security-policy"], address
        page.evaluate(PARSE)
        assert not watch.complaints, address
    page.locator("#main").evaluate("main => main.setAttribute('x-on:click', 'if (a) b')")
    with page.expect_event("pageerror"):
        page.evaluate(PARSE)
    watch.expect("CSP Parser Error")


def _addresses(page: Page, orders: Demo) -> Iterator[str]:
    """Of all pages that the menu leads to, of the first thing that each lists, and of actions."""
    page.goto("/admin/")
    listed = page.locator("#nav-sidebar a[href]").evaluate_all("all => all.map(one => one.href)")
    assert len(listed) > 12
    for address in dict.fromkeys(listed):
        yield address
        first = page.locator("#result_list th a[href], #result_list td a[href]").first
        if first.count():
            yield str(first.evaluate("one => one.href"))
    ids = {"mixed": orders.mixed, "failed": orders.failed, "planned": orders.planned}
    for address in (*PAGES.values(), "auth/user/add/", "auth/group/add/"):
        if not address.endswith("/") or address.count("/") > 2:  # the menu led to the lists
            yield f"/admin/{address.format(**ids)}"


def test_the_menu_is_folded_and_stays_so(desk: Callable[..., Page]) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/")
    menu, button = page.locator("#nav-sidebar"), _menu_button(page)
    expect(menu).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(menu).to_be_hidden()
    page.reload()
    expect(menu).to_be_hidden()
    button.click()
    expect(menu).to_be_visible()


def test_the_menu_opens_on_a_phone(desk: Callable[..., Page]) -> None:
    page = desk(staff.CHIEF)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/")
    menu = page.locator("#nav-sidebar")
    expect(menu).to_be_hidden()
    _menu_button(page).click()
    expect(menu).to_be_visible()
    menu.get_by_text("close", exact=True).click()
    expect(menu).to_be_hidden()


def _menu_button(page: Page) -> Locator:
    return page.locator("main button[aria-expanded]:visible").first


def test_the_theme_is_chosen_and_kept(desk: Callable[..., Page]) -> None:
    page = desk(staff.SUPPORT)
    page.goto("/admin/")
    html = page.locator("html")
    for theme, is_dark in (("Dark", True), ("Light", False), ("System", False)):
        page.get_by_role("button", name=staff.SUPPORT).click()
        page.get_by_role("button", name=theme).click()
        page.mouse.click(800, 500)
        expect(page.get_by_role("button", name="Log out")).to_be_hidden()
        page.reload()
        expect(html).to_have_class("dark" if is_dark else re.compile("^(?!.*dark)"))
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(html).to_have_class("dark")


def test_the_theme_is_chosen_before_the_log_in(page: Page) -> None:
    page.goto("/admin/login/")
    page.get_by_role("button", name="computer").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_class("dark")


def test_chosen_rows_bring_their_actions(desk: Callable[..., Page], orders: Demo) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/notifications/notification/")
    actions = page.locator("#changelist-actions")
    expect(actions).not_to_be_in_viewport()
    page.locator("#result_list .action-select").first.check()
    expect(actions).to_be_in_viewport()
    run = actions.get_by_role("button", name="Run")
    expect(run).to_be_hidden()
    actions.get_by_role("combobox").select_option(index=1)
    expect(run).to_be_visible()


def test_a_form_goes_where_its_page_came_from(desk: Callable[..., Page]) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/auth/user/1/change/?_changelist_filters=q%3Dx#nothing")
    action = page.locator("#user_form").get_attribute("action")
    assert action == "/admin/auth/user/1/change/?_changelist_filters=q%3Dx"
    page.get_by_label("First name").fill("Siri")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_role("status")).to_contain_text("was changed successfully")


def test_injected_markup_runs_no_code(desk: Callable[..., Page], watch: Watch) -> None:
    page = desk(staff.CHIEF)
    page.goto("/admin/")
    title = page.title()
    for markup in INJECTED:
        page.locator("#main").evaluate("(main, html) => main.innerHTML = html", markup + SEEN)
        expect(page.get_by_text("seen by Alpine")).to_be_visible()
        assert page.title() == title, markup
    watch.expect("script-src", "prohibited in the CSP build", "Undefined variable: document")
    watch.complaints.clear()
