"""The keyboard of somebody without a mouse."""

from playwright.sync_api import Locator, Page

MAX_STOPS = 80

_SHOWS_FOCUS = """(element) => {
  for (let one = element, up = 0; one && up < 3; one = one.parentElement, up++) {
    const style = getComputedStyle(one);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) return true;
  }
  return false;
}"""


def tab_to(page: Page, goal: Locator) -> None:
    """Press Tab until the goal has the focus, which shows at every stop."""
    passed = []
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        stop = page.locator("*:focus")
        if stop.count() != 1:  # the browser's own controls, or a frame
            continue
        name = stop.evaluate("element => element.outerHTML.slice(0, 120)")
        assert stop.evaluate(_SHOWS_FOCUS), f"nobody sees where the focus is: {name}"
        if goal.evaluate("element => element === document.activeElement"):
            return
        passed.append(name)
    raise AssertionError("not reached; passed:\n" + "\n".join(passed))
