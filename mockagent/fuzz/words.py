"""The words for texts: some that match each pattern of the schemas and some that nearly do, and real names of models.

A pattern that is not here is refused: nobody guesses a word for it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mockagent.protocol.names import LISTEN_MODELS, THINK_MODELS, VOICES

_UUID = "fc553ec9-5874-49ca-a47c-b670d525a4b1"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that match a pattern, and by name some that nearly do."""

    right: tuple[str, ...]
    wrong: Mapping[str, str]


_UUIDS = Words(
    (_UUID, _UUID.upper(), "00000000-0000-4000-8000-000000000000"),
    MappingProxyType(
        {
            "empty": "",
            "short": _UUID[:-1],
            "long": _UUID + "0",
            "braces": f"{{{_UUID}}}",
            "no-hyphens": _UUID.replace("-", ""),
            "letter": "g" + _UUID[1:],
        }
    ),
)

PATTERNS: Mapping[str, Words] = MappingProxyType(
    {
        "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$": _UUIDS,
        "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$": _UUIDS,
        "^https?://": Words(
            ("https://example.com/v1", "http://127.0.0.1:8080/", "https://example.com/v1?a=b&c=%20"),
            MappingProxyType(
                {
                    "empty": "",
                    "no-scheme": "example.com/v1",
                    "websocket": "wss://example.com/v1",
                    "upper-case": "HTTPS://example.com/v1",
                    "space": " https://example.com/v1",
                }
            ),
        ),
        "^(https?|wss?)://": Words(
            ("https://example.com/v1", "wss://example.com/v1", "ws://127.0.0.1:8080/"),
            MappingProxyType({"empty": "", "no-scheme": "example.com/v1", "ftp": "ftp://example.com/v1"}),
        ),
        "^[A-Za-z]*$": Words(
            ("POST", "get", ""), MappingProxyType({"digit": "GET2", "space": "GET ", "header": "GET\r\nX: y"})
        ),
        "^flux": Words(("flux-general-en",), MappingProxyType({})),
        "^flux-": Words(("flux-alexis-en",), MappingProxyType({})),
        "^aura-": Words(("aura-2-thalia-en",), MappingProxyType({})),
    }
)
"""By pattern; those without wrong words stand in conditions only, so that nothing departs from them."""

_VOICES_OF_OTHERS = ("alloy", "sonic-2", "Joanna")


def fits(word: str, patterns: Iterable[str], avoids: Iterable[str] = ()) -> bool:
    """Whether a word matches all the one patterns, and none of the others."""
    return all(re.search(each, word) for each in patterns) and not any(
        re.search(each, word) for each in avoids
    )


def matching(patterns: tuple[str, ...], avoids: tuple[str, ...]) -> tuple[str, ...]:
    """The words that match; KeyError for a pattern that is not known, or when no word of it is left."""
    found = tuple(word for word in PATTERNS[patterns[0]].right if fits(word, patterns, avoids))
    if not found:
        raise KeyError(patterns)
    return found


def models(block: str, provider: str) -> tuple[str, ...]:
    """The names of models (or voices) that fit a provider of the block listen, think or speak."""
    if block == "think":
        known = tuple(id for id, _, type in THINK_MODELS if type == provider)
        return known or ("gpt-4o-mini", "llama-3.3-nemotron", "anthropic.claude-3-5-sonnet")
    if block == "listen":
        return ("nova-3", *LISTEN_MODELS)
    return ("aura-2-thalia-en", *VOICES) if provider == "deepgram" else _VOICES_OF_OTHERS
