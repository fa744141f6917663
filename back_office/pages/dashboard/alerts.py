"""What on the front page somebody should look at now, in short sentences."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from back_office.pages.dashboard.figures import Figures
from back_office.templatetags.figures import channel_name
from dispatch.models import ChannelPause


def alerts(figures: Figures) -> list[str]:
    """Without numbers that change all the time: the sentences are read aloud when they change."""
    return list(_alerts(figures))


def _alerts(figures: Figures) -> Iterator[str]:
    for channel in {pause.channel: None for pause in figures.pauses or ()}:
        causes = {pause.cause for pause in figures.pauses or () if pause.channel == channel}
        if ChannelPause.Cause.PERSON in causes:
            yield _("%(channel)s is paused by staff.") % {"channel": channel_name(channel)}
        else:
            yield _("%(channel)s is paused because of trouble.") % {
                "channel": channel_name(channel)
            }
    late = [health.about for health in figures.jobs if health.is_late]
    if late and len(late) == sum(health.is_on for health in figures.jobs):
        yield _("No periodic job runs: are beat and the workers up?")
    elif late:
        yield ngettext(
            "%(count)s periodic job is late.", "%(count)s periodic jobs are late.", len(late)
        ) % {"count": len(late)}
    if any(health.has_failed for health in figures.jobs):
        yield _("A periodic job failed in its last run.")
    if figures.dead_reports and figures.dead_reports.count:
        yield _("Unmatched delivery reports need attention.")
    if figures.backed_off:
        yield _("Orders wait for another try after a failure.")
