"""Traces on disk: whole after each line, seen to be cut off, without secrets, and never the end of a session."""

import wave

import pytest

from mockagent.audio.pace import speaking_time
from mockagent.audio.packets import speech_packets
from mockagent.protocol import trace
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Side
from mockagent.protocol.formats import AudioFormat
from mockagent.server import recorder as recording
from mockagent.server.recorder import FileRecorder

HEADER = trace.Header("0.1.0", Dialect.V1, "lunch", "2026-01-01T00:00:00.000+00:00", 1.0, "faithful", "an-id")
NOTHING = frozenset()
LINEAR = AudioFormat("linear16", 8000)


def said(type="KeepAlive", at=1.0, **more):
    return Event(at, Side.CLIENT, Message(type, {"type": type, **more}))


@pytest.fixture
def troubles():
    return []


@pytest.fixture
def recorder(tmp_path, troubles):
    def make(name="one.jsonl", secret="", **options):
        return FileRecorder(tmp_path / name, HEADER, secret=secret, trouble=troubles.append, **options)

    return make


def read(recorder):
    with recorder.path.open(encoding="utf-8") as file:
        return trace.read(file, recorder.path.name)


def test_each_line_can_be_read_as_soon_as_it_is_written(recorder):
    writing = recorder("deep/er/one.jsonl")
    assert read(writing).events == ()
    for count in (1, 2):
        writing.record(said(at=float(count)), (), NOTHING)
        found = read(writing)
        assert (len(found.events), found.footer) == (count, None)
    writing.close("finished", {})
    assert read(writing).footer == trace.Footer(2, 2.0, "finished", {})


def test_a_line_that_was_cut_short_is_left_out(recorder):
    writing = recorder()
    writing.record(said(), (), NOTHING)
    whole = writing.path.read_text("utf-8")
    writing.path.write_text(whole[:-5], "utf-8")
    found = read(writing)
    assert (found.events, found.footer) == ((), None)


def test_the_key_of_the_session_is_never_written(recorder):
    writing = recorder(secret="dg-0123456789")
    writing.record(said("UpdatePrompt", prompt="My key is dg-0123456789!"), (), NOTHING)
    settings = said("Settings", agent={"think": {"endpoint": {"headers": {"authorization": "Bearer xyz"}}}})
    writing.record(settings, (), NOTHING)
    writing.close("finished", {})
    text = writing.path.read_text("utf-8")
    assert "dg-0123456789" not in text
    assert "xyz" not in text
    assert "My key is [redacted]!" in text
    assert len(read(writing).events) == 2


def test_a_key_too_short_to_be_a_secret_does_not_eat_the_trace(recorder):
    writing = recorder(secret="a")
    writing.record(said(), (), NOTHING)
    assert read(writing).events[0].content.type == "KeepAlive"


def test_a_folder_that_cannot_be_written_is_said_once(recorder, troubles, tmp_path):
    (tmp_path / "file").write_text("in the way")
    writing = recorder("file/one.jsonl")
    writing.record(said(), (), NOTHING)
    writing.close("finished", {})
    (trouble,) = troubles
    assert trouble.startswith(f"the trace {tmp_path / 'file' / 'one.jsonl'} cannot be written: ")
    assert trouble.endswith("; the session goes on")
    assert writing.path is None


def test_a_trace_that_is_there_is_left_and_the_next_free_name_taken(recorder, troubles, tmp_path):
    (tmp_path / "one.jsonl").write_text("precious")
    (tmp_path / "one.client.wav").write_text("precious")
    for number in (2, 3):
        writing = recorder(keeps_audio=True)
        writing.record(Event(0.1, Side.CLIENT, Audio(2, data=b"\x01\x00")), (), NOTHING)
        writing.close("finished", {Side.CLIENT: LINEAR})
        assert writing.path == tmp_path / f"one.{number}.jsonl"
        assert len(read(writing).events) == 1
        assert (tmp_path / f"one.{number}.client.wav").exists()
    assert {(tmp_path / name).read_text() for name in ("one.jsonl", "one.client.wav")} == {"precious"}
    assert troubles == []


class FullDisk:
    """A file that takes no more."""

    def write(self, text):
        raise OSError(28, "No space left on device")

    def close(self):
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_said_once(recorder, troubles):
    writing = recorder()
    writing._file = FullDisk()
    for _ in range(3):
        writing.record(said(), (), NOTHING)
    writing.close("finished", {})
    (trouble,) = troubles
    assert "No space left on device" in trouble


def test_a_disk_that_is_full_at_the_close_is_said(recorder, troubles):
    writing = recorder()
    writing._file = FullDisk()
    writing._file.write = lambda text: None
    writing.close("finished", {})
    assert len(troubles) == 1


