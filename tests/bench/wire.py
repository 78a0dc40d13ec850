"""The client's side of the wire, as little of it as a load needs: no extension is offered, so nothing is compressed.

Both servers are met with the same bytes. Masks are real but always the same one, so that a frame is made once.
"""

import json

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MASK = b"\x1b\x7c\x55\xe2"
_LONGER = 126
"""The size that says: the next two bytes hold it."""

PATH = "/v1/agent/converse"
CREDENTIALS = "Token a-key-of-the-bench"
HANDSHAKE = (
    f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Authorization: {CREDENTIALS}\r\n\r\n"
).encode()
SWITCHED = b"HTTP/1.1 101 "
HEAD_ENDS = b"\r\n\r\n"

_LINEAR16 = {"encoding": "linear16", "sample_rate": 16000}
SETTINGS = json.dumps(
    {
        "type": "Settings",
        "audio": {"input": _LINEAR16, "output": {**_LINEAR16, "container": "none"}},
        "agent": {
            "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
            "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": "Be brief."},
            "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
        },
    }
)
UPDATE = '{"type":"UpdatePrompt","prompt":"Be formal."}'


def frame(opcode: int, data: bytes) -> bytes:
    """A client's frame of at most 65,535 bytes."""
    size = len(data)
    length = bytes((0x80 | size,)) if size < _LONGER else b"\xfe" + size.to_bytes(2, "big")
    masked = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(data))
    return bytes((0x80 | opcode,)) + length + MASK + masked


def text(content: str) -> bytes:
    """The frame of a text."""
    return frame(TEXT, content.encode())


def take(buffer: bytes, at: int) -> tuple[int, bytes, int] | None:
    """Opcode and payload of the server's frame at that place, and where the next begins; None if it is not whole."""
    if len(buffer) < at + 2 or (buffer[at + 1] == _LONGER and len(buffer) < at + 4):
        return None
    size, begins = buffer[at + 1], at + 2
    if size == _LONGER:
        size, begins = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
    ends = begins + size
    return (buffer[at] & 0x0F, buffer[begins:ends], ends) if ends <= len(buffer) else None
