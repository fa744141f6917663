"""What is large and seldom needed is loaded by nobody who lives long."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "program",
    [
        "import config.asgi, django.urls; django.urls.get_resolver().url_patterns",
        "import config.celery; config.celery.app.loader.import_default_modules()",
    ],
    ids=["web", "worker"],
)
def test_pyarrow_is_loaded_where_a_file_is_written_and_nowhere_else(program: str) -> None:
    asked = f"{program}; import sys; print('pyarrow' in sys.modules, 'django' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split()[-2:] == ["False", "True"]


@pytest.mark.parametrize("library", ["opentelemetry.exporter", "sentry_sdk"])
def test_what_tells_others_is_loaded_where_it_is_turned_on_and_nowhere_else(library: str) -> None:
    """Both are optional, and cost memory and time (of OpenTelemetry redis loads a part itself)."""
    asked = (
        "import config.asgi, config.celery, sys; from config.watching.begin import begin; begin()"
    )
    said = subprocess.run(
        [sys.executable, "-c", f"{asked}; print({library!r} in sys.modules)"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split()[-1] == "False"
