"""A gateway: our account at a provider, as GATEWAYS names it.

A provider is a class below this one, in a folder beside this module or in somebody else's package:
docs/gateways.md shows how to write one.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from django.http.response import HttpResponseBase

from dispatch.gateways.base import Transport
from dispatch.gateways.option import Option
from notifications.models import NotificationChannel
from runtime.findings import Finding, ok

View = Callable[..., HttpResponseBase]


class Gateway:
    """Made often, so it opens nothing: only its transport lives as long as the process does.

    `weight` is how much it takes beside the others of its channel, `folder` where its reports hang
    below the address of its channel's reports, and `settings` how each of its options is called in
    a sentence to whoever runs the system.
    """

    channel: ClassVar[NotificationChannel]
    options: ClassVar[Mapping[str, Option]] = {}

    def __init__(
        self,
        name: str,
        given: Mapping[str, object],
        *,
        weight: int = 1,
        folder: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.given = given
        self.weight = weight
        self.folder = f"{name}/" if folder is None else folder
        self._settings = settings or {}

    def option(self, name: str) -> str:
        """As it was given; empty where it was not."""
        return str(self.given.get(name) or "")

    def number(self, name: str, default: int) -> int:
        return int(self.option(name) or default)

    def several(self, name: str) -> list[str]:
        """Of an option that is a list."""
        found = self.given.get(name)
        return [str(one) for one in found] if isinstance(found, list) else []

    def texts(self, name: str) -> dict[str, str]:
        """Of an option that has several, by name."""
        found = self.given.get(name)
        return (
            {str(key): str(text) for key, text in found.items()} if isinstance(found, dict) else {}
        )

    def setting(self, option: str) -> str:
        """What somebody has to look at who is to change the option."""
        channel = self.channel.value.lower()
        return self._settings.get(option, f"{option} of {channel} gateway {self.name} in GATEWAYS")

    def transport(self) -> Transport:
        """A new one."""
        raise NotImplementedError

    def transport_with_files(self) -> Transport | None:
        """The way out for e-mails with attachments; None where there is none."""
        return None

    def reports(self) -> Mapping[str, View]:
        """Where the provider reports to, below the gateway's folder, and the view that takes it."""
        return {}

    def examine(self) -> list[Finding]:
        """What `manage.py doctor` finds: whether the provider is there, and lets us in as far as
        that can be asked without a message. May raise whatever it likes."""
        return [ok(self.finding_name("gateway"), "It is not asked.")]

    def finding_name(self, what: str) -> str:
        return f"{what} {self.name}" if self.folder else what
