"""Whether the settings are complete, and fit for where they are used."""

from collections.abc import Iterable

from django.core.checks import CheckMessage, run_checks

from runtime.findings import Check, Finding, failed, ok, warning


def examine() -> list[Finding]:
    """All of Django's and our own checks; no database is asked."""
    found = [message for message in run_checks() if not message.is_silenced()]
    return list(_told(found)) or [ok("settings", "Complete.")]


def _told(found: Iterable[CheckMessage]) -> Iterable[Finding]:
    for message in found:
        say = failed if message.is_serious() else warning
        yield say("settings", str(message.msg), str(message.hint or ""))


CHECK = Check("settings", examine)
