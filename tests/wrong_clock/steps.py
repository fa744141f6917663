"""The clock of a process that a test moves while the process runs."""

from pathlib import Path


class WrongClock:
    """`environment` is for processes that go by it, and have `settings` otherwise."""

    def __init__(self, file: Path, settings: str, *, ahead: float = 0.0) -> None:
        self._file = file
        self.is_ahead_by(ahead)
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "tests.wrong_clock.settings",
            "CLOCK_SETTINGS": settings,
            "CLOCK_FILE": str(file),
        }

    def is_ahead_by(self, seconds: float) -> None:
        """At once from one to the other: nobody may read half a number."""
        new = self._file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._file)
