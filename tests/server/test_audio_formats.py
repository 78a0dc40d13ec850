"""What a real client hears: every encoding of audio.output, decoded from the frames as they came over the socket."""

import asyncio
import io
import json
import wave

import av
import numpy as np
import pytest

from mockagent.audio.pace import speaking_time
from mockagent.audio.packets import packets
from mockagent.audio.speech import synthesise
from mockagent.protocol.formats import AudioFormat

SAID = ["It is sunny in Fremont today.", "Anything else?"]
PLAY = f"""
- client: Settings
- agent: {json.dumps(SAID)}
- client: {{closes: true}}
"""
SPEED = 5.0
CODEC_DELAY = 0.3
FORMATS = [
    ({"encoding": "linear16", "sample_rate": 16000, "container": "wav"}, "wav"),
    ({"encoding": "mulaw", "sample_rate": 8000, "container": "wav"}, "wav"),
    ({"encoding": "mp3"}, "mp3"),
    ({"encoding": "mp3", "sample_rate": 24000, "bitrate": 32000}, "mp3"),
    ({"encoding": "opus"}, "ogg"),
    ({"encoding": "opus", "sample_rate": 24000, "container": "ogg", "bitrate": 32000}, "ogg"),
    ({"encoding": "opus", "container": "none"}, None),
    ({"encoding": "flac", "sample_rate": 16000}, "flac"),
    ({"encoding": "flac", "container": "ogg"}, "ogg"),
    ({"encoding": "aac", "bitrate": 64000}, "aac"),
]


def heard(frames, container):
    """The sound of a whole reply as float samples, and its rate."""
    if container is None:
        context = av.CodecContext.create("opus", "r")
        context.layout = "mono"
        parts = [part for frame in frames for part in context.decode(av.Packet(frame))]
    else:
        with av.open(io.BytesIO(b"".join(frames))) as file:
            assert file.format.name.split(",")[0] == container
            parts = list(file.decode(audio=0))
    sound = np.concatenate([part.to_ndarray().ravel().astype(float) for part in parts])
    return sound, parts[0].sample_rate


async def reply(socket, settings):
    """The frames of the first reply, and the words around them."""
    frames, types = [], []
    await socket.send(json.dumps(settings))
    async with asyncio.timeout(60):
        while types[-1:] != ["AgentAudioDone"]:
            data = await socket.recv()
            if isinstance(data, bytes):
                frames.append(data)
            else:
                types.append(json.loads(data)["type"])
    return frames, types


@pytest.mark.parametrize(("output", "container"), FORMATS, ids=str)
def test_a_reply_is_one_stream_that_a_client_can_decode(serving, scenario, settings, output, container):
    async def talk():
        play = scenario("formats", PLAY)
        async with serving(play, speed=SPEED) as running, running.connect() as socket:
            body = settings()
            body["audio"] = {"output": output}
            frames, types = await reply(socket, body)
            await socket.close()
            await running.closed()
            return frames, types, running.findings()

    frames, types, findings = asyncio.run(talk())
    sound, rate = heard(frames, container)
    lasts = sum(map(speaking_time, SAID))
    assert lasts - 0.01 <= len(sound) / rate <= lasts + CODEC_DELAY
    assert sound.std() > 0.02 * np.abs(sound).max() > 0
    assert all(frames)
    assert max(b"".join(frames).count(mark) for mark in (b"RIFF", b"OpusHead", b"fLaC")) <= 1
    assert types.count("ConversationText") == 2
    assert findings == []


@pytest.mark.parametrize(
    "output",
    [
        *({"encoding": encoding} for encoding in ("mp3", "opus", "flac", "aac")),
        {"container": "wav"},
        {"encoding": "mulaw", "container": "ogg"},
        {"bitrate": 48000},
    ],
    ids=str,
)
@pytest.mark.parametrize("voice", ["flux", "none named"])
def test_what_a_flux_voice_cannot_speak_is_refused(serving, scenario, settings, output, voice):
    async def talk():
        play = scenario("formats", PLAY)
        async with serving(play) as running, running.client() as client:
            body = settings()
            body["audio"] = {"output": output}
            provider = {"type": "deepgram", "version": "v2", "model": "flux-alexis-en"}
            agent = {key: value for key, value in body["agent"].items() if key != "speak"}
            body["agent"] = agent | ({"speak": {"provider": provider}} if voice == "flux" else {})
            await client.send(body)
            await client.to_end()
            return client.messages[-1]

    error = asyncio.run(talk())
    assert (error["type"], error["code"]) == ("Error", "INVALID_SETTINGS")


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ({"encoding": "mp3", "container": "wav"}, "mp3 in container 'wav'; expected 'none'"),
        ({"encoding": "opus", "sample_rate": 22050}, "opus at 22050 Hz; expected one of 8000"),
        ({"encoding": "linear16", "container": "ogg"}, "linear16 in container 'ogg'"),
    ],
)
def test_what_no_codec_can_make_is_refused_with_what_can(serving, scenario, settings, output, says):
    async def talk():
        play = scenario("formats", PLAY)
        async with serving(play) as running, running.client() as client:
            await client.send(settings(audio={"output": output}))
            await client.to_end()
            return client.messages[-1]

    error = asyncio.run(talk())
    assert error["code"] == "FAILED_TO_SPEAK"
    assert says in error["description"]


