"""Nobody asks this machine what time it is, but for the module that asks the database as well."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

from tests.architecture.test_tree import ROOT

PRODUCT = ("back_office", "config", "dispatch", "notifications", "orders", "recipients", "runtime")
CLOCKS = {
    "timezone.now",
    "timezone.localtime",
    "timezone.localdate",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
ALLOWED = {
    "runtime/clock.py": "Compares it with the database's.",
    "config/doctor/database.py": "So does the examination of this machine.",
}
# Told to people only, and compared with nothing.
STAMPED_BY_DJANGO = {"orders.Creator.created", "orders.CreatorEvent.created"}


def asked(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = ".".join(ast.unparse(node).split(".")[-2:])
            if name in CLOCKS:
                yield name
        if isinstance(node, ast.ImportFrom):
            yield from (
                name
                for one in node.names
                if (name := f"{(node.module or '').rpartition('.')[2]}.{one.name}") in CLOCKS
            )


def sources() -> list[Path]:
    found = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")]
    assert len(found) > 100
    return [path for path in found if "migrations" not in path.parts]


def test_only_the_clock_asks_this_machine_for_the_time() -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in sources()
        if (names := set(asked(ast.parse(path.read_text()))))
    }
    assert found.keys() == ALLOWED.keys(), found


@pytest.mark.parametrize(
    "source",
    [
        "from time import time",
        "from django.utils.timezone import now as what_time",
        "x = django.utils.timezone.now()",
        "y(default=timezone.now)",
        "datetime.datetime.now(UTC)",
    ],
)
def test_each_way_of_asking_is_found(source: str) -> None:
    assert list(asked(ast.parse(source)))


def test_no_model_stamps_rows_by_this_machine() -> None:
    stamped = {
        f"{model._meta.label}.{field.name}"
        for label in PRODUCT
        if apps.is_installed(label) or label == "back_office"
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, Field)
        and (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
        and not field.name.startswith("pgh_")  # by a trigger, with the database's now()
    }
    assert stamped == STAMPED_BY_DJANGO
