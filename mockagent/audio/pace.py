"""How long a text takes to say, and from which sounds: a rough English by its letters, for any script.

A sound is a target for the mouth: where the formants lie, how much voice and how much breath. The lengths
add up to about fifteen characters a second, as in conversation, with rests at commas and ends of sentences.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from unicodedata import normalize

LETTER_FOR = 1 / 15
GAP_FOR = 1 / 15
COMMA_FOR = 0.2
STOP_FOR = 0.4
SHORTEST_FOR = 0.3

Formants = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Sound:
    """One stretch of a word: formants in Hz, the loudness of voice and breath from 0 to 1, seconds."""

    formants: Formants
    voice: float = 0.0
    breath: float = 0.0
    breath_at: float = 3000.0
    lasts_for: float = LETTER_FOR


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is said in one breath, the rest after it in seconds, and whether it is asked."""

    sounds: tuple[Sound, ...]
    rests_for: float = 0.0
    asks: bool = False

    @property
    def lasts_for(self) -> float:
        """Seconds, with the rest."""
        return sum(sound.lasts_for for sound in self.sounds) + self.rests_for


NEUTRAL: Formants = (500.0, 1500.0, 2500.0)
GAP = Sound(NEUTRAL, voice=0.12, lasts_for=GAP_FOR)
HESITATION = Sound((280.0, 1000.0, 2200.0), voice=0.5, lasts_for=SHORTEST_FOR)


def _stop(formants: Formants, voice: float, breath: float, breath_at: float) -> tuple[Sound, ...]:
    """The mouth shuts for half a letter, then bursts open."""
    shut = Sound(formants, voice=voice / 4, lasts_for=LETTER_FOR / 2)
    return shut, Sound(formants, voice, breath, breath_at, LETTER_FOR / 2)


# Formants of the vowels after the averages of Peterson and Barney (1952).
_LETTERS: dict[str, tuple[Sound, ...]] = {
    "a": (Sound((730, 1090, 2440), voice=0.85),),
    "e": (Sound((530, 1840, 2480), voice=1.0),),
    "i": (Sound((390, 1990, 2550), voice=1.0),),
    "o": (Sound((570, 840, 2410), voice=0.65),),
    "u": (Sound((440, 1020, 2240), voice=0.9),),
    "y": (Sound((270, 2290, 3010), voice=0.8),),
    "l": (Sound((360, 1300, 2700), voice=0.5),),
    "m": (Sound((280, 1000, 2200), voice=0.35),),
    "n": (Sound((280, 1600, 2500), voice=0.35),),
    "r": (Sound((420, 1250, 1650), voice=0.5),),
    "w": (Sound((300, 700, 2200), voice=0.4),),
    "v": (Sound((300, 1100, 2300), voice=0.25, breath=0.08, breath_at=3200),),
    "z": (Sound((300, 1500, 2500), voice=0.2, breath=0.25, breath_at=5000),),
    "j": (Sound((300, 1900, 2600), voice=0.25, breath=0.2, breath_at=2800),),
    "f": (Sound((400, 1100, 2300), breath=0.15, breath_at=3200),),
    "s": (Sound((400, 1600, 2600), breath=0.35, breath_at=5200),),
    "h": (Sound(NEUTRAL, breath=0.12, breath_at=1500),),
    "x": (Sound((400, 1600, 2600), breath=0.35, breath_at=5200),),
    "p": _stop((400, 900, 2200), 0.0, 0.2, 1200),
    "t": _stop((400, 1700, 2600), 0.0, 0.3, 4500),
    "k": _stop((400, 1900, 2400), 0.0, 0.25, 2200),
    "c": _stop((400, 1900, 2400), 0.0, 0.25, 2200),
    "q": _stop((400, 1200, 2300), 0.0, 0.25, 1800),
    "b": _stop((350, 900, 2200), 0.4, 0.05, 1200),
    "d": _stop((350, 1700, 2600), 0.4, 0.08, 4000),
    "g": _stop((350, 1900, 2400), 0.4, 0.08, 2200),
    "sh": (Sound((400, 1800, 2500), breath=0.3, breath_at=2900, lasts_for=2 * LETTER_FOR),),
    "ch": _stop((400, 1800, 2500), 0.0, 0.3, 2900),
    "th": (Sound((400, 1400, 2500), voice=0.15, breath=0.1, breath_at=4000, lasts_for=1.5 * LETTER_FOR),),
    "ph": (Sound((400, 1100, 2300), breath=0.15, breath_at=3200, lasts_for=1.5 * LETTER_FOR),),
    "wh": (Sound((300, 700, 2200), voice=0.4, lasts_for=1.5 * LETTER_FOR),),
    "ck": _stop((400, 1900, 2400), 0.0, 0.25, 2200),
}

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SIGNS = {"%": "percent", "&": "and", "+": "plus", "=": "equals", "@": "at", "°": "degrees", "#": "number"}
_MONEY = {"$": "dollars", "€": "euros", "£": "pounds"}
_SPELLED = {**{str(number): word for number, word in enumerate(_DIGITS)}, **_SIGNS, **_MONEY}
_RESTS = {**dict.fromkeys(",;:()–—、，；：", COMMA_FOR), **dict.fromkeys(".!?…\n。！？", STOP_FOR)}
_QUESTION_MARKS = frozenset("?？")
_POINT_WITHIN = re.compile(r"(?<=\w)[.,:](?=\w)")
_MOST_A_SECOND = 50
"""Characters that a second of speech holds at most; but for marks and white space, which take no time."""
_FEWEST_A_SECOND = 2
"""Characters that a second of speech holds at least, though each were a digit or a sign of money."""
_AT_ONCE = 1_000
"""Characters of a long text that are read at once to see how long it takes, about."""
_FIRST_SYLLABIC = 0x2E80  # from here on the scripts of East Asia write a syllable a character


