"""The colour and the name of each cause of a pause."""

from dispatch.models import ChannelPause

Cause = ChannelPause.Cause
CAUSES = {
    Cause.REFUSED: ("danger", Cause.REFUSED.label),
    Cause.RATE_LIMIT: ("info", Cause.RATE_LIMIT.label),
    Cause.BREAKER: ("warning", Cause.BREAKER.label),
    Cause.PERSON: ("warning", Cause.PERSON.label),
}
