"""Run the outside world: registers, tokens, conditions, SMS gateway, mail, phones, inboxes."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys

from aiohttp import web

from tests.simulators import (
    authorization,
    condition,
    control,
    dialogporten,
    exchange,
    gatewayapi,
    identity_provider,
    mail_server,
    maskinporten,
    openid,
    phones_and_inboxes,
    profile,
    register,
    sms_gateway,
    store,
    webhook,
)
from tests.simulators.registers import InvalidRegisters
from tests.simulators.settings import ENVIRONMENT, Misconfigured, Settings
from tests.simulators.world import WORLD, World, living

logger = logging.getLogger("simulators")

MAX_REQUEST_BYTES = 32 * 2**20


def application(world: World) -> web.Application:
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app[WORLD] = world
    for system in (
        sms_gateway,
        gatewayapi,
        phones_and_inboxes,
        profile,
        register,
        authorization,
        dialogporten,
        openid,
        identity_provider,
        maskinporten,
        exchange,
        condition,
        store,
        webhook,
        control,
    ):
        app.add_routes(system.ROUTES)
    return app


async def serve(settings: Settings, *, while_stdin_is_open: bool) -> None:
    """Until SIGTERM or SIGINT. Raises OSError for a taken port, and `InvalidRegisters`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if while_stdin_is_open:
        loop.add_reader(sys.stdin, _stop_at_the_end, stop)
    async with living(settings) as world:
        # Hung answers end with their caller; nobody waits for them at the end.
        runner = web.AppRunner(
            application(world), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", settings.port, backlog=1024).start()
            async with mail_server.listening(world):
                logger.info("phones and inboxes at %s/", settings.url)
                await stop.wait()
        finally:
            await runner.cleanup()


def _stop_at_the_end(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulators",
        description=__doc__,
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--while-stdin-is-open",
        action="store_true",
        help="end also when the standard input closes, as it does when the parent dies",
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="simulators: %(message)s")
    logging.getLogger("mail").setLevel(logging.ERROR)
    gc.freeze()
    try:
        settings = Settings.from_environment(os.environ)
        asyncio.run(serve(settings, while_stdin_is_open=arguments.while_stdin_is_open))
    except (Misconfigured, InvalidRegisters, OSError) as error:
        logger.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
