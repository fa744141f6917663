"""Examines the installation: `manage.py doctor`."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandParser

from config.doctor.examination import examine
from runtime.findings import Finding, Verdict


class Command(BaseCommand):
    help = (
        "Says of everything that this system needs whether it is well, and what to do if not: one"
        " line each. Sends no SMS and no e-mail, changes nothing, and shows no secret. The exit"
        " status is 1 if anything FAILED. Example: manage.py doctor --json"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the findings as JSON.")

    def handle(self, *, json: bool, **options: object) -> None:
        found = []
        for finding in examine():
            found.append(finding)
            if not json:
                self.stdout.write(self._line(finding))
        if json:
            self.stdout.write(_as_json(found))
        if any(finding.verdict is Verdict.FAILED for finding in found):
            raise SystemExit(1)

    def _line(self, finding: Finding) -> str:
        style = {
            Verdict.OK: self.style.SUCCESS,
            Verdict.WARNING: self.style.WARNING,
            Verdict.FAILED: self.style.ERROR,
        }[finding.verdict]
        says = " ".join(f"{finding.says} {finding.remedy}".split())
        return f"{finding.name:<42} {style(f'{finding.verdict:<7}')} {says}"


def _as_json(found: list[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2)
