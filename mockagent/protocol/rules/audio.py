"""What audio must be, and where it may come. Source: the media and playback pages, SDK behaviour."""

from collections.abc import Iterator

from mockagent.protocol import formats, transitions
from mockagent.protocol.events import Audio, Event, Side
from mockagent.protocol.ruling import Breach, rule
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import AUDIO, Phase, Turn

LARGEST_FRAME = 1_048_576
"""Bytes: Python clients close with 1009 above it."""


def _odd_bytes(audio: Audio, encoding: str) -> int:
    return audio.size % formats.SAMPLE_WIDTHS.get(encoding, 1)


@rule("AUD-001", Side.CLIENT, AUDIO)
def a_clients_audio_is_never_empty(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio) and not event.content.size:
        yield Breach("audio in a binary frame", "an empty one")


@rule("AUD-002", Side.CLIENT, AUDIO)
def a_client_sends_whole_samples(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio) and session.settings is not None and not event.content.json:
        encoding = formats.input_format(session.settings, session.dialect).encoding
        if _odd_bytes(event.content, encoding):
            yield Breach(f"whole samples of {encoding}", f"{event.content.size} bytes")


@rule("AUD-003", Side.SERVER, AUDIO)
def a_servers_audio_is_never_empty(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio) and not event.content.size:
        yield Breach("audio in a binary frame", "an empty one")


@rule("AUD-004", Side.SERVER, AUDIO)
def a_server_sends_whole_samples(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio):
        encoding = formats.output_format(session.settings or {}, session.dialect).encoding
        if _odd_bytes(event.content, encoding):
            yield Breach(f"whole samples of {encoding}", f"{event.content.size} bytes")


@rule("AUD-005", Side.SERVER, AUDIO)
def a_servers_frame_is_at_most_a_mebibyte(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio) and event.content.largest > LARGEST_FRAME:
        yield Breach(f"at most {LARGEST_FRAME} bytes a frame", str(event.content.largest))


@rule("AUD-006", Side.SERVER, AUDIO)
def audio_stops_when_the_user_speaks(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is Phase.ACTIVE and session.turn is Turn.USER:
        yield Breach("no audio after UserStartedSpeaking", "audio of the interrupted reply")


@rule("AUD-007", Side.SERVER, AUDIO)
def audio_belongs_to_a_reply(session: Session, event: Event) -> Iterator[Breach]:
    is_ours = session.phase is Phase.ACTIVE and session.turn is not Turn.USER
    if is_ours and not session.allows(Side.SERVER, transitions.AUDIO):
        yield Breach("ConversationText of the assistant before its audio", f"audio while {session.turn}")


@rule("AUD-008", Side.SERVER, "AgentAudioDone")
def agent_audio_done_follows_audio(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is Phase.ACTIVE and not session.allows(Side.SERVER, "AgentAudioDone"):
        yield Breach("AgentAudioDone right after the audio of a reply", f"one while {session.turn}")


@rule("AUD-013", Side.SERVER, AUDIO)
def audio_is_in_no_file_that_was_not_asked_for(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio) and event.content.marked:
        asked = formats.output_format(session.settings or {}, session.dialect)
        if event.content.marked not in (asked.container, asked.encoding):
            wanted = f"{asked.encoding} in container {asked.container}"
            yield Breach(wanted, f"a frame that begins like a file of {event.content.marked}")
