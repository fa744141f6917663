"""The simulators start and end as a process should."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from script.launcher.paths import ROOT
from script.launcher.system.simulators import Simulators, SimulatorsFailed
from script.launcher.system.staying_here import held
from tests.outside.conftest import ask

COMMAND = [sys.executable, "-m", "tests.simulators"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **held(), **environment},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Simulators]:
    simulators = Simulators(tmp_path)
    yield simulators
    simulators.stop()


def test_help_lists_the_environment() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert "SIMULATED_REGISTERS" in result.stdout


def test_a_missing_setting_is_named() -> None:
    result = run(SIMULATORS_PORT="5099")
    assert result.returncode == 1
    assert result.stderr == "simulators: SMS_GATEWAY_CLIENT is not set.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_even_with_an_answer_outstanding(
    own: Simulators, number: signal.Signals
) -> None:
    own.fault("gateway", "time-out")
    with socket.create_connection(("127.0.0.1", own.port)) as waiting:
        waiting.sendall(b"POST /gateway HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        begun = time.monotonic()
        os.kill(own.process.pid, number)
        assert own.process.wait(timeout=60) == 0
    assert time.monotonic() - begun < 20  # the answer would come in a minute


def test_it_ends_when_its_parent_is_gone(own: Simulators) -> None:
    assert own.process.stdin is not None
    own.process.stdin.close()
    assert own.process.wait(timeout=60) == 0


def test_a_taken_port_is_named(own: Simulators) -> None:
    result = run(**own.environment, SIMULATORS_PORT=str(own.port))
    assert result.returncode == 1
    assert str(own.port) in result.stderr
    assert "Traceback" not in result.stderr


def test_registers_of_ones_own_are_read(tmp_path: Path) -> None:
    registers = tmp_path / "registers.json"
    registers.write_text('{"persons": [{"nationalIdentityNumber": "01010112345"}]}')
    simulators = Simulators(tmp_path, {"SIMULATED_REGISTERS": str(registers)})
    url = simulators.environment["PROFILE_URL"] + "users/contactpoint/lookup"
    answer = ask("POST", url, {"nationalIdentityNumbers": ["01010112345", "11876995923"]})
    simulators.stop()
    assert [point["nationalIdentityNumber"] for point in answer.json["contactPointsList"]] == [
        "01010112345"
    ]


def test_unreadable_registers_stop_the_start(tmp_path: Path) -> None:
    registers = tmp_path / "registers.json"
    registers.write_text('{"persons": [{"name": "Ingen"}]}')
    with pytest.raises(SimulatorsFailed):
        Simulators(tmp_path, {"SIMULATED_REGISTERS": str(registers)})
