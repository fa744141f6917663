"""A name server with the TXT records that a test gives it, and odd ways to answer."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from dns import flags, message, name, rcode, rrset

MAX_UDP = 1_232


class Odd(Enum):
    """What a name may have in place of texts."""

    SERVFAIL = auto()
    NO_TEXTS = auto()
    SILENCE = auto()
    GARBAGE = auto()
    LOOP = auto()


class Alias(str):
    """The name that this one stands for."""


Zone = dict[str, list[str] | Odd | Alias]
"""By name; a text in quotation marks is several strings: `"a" "b"`."""


def answer(wire: bytes, zone: Zone) -> bytes | None:
    query = message.from_wire(wire)
    response = message.make_response(query)
    asked = query.question[0].name
    for _ in range(20):
        held = zone.get(asked.to_text(omit_final_dot=True).lower())
        if not isinstance(held, Alias):
            break
        target = name.from_text(held)
        response.answer.append(rrset.from_text(asked, 60, "IN", "CNAME", target.to_text()))
        asked = target
    if held is Odd.SILENCE:
        return None
    if held is Odd.GARBAGE:
        return wire[:2] + b"\xff" * 40
    if held is None:
        response.set_rcode(rcode.NXDOMAIN)
    elif held is Odd.SERVFAIL:
        response.set_rcode(rcode.SERVFAIL)
    elif isinstance(held, list):
        texts = [one if one.startswith('"') else f'"{one}"' for one in held]
        response.answer.append(rrset.from_text_list(asked, 60, "IN", "TXT", texts))
    return response.to_wire(max_size=65_535)


class _Server(socketserver.ThreadingUDPServer):
    zone: Zone


class _TcpServer(socketserver.ThreadingTCPServer):
    zone: Zone
    daemon_threads = True


class _OverUdp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, socket = self.request
        told = answer(wire, self.server.zone)  # type: ignore[attr-defined]
        if told is not None and len(told) > MAX_UDP:
            short = message.make_response(message.from_wire(wire))
            short.flags |= flags.TC
            told = short.to_wire()
        if told is not None:
            socket.sendto(told, self.client_address)


class _OverTcp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        told = answer(self.rfile.read(length), self.server.zone)  # type: ignore[attr-defined]
        if told is not None:
            self.wfile.write(struct.pack("!H", len(told)) + told)


def _on_one_port() -> tuple[_TcpServer, _Server]:
    """Of the ports that are free for one protocol most are for the other."""
    for _ in range(20):
        tcp = _TcpServer(("127.0.0.1", 0), _OverTcp)
        try:
            return tcp, _Server(tcp.server_address, _OverUdp)
        except OSError:
            tcp.server_close()
    raise RuntimeError("No port is free for both protocols.")


@contextmanager
def name_server(zone: Zone) -> Iterator[tuple[str, int]]:
    """The address of a server on loopback, by UDP and TCP."""
    tcp, udp = _on_one_port()
    udp.zone = tcp.zone = zone
    for server in (udp, tcp):
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield "127.0.0.1", int(udp.server_address[1])
    finally:
        for server in (udp, tcp):
            server.shutdown()
            server.server_close()
