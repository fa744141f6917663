"""What an HTTP status other than success says about the message that was posted."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from dispatch.gateways.base import Evidence, Outcome

# Where a provider says "too many" without saying for how long. Seconds.
USUAL_PAUSE = 60.0
# What a provider may ask for at most: a slip of a digit must not stop a channel for years.
MAX_PAUSE = 7 * 24 * 3600.0

# We are not who we should be: every message would meet the same answer.
_WRONG_KEY = frozenset({401, 407})
# Our settings are wrong or our access has ended; but some providers say 403 of one message, too,
# whose from-address is not verified: https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity
_NOT_WELCOME = frozenset({402, 403, 404, 405, 410})
# Of the shape of our requests, which is that of all: RFC 9110, 15.5, and RFC 6585.
_NOT_AS_WE_ASK = frozenset({406, 411, 415, 417, 421, 426, 428, 431, 451})
_SERVER_WAS_BUSY = frozenset({408, 425})
# Of a server in between, which handed the request on and had no answer: what became of it is as
# open as after a time-out of ours. RFC 9110, 15.6.5; Cloudflare has one of its own:
# https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
_TIMED_OUT_BEHIND = frozenset({504, 524})


def meaning_of_status(
    status: int, *, of: str, retry_after: str | None, now: datetime, words: str = ""
) -> Outcome:
    """`of` is who answered, `words` what it said beside the status, `retry_after` the header.

    A server error is taken at its word: the message was not accepted. But a time-out behind the
    server is none of its own.
    """
    said = f"{of} answered with status {status}{': ' * bool(words)}{words}"
    if status == 429:
        wait = seconds_to_wait(retry_after, now=now)
        return Outcome.rate_limited(f"{said}.", retry_after=wait)
    if status in _TIMED_OUT_BEHIND:
        return Outcome.unknown(f"{said}: it had no answer in time.")
    if status >= 500 or status in _SERVER_WAS_BUSY:
        return Outcome.channel_error(f"{said}.")
    if status in _WRONG_KEY:
        return Outcome.refused(f"{said}. Our access is wrong.", Evidence.CONNECTION)
    if status in _NOT_WELCOME | _NOT_AS_WE_ASK or 300 <= status < 400:
        return Outcome.refused(f"{said}. Its address in the settings or our access is wrong.")
    if status >= 400:
        return Outcome.failed(f"{said}.")
    return Outcome.unknown(f"{said}, which says nothing about the message.")


def seconds_to_wait(retry_after: str | None, *, now: datetime) -> float:
    """What a Retry-After header asks for: seconds or a date (RFC 9110, 10.2.3)."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after or "") - now).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return USUAL_PAUSE
    if seconds != seconds:  # "nan" is a float, and no time
        return USUAL_PAUSE
    return min(max(seconds, 1.0), MAX_PAUSE)
