"""Null peers: programs that are no client, each of which must fail all that is scored."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

from websockets.asyncio.client import connect

FOREVER = 77_777


def address():
    parts = urlsplit(os.environ["MOCKAGENT_URL"])
    return parts.hostname, parts.port


async def upgraded(do):
    headers = {"Authorization": f"Token {os.environ['DEEPGRAM_API_KEY']}"}
    async with connect(
        os.environ["MOCKAGENT_URL"], additional_headers=headers, proxy=None, open_timeout=60
    ) as socket:
        await do(socket)


def connect_and_close():
    async def close(socket):
        await socket.recv()

    asyncio.run(upgraded(close))


def connect_and_silence():
    async def listen(socket):
        async for _ in socket:
            pass

    asyncio.run(upgraded(listen))


def connect_and_echo():
    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    asyncio.run(upgraded(echo))


def garbage():
    with socket.create_connection(address()) as connection:
        connection.sendall(b"\x16\x03\x01garbage\r\n\r\n")
        connection.recv(100)


def plain_http():
    with socket.create_connection(address()) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(100)


def sleep():
    time.sleep(FOREVER)


def unimplemented():
    sys.exit(127)


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def hostile():
    """Ignores TERM, holds its output, and forks into other sessions, with and without its environment."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    code = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.setsid(); os.fork();"
    code += f"time.sleep({FOREVER})"
    for environment in (None, {}):
        subprocess.Popen([sys.executable, "-c", code], env=environment)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(FOREVER)
        os._exit(0)
    print("started", flush=True)
    time.sleep(FOREVER)


def daemon():
    """Leaves a process in a session of its own, and ends."""
    started, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.write(tell, b"!")
        time.sleep(FOREVER)
    os.read(started, 1)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
