"""The records of a sender's domain: what to publish, and what was found."""

from django.utils.translation import gettext as _

from back_office.wording import sender_findings
from dispatch.sender_records.check import wanted
from orders.models import Sender


def to_copy(row: Sender) -> dict[str, object] | None:
    """For unfold's table; None for what has no domain."""
    if row.kind != Sender.Kind.EMAIL:
        return None
    return {
        "headers": [_("Name"), _("Type"), _("Value")],
        "rows": [[one.name, "TXT", one.value] for one in wanted(row.domain)],
    }


def found(row: Sender) -> dict[str, object] | None:
    """For unfold's table; None where nothing was looked up yet."""
    if not row.findings:
        return None
    return {
        "headers": [_("Record"), _("State"), _("Found")],
        "rows": [
            [one["record"], sender_findings.verdict(one), sender_findings.sentence(one)]
            for one in row.findings
        ],
    }