def speaking_time(text: str) -> float:
    """Seconds that the text takes at the pace of conversation; 0.0 for a text of nothing but white space."""
    return sum(phrase.lasts_for for phrase in phrases(text))


def within(text: str, seconds: float) -> str:
    """The text, or as much of its beginning as takes at most so many seconds to say."""
    if len(text) <= seconds * _FEWEST_A_SECOND:
        return text
    text = text[: max(1, round(seconds * _MOST_A_SECOND))]
    text = text[: _enough(text, seconds)]
    while (lasts := speaking_time(text)) > seconds and len(text) > 1:
        text = text[: min(len(text) - 1, int(len(text) * seconds / lasts))]
    return text


def _enough(text: str, seconds: float) -> int:
    """How many of its characters surely take longer, where the text does: so that not all of it need be read."""
    end, lasts = 0, 0.0
    while end < len(text) and lasts < 2 * seconds:
        lasts += speaking_time(text[end : end + _AT_ONCE])
        end += _AT_ONCE
    return end


def phrases(text: str) -> list[Phrase]:
    """The text as it is breathed, at least 0.3 s of it; nothing rests after the last phrase."""
    if not text.strip():
        return []
    found = list(_phrases(_POINT_WITHIN.sub(" ", text)))
    if not found:
        return [Phrase((HESITATION,))]
    found[-1] = replace(found[-1], rests_for=0.0)
    length = sum(phrase.lasts_for for phrase in found)
    if length >= SHORTEST_FOR:
        return found
    return [_stretched(phrase, SHORTEST_FOR / length) for phrase in found]


def _phrases(text: str) -> Iterator[Phrase]:
    # Digits and signs become words before, so that what is left is letters, white space and marks.
    spelled = "".join(f" {_SPELLED[char]} " if char in _SPELLED else char for char in text)
    for said, marks in re.findall(r"([^\W_][^,;:()–—、，；：.!?…\n。！？]*)([\s\W_]*)", spelled):
        sounds = tuple(_sounds(said))
        if sounds:
            rest = max((_RESTS.get(mark, 0.0) for mark in marks), default=0.0)
            yield Phrase(sounds, rest, asks=not _QUESTION_MARKS.isdisjoint(marks))


def _sounds(said: str) -> Iterator[Sound]:
    for number, word in enumerate(said.split()):
        if number:
            yield GAP
        letters = "".join(map(_plain, word.casefold()))
        for part in re.findall(r"[scptw]h|ck|.", letters):
            yield from _LETTERS.get(part) or _foreign(part)


def _plain(char: str) -> str:
    """The letter without its accents, when that is one of a to z."""
    base = normalize("NFKD", char)[:1]
    return base if base.isascii() else char


def _foreign(char: str) -> tuple[Sound, ...]:
    """Some sound for a letter of another script, always the same; nothing for what is not a letter."""
    if not char.isalpha():
        return ()
    code = ord(char)
    consonant, vowel = _LETTERS["lmnrstkdv"[code % 9]], _LETTERS["aeiou"[code % 5]]
    if code >= _FIRST_SYLLABIC:
        return *consonant, replace(vowel[0], lasts_for=2 * LETTER_FOR)
    return vowel if code % 5 < 2 else consonant


def _stretched(phrase: Phrase, factor: float) -> Phrase:
    sounds = tuple(replace(sound, lasts_for=sound.lasts_for * factor) for sound in phrase.sounds)
    return replace(phrase, sounds=sounds, rests_for=phrase.rests_for * factor)
