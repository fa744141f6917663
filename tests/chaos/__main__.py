"""script/chaos: processes, database, broker and the outside world fail while messages flow."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from secrets import randbelow

from script.launcher.console import Refusal, step
from script.launcher.services.account import hand_over, service_account
from script.launcher.system.servers import Servers
from tests.chaos.repetitions import Cause
from tests.chaos.running import Finding, run

MESSAGES = 5_000
SECONDS = 60.0
SHOWN = 20


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 if every promise was kept."""
    options = _parser().parse_args(arguments)
    step(f"seed {options.seed}; script/chaos --seed {options.seed} does the same again")
    logs = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        with tempfile.TemporaryDirectory(prefix="notifications-chaos-", dir="/tmp") as folder:
            hand_over(Path(folder), service_account())
            servers = Servers(Path(folder))
            try:
                os.environ.update(servers.urls)
                finding = run(
                    logs,
                    servers,
                    seed=options.seed,
                    messages=options.messages,
                    seconds=options.seconds,
                )
            finally:
                servers.stop()
    except (Refusal, AssertionError) as reason:
        print(f"\n{reason}\nThe logs are in {logs}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.explain:
        for message, repetition in finding.verdict.repeated:
            print(f"  {message} {repetition.about}")
    _show(finding, options.seed)
    if finding.is_in_order:
        shutil.rmtree(logs)
        step("every promise was kept")
        return 0
    step(f"A PROMISE WAS BROKEN; the logs are in {logs}")
    return 1


def _show(finding: Finding, seed: int) -> None:
    verdict = finding.verdict
    rows = {
        "seed": seed,
        "faults": finding.faults.total(),
        "orders": finding.orders,
        "messages": verdict.messages,
        "lost": len(verdict.lost),
        **{f"duplicates after {cause}": verdict.repeated_by(cause) for cause in Cause},
        "ended as unknown": verdict.ended_unknown,
        "reports given up by the gateway": verdict.reports_given_up,
        "wrong statuses": len(verdict.wrong),
        "wrong about instant messages": len(verdict.instants),
        "wrong about webhooks": len(verdict.events),
        "leases lost without a cause": len(verdict.leases),
        "orders open": len(verdict.open_orders),
        "processes that ended by themselves": finding.ended.total(),
        "seconds to recover": f"{finding.seconds_to_recover:.1f}",
    }
    for name, count in sorted(finding.faults.items()):
        print(f"{count:5}  {name}")
    for answer, count in sorted(finding.instant_answers.items()):
        print(f"{count:5}  instant messages were answered {answer}")
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"  {name:{width}}  {value:>8}")
    for complaint in verdict.complaints[:SHOWN]:
        print(f"  ! {complaint}")
    for program, count in finding.ended.items():
        print(f"  ! {program} ended by itself {count} times")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=randbelow(2**32), help="Default: random.")
    parser.add_argument("--messages", type=int, default=MESSAGES, help=f"Default: {MESSAGES}.")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"How long all fails; default {SECONDS:g}."
    )
    parser.add_argument("--explain", action="store_true", help="Tell of each duplicate its cause.")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
