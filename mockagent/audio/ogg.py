"""The packets inside an Ogg stream (RFC 3533), as it arrives.

The rule: what is no page is passed over, up to the next one that is.
"""

_CAPTURE = b"OggS"
_HEADER = 27
_CONTINUED, _FIRST = 0x01, 0x02
_WHOLE_SEGMENT = 255


class OggPackets:
    """Takes the bytes of a stream of one codec; another stream may follow it."""

    def __init__(self) -> None:
        self._data = b""
        self._open = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bool]]:
        """The packets that these bytes complete, each with whether it is the first of a stream."""
        self._data += data
        found: list[tuple[bytes, bool]] = []
        while True:
            start = self._data.find(_CAPTURE)
            # What is left may hold the beginning of the mark.
            self._data = self._data[start:] if start >= 0 else self._data[-(len(_CAPTURE) - 1) :]
            size = self._size_of_page() if start >= 0 else None
            if size is None or len(self._data) < size:
                return found
            found += self._packets_of(self._data[:size])
            self._data = self._data[size:]

    def _size_of_page(self) -> int | None:
        """Bytes of the page that the data begins with; None until its table is there."""
        if len(self._data) < _HEADER:
            return None
        count = self._data[_HEADER - 1]
        table = self._data[_HEADER : _HEADER + count]
        return _HEADER + count + sum(table) if len(table) == count else None

    def _packets_of(self, page: bytes) -> list[tuple[bytes, bool]]:
        flags, count = page[5], page[_HEADER - 1]
        if not flags & _CONTINUED:
            self._open = b""
        found: list[tuple[bytes, bool]] = []
        at = _HEADER + count
        for size in page[_HEADER : _HEADER + count]:
            self._open += page[at : at + size]
            at += size
            if size < _WHOLE_SEGMENT:
                found.append((self._open, bool(flags & _FIRST) and not found))
                self._open = b""
        return found
