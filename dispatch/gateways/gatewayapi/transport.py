"""Hands SMS to GatewayAPI, one POST a message on kept connections."""

from collections.abc import Mapping

import aiohttp
from yarl import URL

from dispatch.gateways import posting
from dispatch.gateways.base import Message, Outcome, unwritable
from dispatch.gateways.gatewayapi import wire_format
from dispatch.gateways.posting import TIMEOUT
from dispatch.gateways.sms import Sms, readable, shown_sender
from notifications.models import NotificationChannel
from orders.senders.sms_senders import NO_NUMBERS
from runtime import clock


class GatewayApi:
    """The token is sent as the user of HTTP Basic, with no password
    (https://gatewayapi.com/docs/apis/rest/#authentication)."""

    channel = NotificationChannel.SMS
    reports_delivery = True

    def __init__(
        self,
        *,
        url: str,
        token: str,
        default_sender: str,
        numbers_by_country: Mapping[str, str] = NO_NUMBERS,
        max_in_flight: int,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self.max_in_flight = max_in_flight
        self.max_send = timeout.total or 0.0
        self._url = URL(url)
        self._timeout = timeout
        self._default_sender = default_sender
        self._numbers_by_country = numbers_by_country
        self._headers = {
            "Authorization": aiohttp.encode_basic_auth(token, ""),
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    async def send(self, message: Message) -> Outcome:
        sms = readable(message)
        if not isinstance(sms, Sms):
            return sms
        try:
            sender = shown_sender(
                message, default=self._default_sender, numbers=self._numbers_by_country
            )
            request = wire_format.request(message, sms, sender=sender, now=clock.now())
        except Exception as error:
            return unwritable(message, error)
        answer = await posting.post(
            self._url, request, headers=self._headers, timeout=self._timeout
        )
        if isinstance(answer, Outcome):
            return answer
        return wire_format.meaning(answer, receiver=wire_format.receiver(message))
