"""Where things are: the checkout, its virtual environment and the state that is never committed."""

import os
from pathlib import Path

from .console import Refusal

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
VAR = ROOT / "var"


def make_var() -> Path:
    """Make the state folder, for its owner's eyes only.

    As root it may be passed through (not listed): PostgreSQL's data lies in it and belongs to
    another account, since PostgreSQL refuses to run as root.
    """
    if not VAR.exists():
        VAR.mkdir(mode=0o700)
    if VAR.stat().st_uid != os.geteuid():
        raise Refusal(
            f"{VAR} belongs to another user (uid {VAR.stat().st_uid}): run this as that user,"
            " or delete the folder to start afresh."
        )
    VAR.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return VAR
