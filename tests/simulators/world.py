"""Everything that the simulated systems share while the process runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.simulators import gatewayapi_reports, mail_events, sms_reports
from tests.simulators.calls import Calls
from tests.simulators.faults import Faults
from tests.simulators.phones_and_inboxes import Messages
from tests.simulators.registers import Registers
from tests.simulators.reporting import Report, Reporter
from tests.simulators.settings import Settings

MAX_REMEMBERED = 100_000


@dataclass(slots=True)
class World:
    """`reports_url` is where delivery reports go now; `met` is what came before, so that a first
    time can differ from the next."""

    settings: Settings
    registers: Registers
    reports_url: str
    sms_reports: Reporter = field(init=False)
    gatewayapi_reports: Reporter = field(init=False)
    mail_reports: Reporter = field(init=False)
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)
    messages: Messages = field(default_factory=Messages)
    met: dict[str, str] = field(default_factory=dict)

    def first_time(self, key: str, *, by: str = "") -> bool:
        """Whether `key` was never met, or only by the same `by` as the first time."""
        if len(self.met) >= MAX_REMEMBERED:
            self.met.clear()
        if key not in self.met:
            self.met[key] = by
            return True
        return by != "" and self.met[key] == by

    def reset(self) -> None:
        """As when the process started, but for the numbering of messages."""
        self.registers.reset()
        self.faults.clear()
        self.calls.clear()
        self.messages.clear()
        self.met.clear()
        self.sms_reports.clear()
        self.gatewayapi_reports.clear()
        self.mail_reports.clear()
        self.reports_url = self.settings.notifications_url


WORLD = web.AppKey("world", World)


@asynccontextmanager
async def living(settings: Settings) -> AsyncIterator[World]:
    """A world whose delivery reports leave. Raises `InvalidRegisters`."""
    world = World(settings, Registers(settings.registers), settings.notifications_url)

    async def post_sms(reports: list[Report]) -> bool:
        return await sms_reports.post(
            reports,
            session=session,
            url=world.reports_url,
            user=settings.reports_user,
            password=settings.reports_password,
        )

    async def post_gatewayapi(reports: list[Report]) -> bool:
        return await gatewayapi_reports.post(reports, session=session, url=world.reports_url)

    async def post_mail(reports: list[Report]) -> bool:
        return await mail_events.post(
            reports,
            session=session,
            url=world.reports_url,
            signing_key=settings.mailgun_signing_key,
        )

    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        world.sms_reports = Reporter(
            post_sms,
            faults=world.faults,
            delay=settings.report_delay,
            batch_size=sms_reports.MESSAGES_A_POST,
            in_flight=4,
        )
        world.gatewayapi_reports = Reporter(
            post_gatewayapi,
            faults=world.faults,
            delay=settings.report_delay,
            batch_size=1,
            in_flight=8,
        )
        world.mail_reports = Reporter(
            post_mail, faults=world.faults, delay=settings.report_delay, batch_size=1, in_flight=8
        )
        posting = [
            asyncio.create_task(world.sms_reports.run()),
            asyncio.create_task(world.gatewayapi_reports.run()),
            asyncio.create_task(world.mail_reports.run()),
        ]
        yield world
        for task in posting:
            task.cancel()
