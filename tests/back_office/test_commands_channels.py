"""The commands on gateways: pause and resume a channel, replay dead reports; and help for all."""

import os
import pwd
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.utils import timezone

from back_office.models import StaffAction
from dispatch.models import ChannelPause, DeliveryReport
from tests.back_office.action_commands import REASON, run, run_json, run_refused
from tests.building import NOON

pytestmark = pytest.mark.django_db

COMMANDS = [
    "resend",
    "hold",
    "release",
    "stop",
    "cancel_order",
    "process_orders",
    "send_now",
    "pause_channel",
    "resume_channel",
    "replay_reports",
    "after_restore",
]


def report(channel: str = "Sms") -> DeliveryReport:
    return DeliveryReport.objects.create(
        channel=channel,
        reference="42",
        status="Delivered",
        report={},
        received=NOON,
        state="Dead",
        next_attempt_at=NOON,
    )


def test_a_channel_is_paused_and_resumed() -> None:
    assert run("pause_channel", "sms", *REASON) == "SMS is paused until somebody resumes it."
    row = ChannelPause.objects.get()
    assert (row.channel, row.cause, row.reason) == ("Sms", "Person", REASON[1])
    assert row.set_by == pwd.getpwuid(os.getuid()).pw_name
    assert run_json("resume_channel", "Sms", "--dry-run")["pauses"] == 1
    assert ChannelPause.objects.exists()
    assert run("resume_channel", "Sms", *REASON) == "The channel goes on."
    assert not ChannelPause.objects.exists()
    assert run_refused("resume_channel", "Sms", *REASON) == "The channel was not paused."
    assert [line.what for line in StaffAction.objects.order_by("id")] == ["Paused", "Resumed"]


def test_a_pause_may_have_an_end() -> None:
    until = timezone.now().replace(microsecond=0) + timedelta(hours=2)
    words = ("pause_channel", "Email", "--until", until.isoformat())
    assert run_json(*words, "--dry-run") == {
        "dry_run": True,
        "channel": "Email",
        "until": until.isoformat(),
    }
    assert not ChannelPause.objects.exists()
    run(*words, *REASON)
    assert ChannelPause.objects.get().until == until
    with pytest.raises(CommandError, match="--until is in the past"):
        run("pause_channel", "Email", "--until", "2020-01-01", *REASON)


def test_dead_reports_are_replayed() -> None:
    one, other, mail = report(), report(), report("Email")
    assert run_json("replay_reports", one.pk, "--dry-run")["count"] == 1
    assert DeliveryReport.objects.dead().count() == 3
    assert run_json("replay_reports", one.pk, *REASON) == {
        "dry_run": False,
        "count": 1,
        "others": 0,
    }
    run("replay_reports", "--all", "--channel", "Sms", *REASON)
    other.refresh_from_db()
    mail.refresh_from_db()
    assert (other.state, mail.state) == ("Waiting", "Dead")
    assert run_refused("replay_reports", one.pk, *REASON)
    for words in ((), (one.pk, "--all"), (one.pk, "--channel", "Sms")):
        with pytest.raises(CommandError, match=r"--all"):
            run("replay_reports", *words, *REASON)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_that_can_be_run(name: str) -> None:
    command = load_command_class("back_office", name)
    described = command.help
    assert f"Example: manage.py {name} " in described
    assert described in " ".join(command.create_parser("manage.py", name).format_help().split())


def test_nothing_done_is_told_by_the_exit_status() -> None:
    """As a shell sees it."""
    ended = subprocess.run(
        [sys.executable, "manage.py", "pause_channel", "Fax"], capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "The channel is Sms or Email." in ended.stderr
    with pytest.raises(SystemExit) as vain:
        call_command("resume_channel", "Sms", *REASON, stdout=StringIO())
    assert vain.value.code == 1
