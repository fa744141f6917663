"""Looks up what the domain of an e-mail address has published."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.audit import log
from back_office.audit.log import Subjects
from back_office.models import StaffAction
from back_office.wording import sender_findings
from dispatch.sender_records import check
from orders.models import Sender
from orders.senders import sender_decisions
from runtime.web.outgoing import give_back_connection


class CheckSender(Action[Sender, int]):
    """It decides nothing, and no connection to the database is held meanwhile."""

    name = "check"
    permission = "back_office.manage_senders"
    title = gettext_lazy("Check the DNS records")
    icon = "dns"
    on_list = False

    def fits(self, row: Sender) -> bool:
        is_open = row.state != Sender.State.REVOKED
        return row.kind == Sender.Kind.EMAIL and is_open and check.can_check()

    def preview(self, request: ActionRequest[int]) -> Preview:
        row = Sender.objects.get(pk=request.ids[0])
        if not self.fits(row):
            return Preview(_("There is nothing that could be checked."), possible=False)
        return Preview(
            _("SPF, DKIM and DMARC of %(domain)s are looked up, which may take some seconds.")
            % {"domain": row.domain}
        )

    def run(self, request: ActionRequest[int]) -> Done:
        row = Sender.objects.get(pk=request.ids[0])
        if not self.fits(row):
            return Done(_("There is nothing that could be checked."), success=False)
        give_back_connection()
        findings = check.check(row.domain)
        is_right = check.is_right(findings)
        stored = [one.as_stored() for one in findings]
        with transaction.atomic():
            sender_decisions.note_check(row, stored, is_right=is_right, now=request.now)
            log.record_about(
                StaffAction.What.SENDER_CHECKED,
                Subjects.senders([row.pk]),
                by=request.by,
                why=request.why,
                detail={"right": is_right},
                now=request.now,
            )
        told = " ".join(f"{one['record']}: {sender_findings.sentence(one)}" for one in stored)
        return Done(told, {"right": is_right}, success=is_right)
