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
