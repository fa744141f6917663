"""The tree keeps its promises: names that say something, and an opening sentence in each module."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "services", "selectors"}
APPS = (
    "back_office",
    "config",
    "dispatch",
    "events",
    "notifications",
    "orders",
    "recipients",
    "runtime",
)


def modules() -> list[Path]:
    folders = [ROOT / folder for folder in (*APPS, "bench", "script", "tests")]
    return [path.relative_to(ROOT) for folder in folders for path in folder.rglob("*.py")]


def test_no_module_is_a_bucket() -> None:
    assert [str(module) for module in modules() if module.stem in EMPTY_NAMES] == []


@pytest.mark.parametrize("app", APPS)
def test_every_module_opens_with_a_sentence(app: str) -> None:
    silent = [
        str(module)
        for module in modules()
        if module.parts[0] == app
        and "migrations" not in module.parts
        and (text := (ROOT / module).read_text())
        and not text.startswith('"""')
    ]
    assert silent == []


@pytest.mark.parametrize("name", ["production.env", "deploy/production.env", "keys/a.pem", "b.key"])
def test_attack_a31_secrets_of_an_installation_are_never_committed(name: str) -> None:
    words = ["git", "check-ignore", "--no-index", "--quiet", name]
    assert subprocess.run(words, cwd=ROOT, check=False).returncode == 0