def test_the_audio_of_both_sides_is_kept_beside_the_trace(recorder):
    writing = recorder(keeps_audio=True)
    writing.record(Event(0.1, Side.CLIENT, Audio(4, data=b"\x01\x00\x02\x00")), (), NOTHING)
    writing.record(Event(0.2, Side.CLIENT, Audio(3, data=b"\x03\x00\x09")), (), NOTHING)
    writing.record(Event(0.3, Side.SERVER, Audio(1, data=b"\xff")), (), NOTHING)
    writing.close("finished", {Side.CLIENT: LINEAR, Side.SERVER: AudioFormat("mulaw", 16000)})
    with wave.open(str(writing.path.with_suffix(".client.wav"))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.readframes(9) == b"\x01\x00\x02\x00\x03\x00"
    with wave.open(str(writing.path.with_suffix(".server.wav"))) as file:
        assert (file.getframerate(), file.getnframes()) == (16000, 1)
    assert [event.content.size for event in read(writing).events] == [4, 3, 1]


@pytest.mark.parametrize(
    ("encoding", "data", "suffix"),
    [
        ("opus", b"OggS", "ogg"),
        ("amr-nb", b"\x00", "amr"),
        ("flac", b"fLaC", "flac"),
        ("vorbis", b"?", "vorbis"),
    ],
)
def test_audio_of_which_nothing_can_be_decoded_is_kept_as_it_came(recorder, encoding, data, suffix):
    writing = recorder(keeps_audio=True)
    writing.record(Event(0.1, Side.CLIENT, Audio(len(data), data=data)), (), NOTHING)
    writing.record(Event(0.2, Side.CLIENT, Closed(1000)), (), NOTHING)
    writing.close("finished", {Side.CLIENT: AudioFormat(encoding, 8000)})
    (kept,) = (path for path in writing.path.parent.iterdir() if path.suffix != ".jsonl")
    assert (kept.name, kept.read_bytes()) == (f"one.client.{suffix}", data)


@pytest.mark.parametrize(("encoding", "container"), [("mp3", "none"), ("opus", "ogg"), ("linear16", "wav")])
def test_audio_of_the_agent_is_kept_as_wav_whatever_its_encoding(recorder, encoding, container):
    writing = recorder(keeps_audio=True)
    format = AudioFormat(encoding, 24000, container)
    for text in ("Hello there.", "And good bye."):
        for frame in speech_packets(text, format):
            if frame:
                writing.record(Event(0.1, Side.SERVER, Audio(len(frame), data=frame)), (), NOTHING)
    writing.close("finished", {Side.SERVER: format})
    with wave.open(str(writing.path.with_suffix(".server.wav"))) as file:
        assert file.getframerate() == 24000
        whole = speaking_time("Hello there.") + speaking_time("And good bye.")
        assert file.getnframes() / 24000 == pytest.approx(whole, abs=0.2 if encoding == "mp3" else 0.03)


def test_audio_that_cannot_be_written_is_said(recorder, troubles, tmp_path):
    writing = recorder(keeps_audio=True)
    (tmp_path / "one.client.wav").mkdir()
    writing.record(Event(0.1, Side.CLIENT, Audio(2, data=b"\x01\x00")), (), NOTHING)
    writing.close("finished", {Side.CLIENT: LINEAR})
    assert len(troubles) == 1


@pytest.mark.parametrize(("data", "most"), [(b"\x01\x00" * 100, 5), (b"\x01", 25)])
def test_no_more_audio_is_kept_than_there_is_room_for_and_that_is_said_once(
    monkeypatch, recorder, troubles, data, most
):
    monkeypatch.setattr(recording, "MOST_AUDIO_KEPT", 1_240)
    writing = recorder(keeps_audio=True)
    for number in range(200):
        writing.record(Event(number / 50, Side.CLIENT, Audio(len(data), data=data)), (), NOTHING)
    kept = len(data) * most
    assert troubles == [f"the audio of the client is too long to be kept: its file ends after {kept} bytes"]
    writing.record(Event(9.0, Side.SERVER, Audio(2, data=b"\x02\x00")), (), NOTHING)
    writing.close("finished", dict.fromkeys(Side, LINEAR))
    with wave.open(str(writing.path.with_suffix(".client.wav"))) as file:
        assert file.getnframes() == kept // 2
    with wave.open(str(writing.path.with_suffix(".server.wav"))) as file:
        assert file.getnframes() == 1
    assert read(writing).footer.events == 201


def test_frames_of_nothing_take_room_too(monkeypatch, recorder, troubles):
    monkeypatch.setattr(recording, "MOST_AUDIO_KEPT", 1_240)
    writing = recorder(keeps_audio=True)
    for _ in range(200):
        writing.record(Event(1.0, Side.CLIENT, Audio(0)), (), NOTHING)
    assert len(troubles) == 1
