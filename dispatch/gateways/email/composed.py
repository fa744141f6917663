"""E-mail with attachments: they are fetched, and the e-mail handed over at once."""

from dataclasses import replace

from dispatch.gateways.base import Message, Outcome
from dispatch.gateways.email.attachments import MAX_FETCHING, CannotFetch, fetch
from dispatch.gateways.email.transport import MAX_SEND, Email
from notifications.models import NotificationChannel


class ComposedEmail:
    """Has places and connections of its own, so that slow files hold up no other e-mail. As many
    messages are in memory as there are places."""

    channel = NotificationChannel.EMAIL

    def __init__(self, email: Email) -> None:
        self.max_in_flight = email.max_in_flight
        self.reports_delivery = email.reports_delivery
        self.max_send = MAX_FETCHING + MAX_SEND
        self._email = email

    async def send(self, message: Message) -> Outcome:
        try:
            files = await fetch(message.attachments)
        except CannotFetch as trouble:
            return trouble.outcome
        outcome = await self._email.send(message, files)
        return replace(outcome, file_sizes=tuple(len(file.content) for file in files))
