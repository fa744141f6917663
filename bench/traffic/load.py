"""Sends one request over and over on some connections, as fast as it is answered.

A process of its own, so that its CPU is not counted as anybody's:
python -m bench.traffic.load < plan.json
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TypedDict


class Asked(TypedDict):
    """What is read: where the requests go, and for how many seconds, if not once each."""

    port: int
    path: str
    headers: dict[str, str]
    bodies: list[str]
    connections: int
    seconds: float | None


@dataclass(slots=True)
class Answered:
    """How many requests were answered in how many seconds, how long each took, and with what."""

    count: int
    seconds: float
    p50_ms: float
    p99_ms: float
    statuses: dict[str, int]

    @property
    def rate(self) -> float:
        return self.count / self.seconds


class Connection(asyncio.Protocol):
    """One kept connection that asks again as soon as it is answered."""

    def __init__(self, plan: "Plan") -> None:
        self.plan = plan
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if len(rest) < length:
            return
        self.plan.answered(head[9:12].decode(), time.perf_counter() - self.began)
        self.buffer = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self.plan.lost()

    def _ask(self) -> None:
        assert self.transport is not None
        request = self.plan.next_request()
        if request is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(request)


class Plan:
    """Requests until the time is up or, if there are so many, until each was sent once."""

    def __init__(self, plan: Asked) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in plan["headers"].items())
        self.requests = [
            f"POST {plan['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()
            for body in plan["bodies"]
        ]
        self.once = plan["seconds"] is None
        self.ends = time.perf_counter() + (plan["seconds"] or 0)
        self.sent = 0
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.done = asyncio.Event()
        self.open = plan["connections"]

    def next_request(self) -> bytes | None:
        if self.once:
            if self.sent >= len(self.requests):
                return None
        elif time.perf_counter() >= self.ends:
            return None
        self.sent += 1
        return self.requests[(self.sent - 1) % len(self.requests)]

    def answered(self, status: str, seconds: float) -> None:
        self.statuses[status] += 1
        self.latencies.append(seconds)

    def lost(self) -> None:
        self.open -= 1
        if not self.open:
            self.done.set()


async def run(plan: Asked) -> Answered:
    loop = asyncio.get_running_loop()
    load = Plan(plan)
    began = time.perf_counter()
    for _ in range(plan["connections"]):
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", plan["port"])
    await load.done.wait()
    seconds = time.perf_counter() - began
    took = sorted(load.latencies)
    return Answered(
        count=len(took),
        seconds=seconds,
        p50_ms=took[len(took) // 2] * 1000,
        p99_ms=took[len(took) * 99 // 100] * 1000,
        statuses=dict(load.statuses),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(json.load(sys.stdin))))))
