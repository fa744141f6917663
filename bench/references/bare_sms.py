"""The least that sending could cost: aiohttp alone posts the same bodies to the same sink.

python -m bench.references.bare_sms URL COUNT CONNECTIONS
"""

import asyncio
import sys

import aiohttp

_BODY = (
    '<?xml version="1.0" encoding="UTF-8"?><SESSION><CLIENT>notifications</CLIENT><PW>s3cret</PW>'
    "<SD>0198a0c4-1c2f-7d3e-8a51-{number:012d}</SD><MSGLST><MSG><ID>1</ID><TEXT>You have received a"
    " letter. Log in to read it.</TEXT><SND>Altinn</SND><RCV>479{number:07d}</RCV><TTL>2880</TTL>"
    "</MSG></MSGLST></SESSION>"
)


async def post(url: str, count: int, connections: int) -> None:
    numbers = iter(range(count))
    headers = {"Content-Type": "text/xml; charset=utf-8", "Accept-Encoding": "identity"}
    connector = aiohttp.TCPConnector(limit=connections)

    async def one_after_another(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            body = _BODY.format(number=number).encode()
            async with session.post(url, data=body, headers=headers) as response:
                await response.read()

    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(one_after_another(session) for _ in range(connections)))


if __name__ == "__main__":
    asyncio.run(post(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
