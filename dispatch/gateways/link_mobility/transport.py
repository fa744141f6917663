"""SMS through Link Mobility's XML gateway."""

from collections.abc import Mapping
from typing import Self

import aiohttp
from django.conf import settings
from yarl import URL

from dispatch.gateways.base import Evidence, Message, Outcome, unwritable
from dispatch.gateways.http_status import meaning_of_status
from dispatch.gateways.link_mobility import wire_format
from notifications.models import NotificationChannel
from orders.sms_length import MAX_SEGMENTS, count_segments
from orders.sms_senders import NO_NUMBERS, sender_name
from orders.sms_text import as_sent
from runtime import clock, outgoing

_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "Accept-Encoding": "identity"}
MAX_ANSWER = 65_536
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)


class LinkMobility:
    """One POST a message, on kept connections.

    What is known when an answer does not come decides whether a message may go twice:

    * The connection could not be made: nothing was sent, and it is safe to try again.
    * The connection was lost, or time ran out, after the request was handed to it: unknown. That
      holds for a kept connection too which the gateway closed at that very moment. It may have
      closed it before reading, but from here that looks the same as closing it after reading, so
      nothing is repeated behind the caller's back. A close that has reached us before the request
      leaves costs nothing: the pool drops that connection and opens another.
    """

    channel = NotificationChannel.SMS
    reports_delivery = True

    def __init__(
        self,
        *,
        url: str,
        client: str,
        password: str,
        default_sender: str,
        numbers_by_country: Mapping[str, str] = NO_NUMBERS,
        max_in_flight: int,
        timeout: aiohttp.ClientTimeout,
    ) -> None:
        self.max_in_flight = max_in_flight
        self.max_send = timeout.total or 0.0
        self._url = URL(url)
        self._timeout = timeout
        self._writer = wire_format.Writer(
            client=client,
            password=password,
            default_sender=default_sender,
            numbers_by_country=numbers_by_country,
        )

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            url=settings.SMS_GATEWAY_URL,
            client=settings.SMS_GATEWAY_CLIENT,
            password=settings.SMS_GATEWAY_PASSWORD,
            default_sender=settings.DEFAULT_SMS_SENDER,
            numbers_by_country=settings.SMS_SENDER_BY_COUNTRY,
            max_in_flight=settings.SMS_IN_FLIGHT,
            timeout=TIMEOUT,
        )

    async def send(self, message: Message) -> Outcome:
        if message.sender.strip() and not sender_name(message.sender):
            return Outcome.unwritable("Phones cannot show the order's SMS sender.")
        try:
            text = as_sent(message.body)
            length = count_segments(text)
            request = self._writer.request(message, text, length, now=clock.now())
        except Exception as error:
            return unwritable(message, error)
        if length.is_too_long:
            return Outcome.unwritable(
                f"The text is too long for an SMS: it takes {length.segments} parts,"
                f" and {MAX_SEGMENTS} is the most."
            )
        try:
            # As many connections as messages in flight: none waits in a queue for one.
            async with outgoing.session(connections_per_host=0).post(
                self._url,
                data=request,
                headers=_HEADERS,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    return meaning_of_status(
                        response.status,
                        of="The SMS gateway",
                        retry_after=response.headers.get("Retry-After"),
                        now=clock.now(),
                    )
                answer = await _bounded(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Outcome.channel_error(
                f"The SMS gateway cannot be reached ({type(error).__name__}).", Evidence.CONNECTION
            )
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            return Outcome.refused(
                "SMS_GATEWAY_URL is not the http address of a gateway.", Evidence.CONNECTION
            )
        except TimeoutError:
            return Outcome.unknown(
                f"The SMS gateway did not answer within {self.max_send:g} seconds."
            )
        except (aiohttp.ClientError, OSError) as error:
            return Outcome.unknown(
                f"The connection to the SMS gateway was lost ({type(error).__name__})."
            )
        return wire_format.meaning(answer, receiver=wire_format.receiver(message))


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """The answer, cut where no honest one would end; what is left of it cannot be read then."""
    answer = bytearray()
    async for chunk in response.content.iter_any():
        answer += chunk
        if len(answer) > MAX_ANSWER:
            break
    return bytes(answer)
