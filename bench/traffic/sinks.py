"""Gateways that take everything and say so at once, or after a while.

python -m bench.traffic.sinks sms

And a register that knows everybody, for the simulated one takes more CPU than asking it does.

They print the port they listen on, count what they take, and on SIGTERM print when the messages
came, as JSON.
"""

import argparse
import asyncio
import json
import signal
import time
from collections.abc import Callable

_ANSWER = (
    b'<?xml version="1.0"?><SESSION><LOGON>OK</LOGON><REASON></REASON><MSGLST><MSG><ID>1</ID>'
    b"<STATUS>OK</STATUS><INFO></INFO><REF>%d</REF></MSG></MSGLST></SESSION>"
)
_END = b"\r\n.\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"


class Sink:
    """What came, and when (Unix time)."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.came: list[float] = []
        self.texts: list[str] = []

    def take(self, text: bytes) -> int:
        self.came.append(time.time())
        begin, end = text.find(b"<RCV>"), text.find(b"</RCV>")
        if begin >= 0:
            self.texts.append(text[begin + 5 : end].decode())
        return len(self.came)


class Http(asyncio.Protocol):
    """Just enough of HTTP/1.1 for a POST with a Content-Length; answers as the SMS gateway."""

    content_type = b"text/xml"

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lower = head.lower()
            at = lower.find(b"content-length:")
            length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            answer = _HEAD % (self.content_type, len(body := self.answer(rest[:length]))) + body
            if self.sink.latency:
                asyncio.get_running_loop().call_later(
                    self.sink.latency, self.transport.write, answer
                )
            else:
                self.transport.write(answer)

    def answer(self, request: bytes) -> bytes:
        return _ANSWER % self.sink.take(request)


class Register(Http):
    """Profile's look-up of persons: all have a mobile number."""

    content_type = b"application/json"

    def answer(self, request: bytes) -> bytes:
        asked = json.loads(request)["nationalIdentityNumbers"]
        known = [
            {
                "nationalIdentityNumber": number,
                "isReserved": False,
                "email": "",
                "mobileNumber": "+4799999999",
            }
            for number in asked
        ]
        return json.dumps({"contactPointsList": known}).encode()


class Smtp(asyncio.Protocol):
    """Just enough of SMTP to take a message, with PLAIN authentication."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = bytearray()
        self.in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        # A large mail comes in many pieces: what was looked through is not looked through again.
        new = max(0, len(self.buffer) - len(_END))
        self.buffer += data
        while self.buffer:
            end = _END if self.in_data else b"\r\n"
            at = self.buffer.find(end, new)
            if at < 0:
                return
            said, new = bytes(self.buffer[:at]), 0
            del self.buffer[: at + len(end)]
            if self.in_data:
                self.in_data = False
                self.sink.take(said)
                self.transport.write(b"250 taken\r\n")
            else:
                self._answer(said[:4].upper())

    def _answer(self, verb: bytes) -> None:
        match verb:
            case b"EHLO":
                self.transport.write(b"250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n")
                self.transport.write(b"250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN\r\n")
            case b"AUTH":
                self.transport.write(b"235 welcome\r\n")
            case b"DATA":
                self.in_data = True
                self.transport.write(b"354 go on\r\n")
            case b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            case _:
                self.transport.write(b"250 fine\r\n")


KINDS: dict[str, Callable[[Sink], asyncio.Protocol]] = {
    "sms": Http,
    "email": Smtp,
    "register": Register,
}


async def serve(kind: str, latency: float) -> None:
    sink = Sink(latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: KINDS[kind](sink),
        "127.0.0.1",
        0,
        backlog=2048,
    )
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: print(json.dumps([len(sink.came)]), flush=True))
    print(server.sockets[0].getsockname()[1], flush=True)
    await over.wait()
    print(json.dumps({"came": sink.came, "to": sink.texts}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--latency", type=float, default=0.0, help="Seconds before each answer.")
    options = parser.parse_args()
    asyncio.run(serve(options.kind, options.latency))


if __name__ == "__main__":
    main()
