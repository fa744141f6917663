"""What a page must not do unseen: call other hosts, fail, or break its own rules."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


@dataclass
class Watch:
    """Notes every request to another host (the browser's flags let none through), every error of a
    script, and whatever the browser complains about, broken Content-Security-Policies among it."""

    own: str
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of the context, from now on."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)

    def expect(self, *complaints: str) -> None:
        """Each of these was complained of; forget it."""
        for expected in complaints:
            found = [one for one in self.complaints if expected in one]
            assert found, f"{expected!r} is not among {self.complaints}"
            self.complaints = [one for one in self.complaints if expected not in one]

    @property
    def _foreign(self) -> re.Pattern[str]:
        return re.compile(rf"^(?!{re.escape(self.own)}/|about:|blob:|data:)")

    def _on_request(self, request: Request) -> None:
        if self._foreign.match(request.url):
            self.complaints.append(f"request to {request.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} {message.location['url']}")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error.message}")
