"""Whole turns: what the user says, what the agent says, and the functions it calls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any, TypeAlias

from mockagent.protocol.events import Dialect
from mockagent.protocol.messages import BEHAVIORS
from mockagent.scenario import model
from mockagent.scenario.durations import is_length
from mockagent.scenario.model import During, Trigger
from mockagent.scenario.nodes import ListNode, MappingNode, Node, ScalarNode
from mockagent.scenario.patterns import check_pattern
from mockagent.scenario.reading import Reading, Recording, one_of, unknown
from mockagent.scenario.templates import PRESETS, UnknownName, filled, is_name, presets

Entries: TypeAlias = Mapping[str, Node]
Common: TypeAlias = dict[str, Any]

INTERRUPTION_KEYS = ("after", "by", "during")
SPECULATION_KEYS = ("lasts", "resumed", "call", "answer", "answers", "as", "result", "results", "fails")
SPECULATES_FOR = 0.3
"""Seconds between the moments when the agent begins to think and when the user's turn is confirmed, or resumed."""
CALL_INTERRUPTION_KEYS = ("after", "by")
_OF_THE_SERVER = ("result", "results", "fails")
MOST_PROVIDERS = 20
_INTERRUPTERS = (Trigger.SPEECH, Trigger.TEXT)
_USUAL_NAMES = presets({}, "")


def read_user(entries: Entries, reading: Reading, common: Common) -> model.Step:
    text = reading.text(entries["user"], "what the user says")
    trigger = (
        Trigger(reading.choice(entries["when"], list(Trigger))) if "when" in entries else reading.trigger
    )
    if "says" in entries and trigger is not Trigger.TEXT:
        reading.flaw(entries["says"], f"expected 'says' beside 'when: text' only, got it beside {trigger!s}")
    if "says" in entries:
        check_pattern(entries["says"], reading)
    recording = _recording(entries, reading)
    if recording and "lasts" in entries:
        reading.flaw(entries["lasts"], "expected no 'lasts' beside a WAV, which lasts as long as it lasts")
    lasts = reading.length(entries["lasts"]) if "lasts" in entries else None
    return model.UserTurn(
        text=text,
        trigger=trigger,
        pattern=entries["says"].value if "says" in entries else "*",
        lasts=recording.lasts if recording else lasts or _speaking_time(text, reading),
        wav=recording.data if recording else None,
        within=reading.length(entries["within"]) if "within" in entries else None,
        speculates=_speculation(entries["speculates"], trigger, reading, common)
        if "speculates" in entries
        else None,
        languages=reading.texts(entries["languages"], "a language such as en, or a list of them")
        if "languages" in entries
        else (),
        **common,
    )


def _speculation(node: Node, trigger: Trigger, reading: Reading, common: Common) -> model.Speculation:
    if trigger is Trigger.TEXT:
        reading.flaw(node, "expected no 'speculates' beside 'when: text': what is typed is over at once")
    entries = reading.mapping(node, SPECULATION_KEYS)
    resumed = reading.truth(entries["resumed"]) if "resumed" in entries else False
    if isinstance(node, MappingNode) and not resumed and "call" not in entries:
        reading.flaw(node, "expected a call, or 'resumed: true': nothing else of a speculation can be seen")
    if resumed:
        for key in entries.keys() & {"answer", "answers", "as", *_OF_THE_SERVER}:
            reading.flaw(
                entries[key], f"expected no {key!r}, since the call is cancelled when the user goes on"
            )
    return model.Speculation(
        lasts=reading.length(entries["lasts"], zero=True) if "lasts" in entries else SPECULATES_FOR,
        resumed=resumed,
        call=_calls(entries, reading, common) if "call" in entries else None,
    )


