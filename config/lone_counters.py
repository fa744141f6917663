"""Prometheus' client counts for its own process alone where the folder to share is no folder.

It looks for PROMETHEUS_MULTIPROC_DIR as it is loaded. With one that cannot be written to, each
program would end with a traceback before its settings are judged (config.setting_rules), which
says what is wrong; with an empty one it would write where it was started.
"""

import importlib
import os
from pathlib import Path

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def is_usable(folder: str) -> bool:
    try:
        return Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)
    except OSError:  # longer than any path
        return False


def load_client() -> None:
    """Before anybody else loads it."""
    given = os.environ.get(SHARED_FOLDER)
    if given is None or (given and is_usable(given)):
        return
    del os.environ[SHARED_FOLDER]
    try:
        importlib.import_module("prometheus_client")
    finally:
        os.environ[SHARED_FOLDER] = given


load_client()
