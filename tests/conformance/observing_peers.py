"""Clients that do well on the wire, and whose application does not see, or tell, all of it."""

import os
import sys
from pathlib import Path

from mockagent.testing.client import __main__ as client

TRUE = client.observe


def lose_events(line):
    if line.get("event") != "ConversationText":
        TRUE(line)


def lose_a_field(line):
    message = {name: value for name, value in line.get("message", {}).items() if name != "role"}
    TRUE({**line, "message": message} if "message" in line else line)


def swallow_errors(line):
    if line.get("event") != "Error":
        TRUE(line)


def drop_audio(line):
    TRUE({"audio": line["audio"] // 2} if "audio" in line else line)


def swallow_audio(line):
    if "audio" not in line:
        TRUE(line)


def play_on(line):
    if "playback" not in line:
        TRUE(line)


def miss_the_close(line):
    if "closed" not in line:
        TRUE(line)


def tell_no_fields(line):
    TRUE({"event": line["event"]} if "event" in line else line)


def garble(line):
    TRUE(line)
    with Path(os.environ["MOCKAGENT_OBSERVE"]).open("ab") as file:
        file.write(b"\xff\x00 {not JSON\n")


def say_nothing(line):
    pass


if __name__ == "__main__":
    client.observe = globals()[sys.argv[1]]
    sys.exit(client.main())