def read_agent(entries: Entries, reading: Reading, common: Common) -> model.Step:
    texts = reading.texts(entries["agent"], "what the agent says, or a list of statements")
    recording = _recording(entries, reading)
    lasts = recording.lasts if recording else sum(_speaking_time(text, reading) for text in texts)
    return model.AgentTurn(
        texts=texts,
        lasts=lasts,
        thinking=reading.text(entries["thinking"]) if "thinking" in entries else None,
        interrupted=_interruption(entries["interrupted"], lasts, reading)
        if "interrupted" in entries
        else None,
        wav=recording.data if recording else None,
        behavior=reading.choice(entries["behavior"], BEHAVIORS) if "behavior" in entries else None,
        backchannel=reading.text(entries["backchannel"]) if "backchannel" in entries else None,
        think_fails=_fails("think_fails", entries, reading),
        speak_fails=_fails("speak_fails", entries, reading),
        **common,
    )


def _fails(key: str, entries: Entries, reading: Reading) -> float:
    """How many providers fail: a number, or `all`."""
    if key not in entries:
        return 0
    node = entries[key]
    if reading.dialect is Dialect.EARLY_ACCESS:
        reading.flaw(node, f"expected no {key!r}: early-access has no fallback providers; write `error: …`")
    if node.value == "all":
        return inf
    if isinstance(node.value, str):
        reading.unexpected(node, f"a whole number from 1 to {MOST_PROVIDERS}, or all")
        return 0
    return reading.whole(node, 1, MOST_PROVIDERS)


def read_call(entries: Entries, reading: Reading, common: Common) -> model.Step:
    if "interrupted" in entries and "as" in entries:
        reading.flaw(entries["as"], "expected no 'as' beside 'interrupted', which cancels the call")
    return _calls(entries, reading, common)


def _calls(entries: Entries, reading: Reading, common: Common) -> model.CallTurn:
    functions = reading.entries(entries["call"], "a mapping of function names to their arguments")
    names = list(functions.entries)
    answers = _by_name(entries, "answer", "answers", names, reading)
    for node in answers.values():
        check_pattern(node, reading)
    results = _by_name(entries, "result", "results", names, reading)
    server_side = reading.truth(entries["server_side"]) if "server_side" in entries else None
    fails = reading.text(entries["fails"], "why the function fails") if "fails" in entries else None
    if server_side is False and (results or fails):
        key = next(key for key in _OF_THE_SERVER if key in entries)
        reading.flaw(entries[key], f"expected no {key!r}, since the client runs the function and answers")
    if results and fails:
        reading.flaw(
            entries["fails"], "expected no 'fails' beside a result: a function that fails gives none"
        )
    capture = _capture(entries["as"], names, reading) if "as" in entries else None
    calls = tuple(
        model.Call(
            name=name,
            arguments=_arguments(functions.entries[name], reading),
            answer=answers[name].value if name in answers else "*",
            capture=capture,
            result=reading.text(results[name]) if name in results else None,
            fails=fails,
            server_side=server_side,
        )
        for name in names
    )
    return model.CallTurn(
        calls=calls,
        thinking=reading.text(entries["thinking"]) if "thinking" in entries else None,
        within=reading.length(entries["within"]) if "within" in entries else None,
        interrupted=_interrupted_call(entries["interrupted"], reading) if "interrupted" in entries else None,
        order=_order(entries, calls, reading) if "order" in entries else (),
        **common,
    )


def _order(entries: Entries, calls: Sequence[model.Call], reading: Reading) -> tuple[str, ...]:
    """The names of called functions, in the order in which the client must answer."""
    if "interrupted" in entries:
        reading.flaw(entries["order"], "expected no 'order' beside 'interrupted', which cancels the calls")
    if any(call.server_side or call.result or call.fails for call in calls):
        reading.flaw(entries["order"], "expected no 'order', since the server runs the functions")
    nodes = reading.items(entries["order"], "at least two of the functions, in the order of their answers", 2)
    named = [call.name for call in calls]
    order = [reading.choice(node, named) for node in nodes]
    for index, node in enumerate(nodes):
        if node.value in named and order[index] in order[:index]:
            reading.flaw(node, f"expected each function once, got {order[index]!r} again")
    return tuple(order)


