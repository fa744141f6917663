"""Deeds on delivery reports: have the dead ones look for their messages again."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions import replay, sentences
from back_office.actions.action import Asked, Deed, Done, Outlook
from dispatch.models import DeliveryReport


class Replay(Deed):
    name = "replay"
    permission = "back_office.replay_reports"
    title = gettext_lazy("Replay")
    icon = "replay"
    command = "manage.py replay_reports --all --reason ..."

    def fits(self, row: Any) -> bool:
        return bool(row.state == DeliveryReport.State.DEAD)

    def look_ahead(self, asked: Asked) -> Outlook:
        found = replay.look_ahead(asked.ids)
        refused = [(_("Not dead."), found.others)] if found.others else []
        return Outlook(sentences.will_replay(found), refused=refused, possible=found.count > 0)

    def do(self, asked: Asked) -> Done:
        done = replay.replay(asked.ids, by=asked.by, why=asked.why, now=asked.now)
        return Done(sentences.replayed(done), success=done.count > 0)


REPORT_DEEDS: tuple[Any, ...] = (Replay(),)
