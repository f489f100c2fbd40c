"""Reading back the pictures of reports: just the kind of PNG file that they are."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

CLEAR = "clear"


@dataclass(frozen=True)
class Seen:
    """A picture: for each row the colours of its points, as `rrggbb` or `clear`."""

    rows: list[list[str]]

    @property
    def colours(self) -> set[str]:
        """The colours there are."""
        return {colour for row in self.rows for colour in row}

    def column(self, place: int) -> list[str]:
        """Return a column's colours, from above to below."""
        return [row[place] for row in self.rows]


def read(file: bytes) -> Seen:
    """Return what a PNG file shows; every sum in it must be right."""
    assert file.startswith(b"\x89PNG\r\n\x1a\n")
    pieces = dict(_pieces(file[8:]))
    assert list(pieces) == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    width, height, *rest = struct.unpack(">IIBBBBB", pieces[b"IHDR"])
    assert rest == [8, 3, 0, 0, 0]
    palette = [pieces[b"PLTE"][place : place + 3].hex() for place in range(0, len(pieces[b"PLTE"]), 3)]
    names = [CLEAR if alpha == 0 else colour for colour, alpha in zip(palette, pieces[b"tRNS"], strict=True)]
    data = zlib.decompress(pieces[b"IDAT"])
    assert len(data) == height * (width + 1)
    return Seen([[names[point] for point in row] for row in _rows(data, width)])


def _pieces(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    while file:
        length = int.from_bytes(file[:4], "big")
        name, data, summed = file[4:8], file[8 : 8 + length], file[8 + length : 12 + length]
        assert int.from_bytes(summed, "big") == zlib.crc32(name + data)
        yield name, data
        file = file[12 + length :]


def _rows(data: bytes, width: int) -> Iterator[bytes]:
    above = bytes(width)
    for start in range(0, len(data), width + 1):
        kind, row = data[start], data[start + 1 : start + 1 + width]
        assert kind in {0, 2}
        above = row if kind == 0 else bytes((one + up) % 256 for one, up in zip(row, above, strict=True))
        yield above