def spoken(text, format):
    """Half a second of silence, the text, and two seconds of silence, as frames of 20 ms."""
    rest = np.zeros(format.sample_rate // 2, np.int16)
    sound = np.concatenate([rest, synthesise(text, format.sample_rate), rest, rest, rest, rest])
    return [frame for frame in packets(sound, format) if frame]


LISTENING = """
- client: Settings
- user: Hello there, how are you?
  when: {when}
- agent: I am well.
- client: {{closes: true}}
"""
INPUTS = [
    ("opus", AudioFormat("opus", 48000, "none", 24000)),
    ("opus", AudioFormat("opus", 48000, "ogg", 24000)),
    ("ogg-opus", AudioFormat("opus", 16000, "ogg", 24000)),
    ("flac", AudioFormat("flac", 16000)),
    ("mulaw", AudioFormat("mulaw", 8000)),
    ("linear16", AudioFormat("linear16", 24000, "wav")),
]


@pytest.mark.parametrize("when", ["speech", "audio"])
@pytest.mark.parametrize(("encoding", "format"), INPUTS, ids=str)
def test_a_turn_comes_of_speech_in_any_encoding(serving, scenario, settings, encoding, format, when):
    async def talk():
        play = scenario("listening", LISTENING.format(when=when))
        async with serving(play, speed=SPEED) as running, running.client() as client:
            audio = {"input": {"encoding": encoding, "sample_rate": format.sample_rate}}
            await client.send(settings(audio=audio))
            await client.until("SettingsApplied")
            for frame in spoken("Hello there, how are you?", format):
                await client.send(frame)
            await client.until("AgentAudioDone")
            await client.socket.close()
            (closed,) = await running.closed()
            return client.words, closed

    words, closed = asyncio.run(talk())
    assert words.count("UserStartedSpeaking") == 1
    assert closed.ending == "finished"
    sent_for = 2.5 + speaking_time("Hello there, how are you?")
    held_back = 0.2 if encoding == "flac" else 0.0  # the parser wants to have seen ten more frames
    assert closed.heard == pytest.approx(sent_for - held_back, abs=0.15)


def test_both_sides_are_kept_as_sound(serving, scenario, settings, tmp_path):
    opus = AudioFormat("opus", 48000, "none", 24000)

    async def talk():
        play = scenario("listening", LISTENING.format(when="audio"))
        async with serving(play, speed=SPEED, trace=tmp_path, trace_audio=True) as running:
            async with running.client() as client:
                audio = {"input": {"encoding": "opus", "sample_rate": 48000}, "output": {"encoding": "mp3"}}
                await client.send(settings(audio=audio))
                await client.until("SettingsApplied")
                for frame in spoken("Hello there, how are you?", opus):
                    await client.send(frame)
                await client.until("AgentAudioDone")
            (closed,) = await running.closed()
            return closed

    closed = asyncio.run(talk())
    assert closed.ending == "finished"
    sent_for = 2.5 + speaking_time("Hello there, how are you?")
    assert closed.heard == pytest.approx(sent_for, abs=0.15)
    for side, lasts in (("client", sent_for), ("server", speaking_time("I am well."))):
        (path,) = tmp_path.glob(f"*.{side}.wav")
        with wave.open(str(path)) as file:
            assert file.getnframes() / file.getframerate() == pytest.approx(lasts, abs=CODEC_DELAY)


def test_garbage_in_place_of_audio_is_only_data(serving, scenario, settings):
    async def talk():
        play = scenario("listening", LISTENING.format(when="speech"))
        async with serving(play) as running, running.client() as client:
            await client.send(settings(audio={"input": {"encoding": "ogg-opus", "sample_rate": 48000}}))
            await client.until("SettingsApplied")
            for number in range(100):
                await client.send(bytes([number + 1]) * 50)
            await client.send({"type": "UpdatePrompt", "prompt": "Go on."})
            await client.until("PromptUpdated")
            await client.socket.close()
            (closed,) = await running.closed()
            return closed

    closed = asyncio.run(talk())
    assert closed.ending == "unfinished"
    assert closed.broken == ()
