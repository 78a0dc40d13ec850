"""How the user's turns are spoken: a recording, this machine's speech synthesiser, tones, or text instead."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import cache

from mockagent.scenario import model
from mockagent.scenario.duties import Words
from mockagent.scenario.lines import Lines
from mockagent.scenario.model import Trigger

SYNTHESISER = "espeak-ng"
_SPEAKS_WITHIN = 20.0


class Voice(StrEnum):
    """What speaks where a scenario has no recording; AUTO is the best there is for such a server."""

    AUTO = "auto"
    ESPEAK = SYNTHESISER
    TONES = "tones"
    TEXT = "text"


def has_synthesiser() -> bool:
    """Whether this machine can speak."""
    return shutil.which(SYNTHESISER) is not None


def chosen(voice: Voice, words: Words) -> Voice:
    """The voice for such a server: one that plays a script hears any sound, one that listens needs words."""
    if voice is not Voice.AUTO:
        return voice
    if words is Words.EXACT:
        return Voice.TONES
    return Voice.ESPEAK if has_synthesiser() else Voice.TEXT


def voiced(lines: Lines, voice: Voice, speak: Callable[[str], bytes], told: Counter[str]) -> Lines:
    """The lines with each user turn as it will be spoken; `told` counts in which way."""
    spoken: list[model.Step] = []
    for line in lines:
        step = line.step
        if isinstance(step, model.UserTurn) and step.trigger is not Trigger.TIMER:
            step = _turn(step, voice, speak, told)
            if step.trigger is Trigger.TEXT and spoken:
                spoken[-1] = _typed_into(spoken[-1])
        spoken.append(step)
    return tuple(replace(line, step=step) for line, step in zip(lines, spoken, strict=True))


def _turn(
    step: model.UserTurn, voice: Voice, speak: Callable[[str], bytes], told: Counter[str]
) -> model.UserTurn:
    if step.trigger is Trigger.TEXT:
        told["sent as InjectUserMessage, as the scenario has it"] += 1
    elif step.wav is not None:
        told["from the scenario's recording"] += 1
    elif voice is Voice.ESPEAK:
        told[f"by {SYNTHESISER}"] += 1
        return replace(step, wav=speak(step.text))
    elif voice is Voice.TONES:
        told["in tones for speech"] += 1
    else:
        told["sent as InjectUserMessage"] += 1
        return replace(step, trigger=Trigger.TEXT)
    return step


def _typed_into(step: model.Step) -> model.Step:
    """A turn that is interrupted by the text that follows it."""
    match step:
        case model.AgentTurn(interrupted=how) | model.CallTurn(interrupted=how) if how and how.after is None:
            return replace(step, interrupted=replace(how, by=Trigger.TEXT))
    return step


@cache
def synthesised(text: str) -> bytes:
    """The text spoken by this machine, as the bytes of a WAV file; OSError where that goes wrong."""
    done = subprocess.run(
        (SYNTHESISER, "-v", "en", "--stdin", "--stdout"),
        input=text.encode(),
        capture_output=True,
        timeout=_SPEAKS_WITHIN,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise OSError(f"{SYNTHESISER} exited with {done.returncode}")
    return done.stdout
