"""How far a long command has come, on one line of the terminal; a log file gets none of it."""

from django.core.management.base import OutputWrapper

_WIDTH = 30


class Progress:
    """Written over as it grows, and wiped at the end. `out` is a command's `stderr`."""

    def __init__(self, out: OutputWrapper, total: int) -> None:
        self._out, self._total = out, max(total, 1)
        self._is_shown = bool(out.isatty())

    def show(self, done: int, said: str = "") -> None:
        """A bar and what is said beside it; how many of how many, if nothing."""
        if self._is_shown:
            filled = _WIDTH * min(done, self._total) // self._total
            bar = "#" * filled + "." * (_WIDTH - filled)
            self._write(f"[{bar}] {said or f'{done:,} of {self._total:,}'}")

    def wipe(self) -> None:
        if self._is_shown:
            self._write("")

    def _write(self, line: str) -> None:
        self._out.write(f"\r\033[K{line}", ending="")
        self._out.flush()
