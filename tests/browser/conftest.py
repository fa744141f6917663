"""The running system with its staff and orders, and the browser in front of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from script.launcher.screenshots import demo, staff
from script.launcher.screenshots.demo import Demo
from script.launcher.services import chromium
from script.launcher.system.running_system import RunningSystem
from tests.browser.watching import Watch

FOLDER = __name__.rpartition(".")[0].replace(".", "/")
TIMEOUT_MS = 30_000.0


@pytest.hookimpl(trylast=True)  # after pytest has put the tests together that share a browser
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They come last: Playwright keeps an event loop in this thread until the run ends, and where
    one runs Django refuses to query the database."""
    items.sort(key=_is_ours)
    strays = [
        item.nodeid
        for item in items
        if "page" in getattr(item, "fixturenames", ()) and not _is_ours(item)
    ]
    if strays:
        raise pytest.UsageError(f"`page` is a browser's page, call it otherwise: {strays}")


def _is_ours(item: pytest.Item) -> bool:
    return f"{FOLDER}/" in item.nodeid


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    program = chromium.find()
    if program is None and chromium.is_required():
        pytest.fail(chromium.how_to_install())
    if program is None:
        pytest.skip(chromium.how_to_install())
    return {"executable_path": program, "args": chromium.flags()}


@pytest.fixture(scope="session")
def system(
    browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSystem]:
    """Web, worker and beat, with one member of staff for each group."""
    running = RunningSystem(tmp_path_factory.mktemp("browser"), name="browser")
    staff.hire(running)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def base_url(system: RunningSystem) -> str:
    return system.url


@pytest.fixture(scope="session")
def orders(system: RunningSystem) -> Demo:
    """Some orders, all but the planned ones at their end."""
    return demo.place(system)


@pytest.fixture(scope="session")
def browser_context_args(base_url: str) -> dict[str, Any]:
    return {
        "base_url": base_url,
        "locale": "en-GB",
        "viewport": {"width": 1400, "height": 900},
        "reduced_motion": "reduce",
    }


@pytest.fixture
def watch(base_url: str) -> Iterator[Watch]:
    """Over every page of the test, which fails in the end if anything is complained of."""
    watch = Watch(base_url)
    yield watch
    assert not watch.complaints, "\n".join(watch.complaints)


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], watch: Watch) -> BrowserContext:
    """Somebody who has not logged in."""
    return _watched(new_context(), watch)


@pytest.fixture(scope="session")
def cookies(browser: Browser, base_url: str) -> Callable[[str], Any]:
    """The state of a browser in which this account is logged in; each logs in once a run."""
    states: dict[str, Any] = {}

    def of(name: str) -> Any:
        if name not in states:
            context = browser.new_context(base_url=base_url)
            page = context.new_page()
            log_in(page, name)
            states[name] = context.storage_state()
            context.close()
        return states[name]

    return of


@pytest.fixture
def desk(
    new_context: Callable[..., BrowserContext], watch: Watch, cookies: Callable[[str], Any]
) -> Callable[..., Page]:
    """A page in a browser in which this account is logged in."""

    def of(name: str, **arguments: Any) -> Page:
        context = new_context(storage_state=cookies(name), **arguments)
        return _watched(context, watch).new_page()

    return of


def log_in(page: Page, name: str, password: str = staff.PASSWORD) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")


def _watched(context: BrowserContext, watch: Watch) -> BrowserContext:
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context)
    return context
