"""CPU and memory of process trees, as the kernel accounts for them (proc(5))."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """CPU that the process and all that descend from it have used, the ended ones included."""
    return sum(_used(member) for member in family(pid)) / _TICKS


def family(pid: int) -> list[int]:
    """The process and its living descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children[int(fields[1])].append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        found.append(member := queue.pop())
        queue += children[member]
    return found


def forget_peak(pid: int) -> None:
    """Let `peak_bytes` begin anew for the process and its descendants."""
    for member in family(pid):
        Path(f"/proc/{member}/clear_refs").write_text("5")


def peak_bytes(pid: int) -> int:
    """The largest resident memory that a single process of the family has had."""
    return max(_status(member, "VmHWM") for member in family(pid))


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def _used(pid: int) -> int:
    fields = _stat(pid)
    return sum(int(value) for value in fields[11:15]) if fields else 0


def _stat(pid: int) -> list[str]:
    """The fields after the command's name, which may hold blanks; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


@dataclass(slots=True)
class Used:
    """CPU seconds by the name of the process, filled in when the measuring ends."""

    seconds: dict[str, float] = field(default_factory=dict)

    def per(self, count: int) -> dict[str, float]:
        """Milliseconds for each of so many units."""
        return {name: seconds / count * 1000 for name, seconds in self.seconds.items()}


@contextmanager
def measured(pids: Mapping[str, int]) -> Iterator[Used]:
    """What the named processes use while the block runs."""
    used = Used()
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    yield used
    used.seconds = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
