"""Gateways that take everything and say so at once, or after a while: python -m bench.sinks sms

They print the port they listen on, count what they take, and on SIGTERM print when the messages
came, as JSON.
"""

import argparse
import asyncio
import json
import signal
import time

_ANSWER = (
    b'<?xml version="1.0"?><SESSION><LOGON>OK</LOGON><REASON></REASON><MSGLST><MSG><ID>1</ID>'
    b"<STATUS>OK</STATUS><INFO></INFO><REF>%d</REF></MSG></MSGLST></SESSION>"
)


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
    """Just enough of HTTP/1.1 for a POST with a Content-Length."""

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
            body = _ANSWER % self.sink.take(rest[:length])
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"
            if self.sink.latency:
                asyncio.get_running_loop().call_later(
                    self.sink.latency, self.transport.write, answer % (len(body), body)
                )
            else:
                self.transport.write(answer % (len(body), body))


class Smtp(asyncio.Protocol):
    """Just enough of SMTP to take a message, with PLAIN authentication."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = b""
        self.in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.buffer:
            if self.in_data:
                text, found, rest = self.buffer.partition(b"\r\n.\r\n")
                if not found:
                    return
                self.buffer, self.in_data = rest, False
                self.sink.take(text)
                self.transport.write(b"250 taken\r\n")
                continue
            line, found, rest = self.buffer.partition(b"\r\n")
            if not found:
                return
            self.buffer = rest
            self._answer(line[:4].upper())

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


async def serve(kind: str, latency: float) -> None:
    sink = Sink(latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        (lambda: Http(sink)) if kind == "sms" else (lambda: Smtp(sink)),
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
    parser.add_argument("kind", choices=["sms", "email"])
    parser.add_argument("--latency", type=float, default=0.0, help="Seconds before each answer.")
    options = parser.parse_args()
    asyncio.run(serve(options.kind, options.latency))


if __name__ == "__main__":
    main()
