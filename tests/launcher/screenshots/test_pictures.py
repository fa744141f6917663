"""Making screenshots small."""

import struct
import zlib

from script.launcher.screenshots.pictures import SIGNATURE, read, smaller


def _png(rows: list[bytes], *, width: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(rows))
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_every_filter_of_a_row_is_undone() -> None:
    rows = [
        b"\0" + bytes([10, 20, 30, 40, 50, 60]),  # as it is
        b"\1" + bytes([10, 20, 30, 30, 30, 30]),  # the difference to the left
        b"\2" + bytes([0, 0, 0, 0, 0, 0]),  # ... to what is above
        b"\3" + bytes([5, 10, 15, 15, 15, 15]),  # ... to the mean of both
        b"\4" + bytes([0, 0, 0, 0, 0, 0]),  # ... to Paeth's guess
    ]
    assert read(_png(rows, width=2)).colours == [(10, 20, 30), (40, 50, 60)] * 5


def test_a_picture_of_few_colours_keeps_each_pixel() -> None:
    rows = [b"\0" + bytes([255, 255, 255, 21, 93, 252]) for _ in range(50)]
    small = smaller(_png(rows, width=2))
    assert b"PLTE" in small
    palette = small.split(b"PLTE")[1][:6]
    length = struct.unpack(">I", small.split(b"IDAT")[0][-4:])[0]
    pixels = zlib.decompress(small.split(b"IDAT")[1][:length])
    shown = [palette[3 * place : 3 * place + 3] for place in pixels[1:3]]
    assert shown == [bytes([255, 255, 255]), bytes([21, 93, 252])]
