"""A pooler between the product and PostgreSQL, which gives each transaction another connection to
the server, as PgBouncer does in transaction mode, and knows nothing of prepared statements.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import queue
import secrets
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress

SSL, GSS, CANCEL = 80877103, 80877104, 80877102
_LENGTH = struct.Struct("!I")
# After these of the client's the server answers; it says so itself when it wants rows first.
_ANSWERED = (b"Q", b"S", b"c", b"f")
_READY, _SEND_ROWS, _PARAMETER = b"Z", b"G", b"S"


class Peer:
    """One side of a conversation, message by message."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._file = connected.makefile("rb")

    def read(self) -> tuple[bytes, bytes]:
        """The kind of the next message and the message as a whole. Raises EOFError."""
        kind = self._exactly(1)
        return kind, kind + self._rest()

    def read_startup(self) -> bytes:
        """The first message of a client, which has no kind."""
        return self._rest()

    def _rest(self) -> bytes:
        head = self._exactly(4)
        return head + self._exactly(_LENGTH.unpack(head)[0] - 4)

    def _exactly(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise EOFError
        return data


class TransactionPooler:
    """Takes clients on a port of this machine; all of them share a few server connections, in
    turn. The server lets everybody in that it is asked to."""

    def __init__(self, server: str, *, servers: int) -> None:
        """`server` is the path of PostgreSQL's socket."""
        self._server, self._count = server, servers
        self._idle: queue.Queue[Peer] = queue.Queue()
        self._parameters: list[bytes] = []
        self._opening = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._listening.close()
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().socket.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connected, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=[connected], daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        with connected, suppress(EOFError, OSError):
            client = Peer(connected)
            startup = client.read_startup()
            while _code(startup) in (SSL, GSS):
                connected.sendall(b"N")
                startup = client.read_startup()
            if _code(startup) == CANCEL:
                return
            self._open(startup)
            key = struct.pack("!II", secrets.randbelow(1 << 20) + (1 << 24), 0)
            connected.sendall(b"R" + struct.pack("!II", 8, 0) + b"".join(self._parameters))
            connected.sendall(b"K" + _LENGTH.pack(12) + key + b"Z" + _LENGTH.pack(5) + b"I")
            self._transactions(client)

    def _open(self, startup: bytes) -> None:
        """All server connections, for the first client."""
        with self._opening:
            for _ in range(0 if self._parameters else self._count):
                connected = socket.socket(socket.AF_UNIX)
                connected.connect(self._server)
                connected.sendall(startup)
                server = Peer(connected)
                self._parameters = [told for kind, told in _answer(server) if kind == _PARAMETER]
                self._idle.put(server)

    def _transactions(self, client: Peer) -> None:
        server: Peer | None = None
        try:
            while True:
                kind, message = client.read()
                if kind == b"X":
                    return
                server = server or self._idle.get()
                server.socket.sendall(message)
                if kind in _ANSWERED:
                    for _, answer in _answer(server):
                        client.socket.sendall(answer)
                    if answer.startswith(_READY) and answer.endswith(b"I"):
                        self._idle.put(server)
                        server = None
        finally:
            if server is not None:  # in the middle of a transaction
                server.socket.sendall(b"Q" + _LENGTH.pack(13) + b"ROLLBACK\0")
                list(_answer(server))
                self._idle.put(server)


def _code(startup: bytes) -> int:
    code: int = _LENGTH.unpack(startup[4:8])[0]
    return code


def _answer(server: Peer) -> Iterator[tuple[bytes, bytes]]:
    """What the server says until it is the client's turn again."""
    while True:
        kind, message = server.read()
        yield kind, message
        if kind in (_READY, _SEND_ROWS):
            return
