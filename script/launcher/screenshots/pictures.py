"""Makes screenshots small: pages have few colours, and 256 of them are enough."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}
"""Bytes a pixel by the PNG's colour type: RGB and RGBA."""
PALETTE = 256

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    colours: Sequence[Colour]
    """One for each pixel, row by row."""


def smaller(png: bytes) -> bytes:
    """The same picture with at most 256 colours; rare ones become the nearest of those."""
    picture = read(png)
    counted = Counter(picture.colours)
    palette = [colour for colour, _ in counted.most_common(PALETTE)]
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in counted:
        if colour not in places:
            places[colour] = places[min(palette, key=lambda one: _distance(one, colour))]
    pixels = bytes(places[colour] for colour in picture.colours)
    width = picture.width
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    header = struct.pack(">IIBBBBB", width, picture.height, 8, 3, 0, 0, 0)
    flat = bytes(value for colour in palette for value in colour)
    chunks = ((b"IHDR", header), (b"PLTE", flat), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def read(png: bytes) -> Picture:
    """Of a PNG as browsers write it: 8 bits, RGB or RGBA, not interlaced."""
    chunks = list(_chunks(png))
    width, height, _, colour_type = struct.unpack(">IIBB", chunks[0][1][:10])
    step = CHANNELS[colour_type]
    packed = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    rows = list(_rows(packed, width * step, step))
    flat = b"".join(rows)
    colours = list(zip(flat[0::step], flat[1::step], flat[2::step], strict=True))
    return Picture(width, height, colours)


def _rows(packed: bytes, length: int, step: int) -> Iterator[bytes]:
    """Undo the filter of each row (section 9 of the PNG specification)."""
    above = bytearray(length)
    for at in range(0, len(packed), length + 1):
        kind, row = packed[at], bytearray(packed[at + 1 : at + 1 + length])
        for place in range(length):
            left = row[place - step] if place >= step else 0
            up = above[place]
            corner = above[place - step] if place >= step else 0
            guesses = (0, left, up, (left + up) >> 1, 0)
            guess = _paeth(left, up, corner) if kind == 4 else guesses[kind]
            row[place] = (row[place] + guess) & 255
        yield bytes(row)
        above = row


def _paeth(left: int, up: int, corner: int) -> int:
    about = left + up - corner
    return min((left, up, corner), key=lambda one: abs(about - one))


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
