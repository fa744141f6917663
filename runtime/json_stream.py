"""Long lists in answers: only their text is kept in memory, not their objects."""

from io import BytesIO
from typing import Any

import orjson


class JsonList:
    """A list that is written as it grows."""

    def __init__(self) -> None:
        self._text = BytesIO()
        self._length = 0

    def append(self, item: Any) -> None:
        self._text.write(b"," if self._length else b"[")
        self._text.write(orjson.dumps(item))
        self._length += 1

    def __len__(self) -> int:
        return self._length

    def fragment(self) -> orjson.Fragment:
        """The list as a value that orjson takes over as it stands; nothing can be added then."""
        self._text.write(b"]" if self._length else b"[]")
        return orjson.Fragment(self._text.getvalue())