def _speaking_time(text: str, reading: Reading) -> float:
    try:
        said = str(filled(text, _USUAL_NAMES))
    except UnknownName:
        said = text
    return reading.surroundings.speaking_time(said)


def _recording(entries: Entries, reading: Reading) -> Recording | None:
    if "wav" not in entries:
        return None
    path = reading.text(entries["wav"], "the path of a WAV file")
    try:
        return reading.surroundings.read_wav(path) if path else None
    except ValueError as error:
        reading.flaw(entries["wav"], str(error))
        return None


def _interruption(node: Node, lasts: float, reading: Reading) -> model.Interruption:
    entries = _keys_of_interruption(node, INTERRUPTION_KEYS, reading)
    during = (
        During(reading.choice(entries["during"], list(During))) if "during" in entries else During.SPEAKING
    )
    found = _after_or_by(node, entries, lasts, reading, zero=during is During.THINKING)
    is_too_late = during is During.SPEAKING and found.after is not None and found.after >= lasts > 0
    if "after" in entries and is_too_late:
        speech = f"the speech, which takes {lasts:.1f} s"
        reading.flaw(
            entries["after"], f"expected an interruption before the end of {speech}, got {found.after:g} s"
        )
    return replace(found, during=during)


def _interrupted_call(node: Node, reading: Reading) -> model.Interruption:
    entries = _keys_of_interruption(node, CALL_INTERRUPTION_KEYS, reading)
    found = _after_or_by(node, entries, 0.0, reading, zero=True)
    return replace(found, during=During.THINKING)


def _keys_of_interruption(node: Node, keys: Collection[str], reading: Reading) -> Entries:
    if isinstance(node, ScalarNode) and is_length(node.value):
        reading.flaw(
            node,
            f"expected a mapping with {one_of(keys)}, got {node.value!r}; write {{after: {node.value}}}",
        )
        return {}
    return reading.mapping(node, keys)


def _after_or_by(
    node: Node, entries: Entries, usually: float, reading: Reading, *, zero: bool
) -> model.Interruption:
    given = [key for key in ("after", "by") if key in entries]
    if isinstance(node, MappingNode) and len(given) != 1:
        reading.flaw(node, f"expected either 'after' or 'by', got {'both' if given else 'neither'}")
    if "by" in entries:
        return model.Interruption(by=Trigger(reading.choice(entries["by"], _INTERRUPTERS)))
    return model.Interruption(after=reading.length(entries["after"], zero=zero) if given else usually)


def _by_name(entries: Entries, one: str, many: str, names: list[str], reading: Reading) -> Mapping[str, Node]:
    """What `answer` (for all functions) or `answers` (by name) says; the same for `result` and `results`."""
    if one in entries and many in entries:
        reading.flaw(entries[many], f"expected either {one!r} or {many!r}, got both")
    if one in entries:
        return dict.fromkeys(names, entries[one])
    if many not in entries:
        return {}
    given = reading.entries(entries[many], "a mapping of function names")
    for name in given.entries.keys() - set(names):
        reading.flaw(given.keys[name], unknown("function", name, names))
    return {name: node for name, node in given.entries.items() if name in names}


def _arguments(node: Node, reading: Reading) -> dict[str, Any]:
    if isinstance(node, MappingNode):
        return node.value
    if isinstance(node, ListNode) or node.value is not None:
        reading.unexpected(node, "the arguments of the function as a mapping ({} for none)")
    return {}


def _capture(node: Node, names: list[str], reading: Reading) -> str | None:
    name = reading.text(node, "a name")
    if name and (not is_name(name) or name in PRESETS):
        reading.unexpected(node, "a new name of letters, digits and '_'")
    if len(names) > 1:
        reading.flaw(node, f"expected 'as' beside one function, got it beside {len(names)}")
    return name or None
