"""What verifying and revoking senders have in common."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext as _

from back_office.actions.action import Action, ActionRequest, Done, Preview, Refused
from back_office.audit import log
from back_office.audit.log import Subjects
from back_office.models import StaffAction
from back_office.wording.counts import and_others
from orders.models import Sender


class SenderDecision(Action[Sender, int]):
    """Of senders in one of the `fitting` states."""

    permission = "back_office.manage_senders"
    fitting: ClassVar[Collection[Sender.State]]
    what: ClassVar[StaffAction.What]

    @abstractmethod
    def decide(self, ids: Collection[int], *, now: datetime) -> list[Sender]:
        """Those that it was done to."""

    @abstractmethod
    def says(self, count: int) -> str: ...

    def warnings(self, rows: Sequence[Sender]) -> list[str]:
        return []

    def left_alone(self, rows: Sequence[Sender]) -> tuple[list[Sender], Refused]:
        """Those of the fitting ones that it can be done to, and why not to the others."""
        return list(rows), ()

    def fits(self, row: Sender) -> bool:
        return row.state in self.fitting

    def preview(self, request: ActionRequest[int]) -> Preview:
        known = Sender.objects.filter(pk__in=request.ids, state__in=self.fitting)
        fitting = list(known.select_related("creator").order_by("pk"))
        rows, refused = self.left_alone(fitting)
        others = len(set(request.ids)) - len(fitting)
        by_state = [(_("Its state does not allow it."), others)] if others else []
        return Preview(
            self.says(len(rows)),
            {"count": len(rows), "others": len(set(request.ids)) - len(rows)},
            refused=[*refused, *by_state],
            warnings=self.warnings(rows),
            possible=bool(rows),
        )

    def run(self, request: ActionRequest[int]) -> Done:
        with transaction.atomic():
            rows = self.decide(request.ids, now=request.now)
            log.record_about(
                self.what,
                Subjects.senders([row.pk for row in rows]),
                by=request.by,
                why=request.why,
                now=request.now,
            )
        others = len(set(request.ids)) - len(rows)
        return Done(
            and_others(self.says(len(rows)), others),
            {"count": len(rows), "others": others},
            success=bool(rows),
        )
