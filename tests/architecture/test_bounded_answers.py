"""What others answer is read up to a bound, so that an answer without end costs no memory."""

import re

from tests.architecture.test_tree import APPS, ROOT, modules

WHOLE = re.compile(r"await \w+\.(?:read|text|json)\(\)|\bur" + r"lopen\(|\bPyJWKClient\(")


def test_no_answer_is_read_whole_however_long_it_is() -> None:
    found = [
        (str(module), one)
        for module in modules()
        if module.parts[0] in APPS
        for one in WHOLE.findall((ROOT / module).read_text())
    ]
    assert found == []


def test_one_that_is_would_be_found() -> None:
    assert WHOLE.search("answer = json.loads(await response.read())")
