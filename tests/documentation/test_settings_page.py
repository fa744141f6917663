"""The page of settings has every setting that the code reads, with its default, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from config.setting_rules.table import RULES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
MODULES = sorted((ROOT / "config" / "settings").glob("*.py"))
ROW = re.compile(r"^\| (?P<names>`.+?`) \| .+ \| (?P<defaults>[^|]*) \|$", re.M)
NAME = re.compile(r"`([A-Z][A-Z0-9_]+)`")
OTHERS = [ROOT / "README.md", ROOT / "deploy/README.md", *(ROOT / "docs").rglob("*.md")]
# A library's own variable; config.lone_counters names it.
READ_BY_PROMETHEUS_CLIENT = {"PROMETHEUS_MULTIPROC_DIR"}
# Its default is a path; the page has the word for it.
TOLD_OTHERWISE = {"EMAIL_BACKEND": "SMTP", "CASE_REFERENCE_PATTERN": "cases"}


def reads() -> Iterator[tuple[str, str]]:
    """Each `env.kind("NAME", default=...)`, and its default as the page would write it."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Call(ast.Attribute(ast.Name("env")), [ast.Constant(str(name)), *_]):
                    given = [word.value for word in node.keywords if word.arg == "default"]
                    yield name, shown(ast.literal_eval(given[0]) if given else None)


def shown(default: object) -> str:
    """Empty where there is none."""
    match default:
        case bool():
            return f"`{str(default).lower()}`"
        case int() | float():
            return f"{default:,.10g}"
        case list():
            return f"`{','.join(map(str, default))}`" if default else ""
        case str():
            return f"`{default}`" if default else ""
    return ""


def first_table() -> str:
    """What settings mean; what they may be follows after it."""
    return PAGE.read_text().partition("\n## ")[0]


def told() -> dict[str, str]:
    """What the page says of the default of each setting."""
    return {
        name: row["defaults"]
        for row in ROW.finditer(first_table())
        for name in NAME.findall(row["names"])
    }


def test_every_setting_that_is_read_is_on_the_page() -> None:
    names = {name for name, _ in reads()}
    assert len(names) > 50
    assert names - told().keys() == set()


def test_every_setting_on_the_page_is_read() -> None:
    from_prometheus = READ_BY_PROMETHEUS_CLIENT
    assert told().keys() - {name for name, _ in reads()} == from_prometheus
    assert all(
        f'"{name}"' in (ROOT / "config/lone_counters.py").read_text() for name in from_prometheus
    )


def test_the_environment_is_read_in_no_other_way() -> None:
    """Or there would be settings that these tests do not see; providers' keys are many."""
    elsewhere = [
        ast.unparse(node)
        for module in MODULES
        if module.name != "reading.py"
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "ENVIRON")
    ]
    assert elsewhere == []
    assert "| `ANYMAIL_...` |" in PAGE.read_text()


def test_every_default_is_told() -> None:
    page = told()
    for name, default in reads():
        expected = TOLD_OTHERWISE.get(name, default)
        if expected:
            assert expected in re.split("[,;:] (?![0-9]{3})|[ (]", page[name]), name
        else:
            assert page[name].strip() in ("", "none") or page[name].startswith("none:"), name


def test_each_setting_has_one_row_and_each_row_is_read() -> None:
    rows = [line for line in first_table().splitlines() if line.startswith("| `")]
    assert len(rows) == len(ROW.findall(first_table()))
    names = [name for row in rows for name in NAME.findall(row.split(" | ")[0])]
    assert sorted(names) == sorted(set(names))


def test_the_page_tells_what_each_setting_may_be() -> None:
    """A new setting gets its line in the table of rules; this shows the one for the page."""
    page = PAGE.read_text().splitlines()
    lines = [
        f"| `{name}` | {rule.allowed} | {rule.warned} |".replace("|  |", "| |")
        for name, rule in RULES.items()
    ]
    assert [line for line in lines if line not in page] == [], "not on the page"
    second_table = PAGE.read_text().partition("\n## ")[2].splitlines()
    told_of = [line for line in second_table if line.startswith("| `")]
    assert [line for line in told_of if line not in lines] == [], "on the page only"


def test_every_setting_that_is_read_has_a_rule_and_each_rule_is_of_one() -> None:
    read = {name for name, _ in reads()} | READ_BY_PROMETHEUS_CLIENT
    assert read - {"DJANGO_SETTINGS_MODULE"} == set(RULES)


def test_every_setting_that_another_page_names_is_on_this_one() -> None:
    named = {name for page in OTHERS for name in NAME.findall(page.read_text()) if "_" in name}
    assert named - told().keys() == set()
