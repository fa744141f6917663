"""Holds this process, and every process of Python that it starts, to this machine."""

import os
from pathlib import Path

from script.launcher.system.staying_here import sitecustomize

LOG = "LEAVING_LOG"
_FOLDER = str(Path(sitecustomize.__file__).parent)


def begin() -> None:
    """This process is held since the import; from now on so is what it starts."""
    os.environ["PYTHONPATH"] = held(os.environ.get("PYTHONPATH", ""))["PYTHONPATH"]


def held(path: str = "") -> dict[str, str]:
    """What a process needs whose environment is made anew. `path` is what else it imports from."""
    others = [folder for folder in path.split(os.pathsep) if folder not in ("", _FOLDER)]
    told = {LOG: os.environ[LOG]} if LOG in os.environ else {}
    return {"PYTHONPATH": os.pathsep.join([_FOLDER, *others]), **told}


class Log:
    """What this process, and those that it starts, have tried from now on."""

    def __init__(self, place: Path) -> None:
        place.touch()
        os.environ[LOG] = str(place)
        self._place = place
        self._read = 0

    def news(self) -> list[str]:
        """What has been tried since this was last asked."""
        if self._place.stat().st_size == self._read:
            return []
        with self._place.open() as log:
            log.seek(self._read)
            lines = log.readlines()
            self._read = log.tell()
        return [line.rstrip() for line in lines]
