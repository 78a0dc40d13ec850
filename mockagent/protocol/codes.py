"""The one table of the codes that an Error or a Warning can carry: when the service sends each, and in which words.

A code is an identifier that programs branch on; its wording is for people, and how sure we are of it stands beside it.
Sources: the Errors & Warnings page (https://developers.deepgram.com/docs/voice-agent-errors-warnings) and, for
the wordings, what the live service was seen to send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, JsonObject

FIELD = "{field}"
"""Stands in a wording for the field at fault."""
_ANY_FIELD = "agent"


class Kind(StrEnum):
    """The type of message that carries a code. The service closes after every Error and after no Warning."""

    ERROR = "Error"
    WARNING = "Warning"


class Wording(StrEnum):
    """Where a description comes from: seen on the wire, read in the vendor's documentation, or written by us."""

    OBSERVED = "observed"
    DOCUMENTED = "documented"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Code:
    """One row. `when` says what the service means by it.

    `description` is that of V1 and `message` what early access says in its place. With `refuses_settings` the
    Error can come in place of SettingsApplied, and does where it is the first answer.
    """

    name: str
    kind: Kind
    when: str
    description: str
    wording: Wording = Wording.OURS
    message: str = ""
    refuses_settings: bool = False

    @property
    def is_fatal(self) -> bool:
        """Whether the service closes after it."""
        return self.kind is Kind.ERROR


def _error(
    name: str, when: str, description: str, wording: Wording = Wording.OURS, message: str = ""
) -> Code:
    return Code(name, Kind.ERROR, when, description, wording, message or description)


def _refusal(
    name: str, when: str, description: str, wording: Wording = Wording.OURS, message: str = ""
) -> Code:
    return Code(name, Kind.ERROR, when, description, wording, message or description, refuses_settings=True)


def _warning(name: str, when: str, description: str, wording: Wording = Wording.OURS) -> Code:
    return Code(name, Kind.WARNING, when, description, wording)


