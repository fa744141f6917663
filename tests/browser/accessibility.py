"""axe-core's judgement of a page, and the few things that it finds and that stay."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
MEANT = ("heading-order", "landmark-one-main", "page-has-heading-one", "empty-heading")
"""Not grave to axe, but we mean them: headings in order, one main part, nothing outside of it."""

EXCEPTIONS = {
    # Django's own script for choosing groups and permissions names its icon, which needs a role.
    "aria-prohibited-attr": ".help-tooltip.search-label-icon",
}
"""By axe's rule, the elements that may break it. All are somebody else's markup."""

_RULES = {"resultTypes": ["violations"]}
_COLOURS = {**_RULES, "runOnly": ["color-contrast", "link-in-text-block"]}


def violations(page: Page) -> list[str]:
    """What is wrong with the page in the light, and with its colours in the dark."""
    found = _judged(page, "light", _RULES)
    page.evaluate("document.documentElement.classList.add('dark')")
    return found + _judged(page, "dark", _COLOURS)


def _judged(page: Page, theme: str, options: dict[str, Any]) -> list[str]:
    excluded = list(EXCEPTIONS.values())
    result = Axe().run(page, context={"exclude": excluded}, options=options)
    return [
        f"{theme}: {violation['id']} ({violation['impact']}): {node['html'][:200]}\n"
        f"    {' '.join(node['failureSummary'].split())}"
        for violation in result.response["violations"]
        if violation["impact"] in GRAVE or violation["id"] in MEANT
        for node in violation["nodes"]
    ]
