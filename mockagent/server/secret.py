"""The credential that a client came in with, taken out of all that is written or answered about its session."""

import json

from mockagent.protocol.message_types import TYPES
from mockagent.protocol.redaction import REDACTED

_SHORTEST = 12
"""Characters of a key that is looked for in every line; shorter ones are words that a conversation may hold."""
_NO_SECRETS = frozenset(type for types in TYPES.values() for type in types)


class Secret:
    """What is looked for in JSON text, as it is and as JSON escapes it; nothing where it is too short for a key."""

    def __init__(self, credential: str) -> None:
        is_one = len(credential) >= _SHORTEST and credential not in _NO_SECRETS
        self._forms = frozenset((credential, json.dumps(credential)[1:-1])) if is_one else frozenset()

    def hidden(self, text: str) -> str:
        """The text with "[redacted]" wherever the credential stood."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text