_ERRORS = (
    _error(
        "INTERNAL_SERVER_ERROR", "something failed inside the service", "An internal server error occurred."
    ),
    _error(
        "CLIENT_MESSAGE_TIMEOUT",
        "nothing came from the client for too long",
        "We waited too long for a websocket message."
        " Please ensure that you're sending binary messages containing user speech.",
        Wording.OBSERVED,
    ),
    _refusal(
        "UNPARSABLE_CLIENT_MESSAGE",
        "a message of the client fits no schema",
        "Text message received from client did not match any of the formats we expect.",
        Wording.OBSERVED,
    ),
    _refusal(
        "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS",
        "the first message of the client is not Settings",
        "The first message of a session must be a Settings message; another type of message was received.",
        message="The first message of a session must be a SettingsConfiguration message;"
        " another type of message was received.",
    ),
    _refusal(
        "BINARY_MESSAGE_BEFORE_SETTINGS",
        "audio comes before Settings",
        "Received binary message before Settings",
        Wording.OBSERVED,
        "Received binary message before SettingsConfiguration",
    ),
    _error(
        "SETTINGS_ALREADY_APPLIED",
        "Settings come a second time",
        "Settings have already been applied in this session.",
    ),
    _refusal(
        "INVALID_SETTINGS",
        "Settings can be read but not be met",
        f"Invalid settings. Check the {FIELD} field against the API spec.",
    ),
    _refusal("INVALID_AGENT_ID", "no stored agent has the id in Settings", "The agent ID is not valid."),
    _refusal(
        "AGENT_ID_NOT_SUPPORTED",
        "this server keeps no stored agents",
        "Agent IDs are not supported by this server.",
    ),
    _refusal(
        "FAILED_TO_START_LISTENING",
        "speech recognition cannot be started",
        "Failed to start listening. Please check your agent.listen settings.",
    ),
    _refusal(
        "FAILED_TO_LISTEN",
        "the same, in older words",
        "Failed to listen. Please check your agent.listen settings.",
    ),
    _error(
        "FAILED_TO_THINK",
        "every think provider has failed",
        "Failed to think. Please check your agent.think settings.",
        Wording.OBSERVED,
    ),
    _error(
        "FAILED_TO_SPEAK",
        "every speak provider has failed",
        "Failed to speak. Please check your agent.speak settings.",
        message="Failed to Speak, check your Speak configuration",
    ),
    _error(
        "ASR_CONNECTION_CLOSED",
        "speech recognition has broken off",
        "The connection to speech recognition was closed.",
    ),
    _error(
        "ASR_DRIVER_TIMEOUT",
        "speech recognition does not answer",
        "No transcript came from speech recognition in time.",
    ),
    _error(
        "USER_AUDIO_FORMAT",
        "the client's audio is not in the format that Settings declares",
        "The audio received does not have the format declared in audio.input.",
    ),
    _error(
        "INVALID_AUDIO_FORMAT",
        "the same, in the words of the migration guide",
        "Failed to process audio input: Invalid audio format",
        Wording.DOCUMENTED,
    ),
    _error(
        "NON_EXISTENT_FUNCTION_CALLED",
        "the model calls a function that Settings does not define",
        "A function was called that is not defined in the settings.",
    ),
    _error(
        "MAXIMUM_SESSION_LENGTH_REACHED",
        "the session has lasted two hours",
        "The session has reached its maximum length of two hours.",
    ),
    _error("SERVER_GOING_AWAY", "the server shuts down", "The server is shutting down."),
)
_WARNINGS = (
    _warning(
        "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH",
        "an injection is refused because the user speaks",
        "InjectAgentMessage was ignored during user speech.",
        Wording.DOCUMENTED,
    ),
    _warning(
        "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH",
        "an injection is refused because the agent speaks",
        "InjectAgentMessage was ignored during agent speech.",
        Wording.DOCUMENTED,
    ),
    _warning(
        "PROMPT_TOO_LONG",
        "the prompt for a managed model has more than 25,000 characters",
        "The prompt has more than 25,000 characters and was cut to them.",
    ),
    _warning(
        "THINK_REQUEST_FAILED",
        "a think provider has failed; the next one is asked",
        "The request to a think provider failed.",
    ),
    _warning(
        "SPEAK_REQUEST_FAILED",
        "a speak provider has failed; the next one is asked",
        "The request to a speak provider failed.",
    ),
    _warning(
        "FUNCTION_CALL_FAILED",
        "a function that the server runs has failed",
        "A server-side function call failed.",
    ),
    _warning(
        "SLOW_THINK_REQUEST",
        "a think provider takes long; again every five seconds",
        "We have now waited 5 seconds for a think response.",
        Wording.OBSERVED,
    ),
    _warning(
        "SLOW_SPEAK_REQUEST",
        "a speak provider takes long; again every five seconds",
        "We have now waited 5 seconds for a speak response.",
        Wording.OBSERVED,
    ),
    _warning(
        "GPT_4O_STREAM_END_ERROR",
        "gpt-4o ends its answer without saying so",
        "The stream of gpt-4o ended without its last message.",
    ),
    _warning(
        "FORCE_END_TURN_UNSUPPORTED",
        "ForceEndTurn comes where listen is not v2",
        "ForceEndTurn needs a listen provider of version v2.",
    ),
    _warning(
        "MAXIMUM_SESSION_LENGTH_APPROACHING",
        "the session ends in five minutes",
        "The session will reach its maximum length of two hours in five minutes.",
    ),
    _warning(
        "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED",
        "UpdateListen asks for another type, version or model",
        "UpdateListen cannot change the type, version or model of the listen provider.",
    ),
)

CODES: Mapping[str, Code] = MappingProxyType({code.name: code for code in (*_ERRORS, *_WARNINGS)})


def of_kind(kind: Kind) -> tuple[str, ...]:
    """The names of all codes that this type of message carries."""
    return tuple(code.name for code in CODES.values() if code.kind is kind)


def error(dialect: Dialect, name: str, description: str | None = None) -> JsonObject:
    """The Error of that code, in the words of the table unless others are given; early access has words alone."""
    code = CODES[name]
    usual = code.description if dialect is Dialect.V1 else code.message
    words = usual.replace(FIELD, _ANY_FIELD) if description is None else description
    return messages.error(dialect, name, words)


def warning(name: str, description: str | None = None) -> JsonObject:
    """The Warning of that code, in the words of the table unless others are given."""
    return messages.warning(name, CODES[name].description if description is None else description)
