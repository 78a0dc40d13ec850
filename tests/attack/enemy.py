"""Clients that mean harm: bytes on a real socket, sent as nobody should."""

import json
import socket
import struct

KEY = "a-key-that-nobody-may-see"
WITHIN = 60.0
"""Seconds of the wall after which a test that waits for the server has failed."""
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
AUDIO = {"encoding": "linear16", "sample_rate": 16_000}


def frame(opcode, data=b"", *, fin=True, compressed=False):
    """A masked frame, whatever it says."""
    first = (0x80 if fin else 0) | (0x40 if compressed else 0) | opcode
    size = len(data)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65_536:
        head = bytes((first, 0x80 | 126)) + struct.pack(">H", size)
    else:
        head = bytes((first, 0x80 | 127)) + struct.pack(">Q", size)
    return head + bytes(4) + data


def text(message):
    return frame(TEXT, (message if isinstance(message, str) else json.dumps(message)).encode())


def settings(input=AUDIO, output=AUDIO, **agent):
    provider = {"provider": {"type": "deepgram", "model": "nova-3"}}
    return {
        "type": "Settings",
        "audio": {"input": input, "output": output},
        "agent": {
            "listen": provider,
            "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
            "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
            **agent,
        },
    }


def handshake(path="/v1/agent/converse", key=KEY, **headers):
    given = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Authorization": f"Token {key}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value is not None)
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")


class Raw:
    """One TCP connection to the server at a URL."""

    def __init__(self, url, receives=None):
        address = url.split("//")[1].split("/")[0]
        host, _, port = address.rpartition(":")
        self.socket = socket.socket()
        if receives is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        self.socket.settimeout(WITHIN)
        self.socket.connect((host, int(port)))

    def send(self, data):
        self.socket.sendall(data)

    def head(self):
        """The head of the answer to a request, as text."""
        found = b""
        while not found.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                break
            found += byte
        return found.decode("latin-1")

    def enter(self, **headers):
        """Shake hands, and see that the door is open."""
        self.send(handshake(**headers))
        answer = self.head()
        assert " 101 " in answer.partition("\r\n")[0], answer
        return self

    def rest(self):
        """All that still comes, until the server ends the connection in whatever way."""
        found = bytearray()
        try:
            while data := self.socket.recv(65_536):
                found += data
        except ConnectionError:
            pass
        return bytes(found)

    def message(self):
        """The next message of the server as (opcode, data)."""
        first, size = self._exactly(2)
        size = {
            126: lambda: int.from_bytes(self._exactly(2)),
            127: lambda: int.from_bytes(self._exactly(8)),
        }.get(size, lambda: size)()
        return first & 0x0F, self._exactly(size)

    def until(self, type):
        """The next message of that type."""
        while True:
            opcode, data = self.message()
            assert opcode != CLOSE, data
            if opcode == TEXT and json.loads(data)["type"] == type:
                return json.loads(data)

    def close_code(self):
        """The code of the close frame that comes."""
        while True:
            opcode, data = self.message()
            if opcode == CLOSE:
                return int.from_bytes(data[:2])

    def _exactly(self, size):
        found = b""
        while len(found) < size:
            data = self.socket.recv(size - len(found))
            assert data, "the server has ended the connection"
            found += data
        return found
