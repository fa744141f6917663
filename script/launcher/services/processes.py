"""Child processes that are watched, and that never outlive the launcher, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from script.launcher.console import Refusal
from script.launcher.services.account import Account, identity

PR_SET_PDEATHSIG = 1  # linux/prctl.h
POLL_SECONDS = 0.02
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Child:
    """A started program, its log file and the signal that asks it to end."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals


class ChildDied(Refusal):
    """A program that should run has ended; the text carries the end of its log."""

    def __init__(self, child: Child) -> None:
        super().__init__(
            f"{child.name} has ended ({_ending(child.process.returncode)})."
            f" The end of {child.log}:\n{last_lines(child.log)}"
        )


@dataclass(slots=True)
class Household:
    """Everything this launcher has started, in the order of starting."""

    log_folder: Path
    children: list[Child] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        account: Account | None = None,
        folder: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        orphan_signal: signal.Signals = signal.SIGKILL,
        stdin: bytes = b"",
    ) -> Child:
        """Start a program that ends with us. `orphan_signal` is what it gets if we are killed."""
        log = fresh_log(self.log_folder, name)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,  # Ctrl-C in the terminal reaches us alone: we set the order
                preexec_fn=tie_to_this_process(orphan_signal),
                **identity(account),
            )
        child = Child(name=name, process=process, log=log, stop_signal=stop_signal)
        self.children.append(child)
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.write(stdin)
                process.stdin.close()
        return child

    def check(self) -> None:
        """Raise ChildDied for the first program that has ended."""
        for child in self.children:
            if child.process.poll() is not None:
                raise ChildDied(child)

    def wait_until(self, ready: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Wait for a condition while everything lives; Refusal when it takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise Refusal(f"{what} took longer than {seconds:.0f} s; see {self.log_folder}.")
            time.sleep(POLL_SECONDS)

    def stop(self, *names: str, seconds: float = 10.0) -> None:
        """End these programs (all of them when none is named), side by side, in bounded time."""
        chosen = [child for child in self.children if not names or child.name in names]
        for child in chosen:
            if child.process.poll() is None:
                child.process.send_signal(child.stop_signal)
        deadline = time.monotonic() + seconds
        for child in chosen:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            # What is left of its session: itself when it would not listen, or its own children.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self.children.remove(child)


def tie_to_this_process(orphan_signal: signal.Signals) -> Callable[[], None]:
    """What a new child does before it becomes another program: ask the kernel to be signalled
    when we die.

    Must run after any change of user, which clears the request; subprocess does so. Only Linux
    knows this; elsewhere a SIGKILL of the launcher leaves its children running.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if sys.platform != "linux":
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if os.getppid() != parent:  # we died in between: the kernel will never tell
            os._exit(1)

    return before_exec


def children_of(pid: int) -> list[int]:
    """The processes that it has started itself. Only Linux tells."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for listed in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, listed.read_text().split())
    return found


def fresh_log(folder: Path, name: str) -> Path:
    """An empty log file; the one of the previous start is kept beside it as .1."""
    log = folder / f"{name}.log"
    if log.exists():
        log.replace(log.with_name(f"{name}.log.1"))
    log.touch(mode=0o600)
    return log


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, indented for the reader's screen."""
    lines = log.read_text(errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line}" for line in lines) or "    (nothing)"


def _ending(returncode: int) -> str:
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit status {returncode}"
