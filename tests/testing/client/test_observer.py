"""What the application behind the reference client tells of what it saw."""

from mockagent.protocol.events import Audio, Closed, Malformed, Message
from mockagent.testing.client.observer import Observer


def test_every_message_error_and_close_is_told_and_audio_in_one_line():
    lines = []
    observer = Observer(lines.append)
    body = {"type": "UserStartedSpeaking"}
    for content in (Audio(2), Audio(4), Message("UserStartedSpeaking", body), Malformed("JSON", "this", 4)):
        observer.see(content)
    observer.see(Audio(8))
    observer.see(Closed(1011))
    assert lines == [
        {"audio": 6},
        {"event": "UserStartedSpeaking", "message": body},
        {"playback": "stopped"},
        {"error": "expected a message, got this"},
        {"audio": 8},
        {"closed": 1011},
    ]
