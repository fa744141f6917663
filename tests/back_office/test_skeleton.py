"""Our skeleton of a page is unfold's, whichever release that is, but for what decision 24 says."""

import re
from pathlib import Path

import unfold

SKELETON = "templates/unfold/layouts/skeleton.html"
OTHERWISE = (
    r"\{# Unfold's, .*? #\}\n",
    r" *<script src=[^>]*/(alpine|alpine-csp-[\d.]+\.min|htmx|chart)\.js' %\}\"[^>]*></script>\n",
    r"\s+x-data=\"(desk\(.*?\)|\{.*?\})\"(\s+x-init=\".*?\"\s*)?(?=>)",
)


def test_only_the_scripts_and_the_data_of_the_page_are_others() -> None:
    ours, theirs = Path(SKELETON).read_text(), (Path(unfold.__file__).parent / SKELETON).read_text()
    for pattern in OTHERWISE:
        ours, in_ours = re.subn(pattern, "", ours, flags=re.DOTALL)
        theirs, in_theirs = re.subn(pattern, "", theirs, flags=re.DOTALL)
        assert in_ours or in_theirs, pattern
    assert ours == theirs
