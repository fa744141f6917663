"""The least that an order could cost: parse JSON, insert one row, commit, answer.

The same server, the same database, one kept connection a thread; no validation, no tokens.
"""

import json
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from psycopg.rows import TupleRow

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_bare"
    " (id uuid PRIMARY KEY, number text NOT NULL, body text NOT NULL,"
    " created timestamptz NOT NULL DEFAULT now())"
)
_INSERT = "INSERT INTO bench_bare (id, number, body) VALUES (%s, %s, %s)"
_of_thread = threading.local()


def _connection() -> psycopg.Connection[TupleRow]:
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection: psycopg.Connection[TupleRow] = _of_thread.connection
    return connection


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if raw.startswith(b"<"):
        number, body = "", raw.decode()
    else:
        order = json.loads(raw)
        recipient = order["recipients"][0]
        number = recipient.get("mobileNumber") or recipient["nationalIdentityNumber"]
        body = order["body"]
    order_id = uuid4()
    _connection().execute(_INSERT, (order_id, number, body), prepare=True)
    answer = json.dumps({"orderId": str(order_id)}).encode()
    start_response(
        "202 Accepted",
        [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))],
    )
    return [answer]
