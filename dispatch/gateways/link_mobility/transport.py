"""SMS through Link Mobility's XML gateway."""

from collections.abc import Mapping

import aiohttp
from yarl import URL

from dispatch.gateways import posting
from dispatch.gateways.base import Message, Outcome, unwritable
from dispatch.gateways.link_mobility import wire_format
from dispatch.gateways.sms import Sms, readable
from notifications.models import NotificationChannel
from orders.senders.sms_senders import NO_NUMBERS
from runtime import clock

_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "Accept-Encoding": "identity"}


class LinkMobility:
    """One POST a message, on kept connections."""

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
        timeout: aiohttp.ClientTimeout | None = None,
    ) -> None:
        self.max_in_flight = max_in_flight
        self._timeout = timeout or posting.TIMEOUT
        self.max_send = self._timeout.total or 0.0
        self._url = URL(url)
        self._writer = wire_format.Writer(
            client=client,
            password=password,
            default_sender=default_sender,
            numbers_by_country=numbers_by_country,
        )

    async def send(self, message: Message) -> Outcome:
        sms = readable(message)
        if not isinstance(sms, Sms):
            return sms
        try:
            request = self._writer.request(message, sms.text, sms.length, now=clock.now())
        except Exception as error:
            return unwritable(message, error)
        answer = await posting.post(self._url, request, headers=_HEADERS, timeout=self._timeout)
        if isinstance(answer, Outcome):
            return answer
        if answer.status != 200:
            return answer.meaning()
        return wire_format.meaning(answer.body, receiver=wire_format.receiver(message))
