"""The least that expansion could cost: the calls of the register, and COPY of the rows.

python -m bench.references.bare_expansion COUNT; prints the seconds it takes.
"""

import asyncio
import os
import sys
import time
from uuid import uuid4

import aiohttp
import psycopg

_PER_CALL = 1_000
_TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_messages (id uuid PRIMARY KEY, order_id uuid, channel text,"
    " address text, number text, status text, created timestamptz DEFAULT now())"
)
_COPY = (
    "COPY bench_messages (id, order_id, channel, address, number, status) FROM STDIN"
    " (FORMAT BINARY)"
)


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


def main(count: int) -> None:
    numbers = [f"9000{number:07d}" for number in range(1, count + 1)]
    order_id = uuid4()
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(_TABLE)
        connection.commit()
        began = time.perf_counter()
        found = asyncio.run(look_up(numbers))
        with connection.cursor() as cursor, cursor.copy(_COPY) as rows:
            rows.set_types(["uuid", "uuid", "text", "text", "text", "text"])
            for entry in found:
                number = entry["nationalIdentityNumber"]
                rows.write_row((uuid4(), order_id, "Sms", entry["mobileNumber"], number, "New"))
        connection.commit()
        print(time.perf_counter() - began)
        connection.execute("TRUNCATE bench_messages")


if __name__ == "__main__":
    main(int(sys.argv[1]))
