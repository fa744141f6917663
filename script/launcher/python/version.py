"""The oldest Python the product runs on. This file must be readable to older ones."""

import os
import shutil
import sys

OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def require_python() -> None:
    """Go on only with a Python that is new enough; hand over to one if PATH has it."""
    if sys.version_info >= OLDEST:
        return
    for name in NEWER:
        newer = shutil.which(name)
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606
    sys.exit(
        f"This needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and PATH has none: {sys.executable}"
        f" is Python {sys.version_info[0]}.{sys.version_info[1]}."
    )
