"""Says in a sentence what a deed will do, or has done; for pages and the command line alike."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from back_office.actions.cancel import Cancelled
from back_office.actions.channels import Resumed
from back_office.actions.hold import Done, Outlook
from back_office.actions.replay import Replayed
from back_office.actions.resend import Outlook as ResendOutlook
from back_office.actions.resend import Resent
from back_office.actions.retry import Hurried
from back_office.models import StaffAction

What = StaffAction.What


def number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def will_resend(outlook: ResendOutlook) -> str:
    if not outlook.planned:
        return _("None of the messages can be sent again.")
    return ngettext(
        "%(count)s new message will be made, linked to the old one.",
        "%(count)s new messages will be made, each linked to the old one.",
        outlook.planned,
    ) % {"count": number(outlook.planned)}


def resent(done: Resent) -> str:
    made = ngettext(
        "%(count)s message is sent again.", "%(count)s messages are sent again.", done.made
    ) % {"count": number(done.made)}
    refused = sum(done.refused.values())
    if not refused:
        return made
    why = "; ".join(f"{number(count)}: {reason.label}" for reason, count in done.refused.items())
    return made + " " + _("Left alone: %(why)s") % {"why": why}


def will_hold(what: StaffAction.What, outlook: Outlook) -> str:
    """Also releases and stops."""
    if not outlook.orders:
        return {
            What.HELD: _("There is nothing to hold: no such order is still under way."),
            What.RELEASED: _("There is nothing to release: none of the orders is held."),
            What.STOPPED: _("There is nothing to stop: no such order is still under way."),
        }[what]
    waiting = outlook.tally.waiting + outlook.tally.not_expanded
    words = {
        What.HELD: _(
            "Orders to be held: %(orders)s. Messages that have not left, and will wait until the"
            " orders are released: %(messages)s."
        ),
        What.RELEASED: _(
            "Orders to be released: %(orders)s. Messages that go on: %(messages)s. What is due"
            " leaves at once, within the send window."
        ),
        What.STOPPED: _(
            "Orders to be stopped: %(orders)s. Messages that have not left, and never will:"
            " %(messages)s. This cannot be undone."
        ),
    }[what]
    return words % {"orders": number(outlook.orders), "messages": number(waiting)}


def held(what: StaffAction.What, done: Done) -> str:
    """ "312 messages held; 4,088 had already left.\""""
    if not done.orders:
        return _("Nothing was changed: no such order was left when it was to be done.")
    words = {
        What.HELD: ngettext(
            "%(messages)s message held; %(left)s had already left.",
            "%(messages)s messages held; %(left)s had already left.",
            done.messages,
        ),
        What.RELEASED: ngettext(
            "%(messages)s message goes on; %(left)s had already left.",
            "%(messages)s messages go on; %(left)s had already left.",
            done.messages,
        ),
        What.STOPPED: ngettext(
            "%(messages)s message stopped; %(left)s had already left.",
            "%(messages)s messages stopped; %(left)s had already left.",
            done.messages,
        ),
    }[what]
    said = words % {"messages": number(done.messages), "left": number(done.left)}
    if done.in_hand:
        said += " " + _("Being sent at this moment, to end as it does: %(count)s.") % {
            "count": number(done.in_hand)
        }
    return said


def will_cancel(outlook: Cancelled) -> str:
    if not outlook.ids:
        return _("None of the orders can be cancelled: they are past being registered.")
    return ngettext(
        "%(count)s order will be cancelled, before any message is made. This cannot be undone.",
        "%(count)s orders will be cancelled, before any message is made. This cannot be undone.",
        len(outlook.ids),
    ) % {"count": number(len(outlook.ids))}


def cancelled(done: Cancelled) -> str:
    said = ngettext("%(count)s order cancelled.", "%(count)s orders cancelled.", len(done.ids)) % {
        "count": number(len(done.ids))
    }
    return _and_others(said, done.others)


def will_process(outlook: Hurried) -> str:
    if not outlook.count:
        return _("None of the orders waits for another try.")
    return ngettext(
        "%(count)s order waits for another try, and will be tried at once.",
        "%(count)s orders wait for another try, and will be tried at once.",
        outlook.count,
    ) % {"count": number(outlook.count)}


def processed(done: Hurried) -> str:
    said = ngettext(
        "%(count)s order is tried now.", "%(count)s orders are tried now.", done.count
    ) % {"count": number(done.count)}
    return _and_others(said, done.others)


def will_send(outlook: Hurried) -> str:
    if not outlook.count:
        return _("None of the messages waits for another try.")
    return ngettext(
        "%(count)s message waits, and will be sent at once.",
        "%(count)s messages wait, and will be sent at once.",
        outlook.count,
    ) % {"count": number(outlook.count)}


def sent(done: Hurried) -> str:
    said = ngettext(
        "%(count)s message is sent now.", "%(count)s messages are sent now.", done.count
    ) % {"count": number(done.count)}
    return _and_others(said, done.others)


def resumed(done: Resumed) -> str:
    if not done.pauses:
        return _("The channel was not paused.")
    said = _("The channel goes on.")
    if done.expired:
        said += " " + ngettext(
            "%(count)s message expired while it was paused.",
            "%(count)s messages expired while it was paused.",
            done.expired,
        ) % {"count": number(done.expired)}
    return said


def will_replay(outlook: Replayed) -> str:
    if not outlook.count:
        return _("None of the reports is dead.")
    return ngettext(
        "%(count)s dead report will look for its message again.",
        "%(count)s dead reports will look for their messages again.",
        outlook.count,
    ) % {"count": number(outlook.count)}


def replayed(done: Replayed) -> str:
    said = ngettext(
        "%(count)s report looks for its message again.",
        "%(count)s reports look for their messages again.",
        done.count,
    ) % {"count": number(done.count)}
    return _and_others(said, done.others)


def _and_others(said: str, others: int) -> str:
    if not others:
        return said
    return f"{said} " + _("Left alone: %(count)s.") % {"count": number(others)}
