"""The least that expansion could cost: the calls of the register, and COPY of the rows.

python -m bench.references.bare_expansion COUNT; prints the seconds it takes.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aiohttp
import psycopg

from runtime.uuid7 import uuid7

_PER_CALL = 1_000
# The same rows, into a table like the product's.
_TABLE = "CREATE TABLE IF NOT EXISTS bench_messages (LIKE notifications_notification INCLUDING ALL)"
_COLUMNS = {
    "id": "uuid",
    "order_id": "uuid",
    "creator_id": "int8",
    "channel": "varchar",
    "policy": "varchar",
    "address": "text",
    "normalized_address": "text",
    "national_identity_number": "varchar",
    "organization_number": "varchar",
    "status": "varchar",
    "status_at": "timestamptz",
    "reason": "text",
    "next_attempt_at": "timestamptz",
    "expires_at": "timestamptz",
    "segments": "int2",
    "created": "timestamptz",
    "attempts": "int2",
}
_COPY = f"COPY bench_messages ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"


async def look_up(numbers: list[str]) -> list[dict[str, str]]:
    url = f"{os.environ['PROFILE_URL']}users/contactpoint/lookup"
    async with aiohttp.ClientSession() as session:

        async def ask(batch: list[str]) -> list[dict[str, str]]:
            question = {"nationalIdentityNumbers": batch, "useStaleContactInfo": False}
            async with session.post(url, json=question) as response:
                found: list[dict[str, str]] = (await response.json())["contactPointsList"]
                return found

        batches = [numbers[at : at + _PER_CALL] for at in range(0, len(numbers), _PER_CALL)]
        answers = await asyncio.gather(*map(ask, batches))
    return [entry for answer in answers for entry in answer]


def row(order_id: UUID, number: str, mobile: str, *, now: datetime) -> tuple[object, ...]:
    who = (mobile, mobile, number, "")
    return (uuid7(), order_id, 1, "Sms", "Anytime", *who, "New", now, "", now, now, 1, now, 0)


def main(count: int) -> None:
    numbers = [f"9000{number:07d}" for number in range(1, count + 1)]
    order_id, now = uuid4(), datetime.now(UTC)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(_TABLE)
        connection.commit()
        began = time.perf_counter()
        found = asyncio.run(look_up(numbers))
        with connection.cursor() as cursor, cursor.copy(_COPY) as rows:
            rows.set_types(list(_COLUMNS.values()))
            for entry in found:
                mobile = entry["mobileNumber"]
                rows.write_row(row(order_id, entry["nationalIdentityNumber"], mobile, now=now))
        connection.commit()
        print(time.perf_counter() - began)
        connection.execute("TRUNCATE bench_messages")


if __name__ == "__main__":
    main(int(sys.argv[1]))
