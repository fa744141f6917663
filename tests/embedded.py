"""Gives a test run its own PostgreSQL and Valkey before Django reads its settings, and spares it
work that proves nothing.

Loaded early (`-p tests.embedded`): a conftest would come too late, since pytest-django reads the
settings before it.
"""

import gc
import os
import sys
from contextlib import ExitStack

import pytest

from script.launcher.services import ephemeral

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start what TEST_DATABASE_URL and TEST_REDIS_URL do not name; stop it when pytest ends."""
    options = early_config.known_args_namespace
    if options.help or options.version:
        return
    _keep_what_is_compiled()
    # One of several workers is a run of its own: what its parent has up is not for it.
    given = {} if "PYTEST_XDIST_WORKER" in os.environ else os.environ
    running = ExitStack()
    early_config.add_cleanup(running.close)
    urls = running.enter_context(ephemeral.services(given))
    os.environ.update(urls)
    # Whatever the tests start in processes of its own uses the same services.
    os.environ.update({f"TEST_{name}": url for name, url in urls.items()})


def pytest_collection_finish() -> None:
    """Half a million objects, among them every test, live until the run ends: not to look through
    them again and again saves a tenth of the processor's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def _keep_what_is_compiled() -> None:
    """Whatever the user's wish: each of the hundreds of processes that tests start would compile
    all of Django, and each run all tests, anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
