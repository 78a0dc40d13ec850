"""Checks one message by what the service would say to it, at a moment when its type is in order.

Only what the message itself is counts here, not when it came: its form, its schema, and whether Settings can be met.
"""

from collections.abc import Sequence
from dataclasses import replace

from mockagent import catalogue
from mockagent.lint.documents import Document
from mockagent.lint.items import Asked, Departure, Item, Kind
from mockagent.protocol import codec, messages, service
from mockagent.protocol.events import Dialect, Event, Frame, Malformed, Message, Side, Tolerance
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Phase
from mockagent.protocol.wording import nearest

_OF_ITS_CONTENT = frozenset({"SET-004", "SET-008"})
"""What is asked of a Settings itself, beside its form."""
_OF_ITS_SESSION = frozenset({"MSG-011", "MSG-012"})
"""What depends on the Settings of a session, which a message alone has not."""
_KEYWORDS = {
    "MSG-001": "malformed",
    "MSG-006": "malformed",
    "MSG-010": "not-enabled",
    "MSG-014": "empty",
    "SET-004": "impossible",
    "SET-008": "unknown-name",
}


def places(
    type: str, dialect: Dialect | None = None, sender: Side | None = None
) -> list[tuple[Dialect, Side]]:
    """Which sides send that type, in the dialect (V1 unless only early access has it); empty if none does."""
    sides = [sender] if sender else list(Side)
    for each in [dialect] if dialect else list(Dialect):
        found = [(each, side) for side in sides if type in TYPES[each, side]]
        if found:
            return found
    return []


def check_message(document: Document, file: str, asked: Asked) -> Item:
    """What is wrong with the message of a document."""
    content = codec.decode(Frame(document.text.encode("utf-8", "surrogateescape")))
    if isinstance(content, Message):
        found = places(content.type, asked.dialect, asked.sender) or [_likely(content.type, asked)]
        items = [_item(content, document.line, file, place, asked) for place in found]
        return min(items, key=_badness)
    place = (asked.dialect or Dialect.V1, asked.sender or Side.CLIENT)
    assert isinstance(content, Malformed)
    return _item(content, document.line_of_error, file, place, asked)


def _likely(type: str, asked: Asked) -> tuple[Dialect, Side]:
    """Where a type that nobody sends was probably meant to belong."""
    dialect = asked.dialect or Dialect.V1
    if asked.sender:
        return dialect, asked.sender
    is_servers = nearest(type, TYPES[dialect, Side.SERVER]) and not nearest(type, TYPES[dialect, Side.CLIENT])
    return dialect, Side.SERVER if is_servers else Side.CLIENT


def _badness(item: Item) -> tuple[bool, int]:
    return not item.is_fine, len(item.findings)


def _item(
    content: Message | Malformed, line: int, file: str, place: tuple[Dialect, Side], asked: Asked
) -> Item:
    dialect, sender = place
    tolerance = Tolerance.FAITHFUL if asked.tolerance is None else asked.tolerance
    type = content.type if isinstance(content, Message) else None
    if isinstance(content, Message):
        content = replace(content, problems=catalogue.schemas().problems(dialect, sender, content.body))
    session = _session(dialect, type)
    violations = _violations(session, sender, content)
    return Item(
        file,
        line,
        Kind.MESSAGE,
        type,
        dialect=dialect,
        sender=sender if type else asked.sender,
        guessed=asked.dialect is None and dialect is not Dialect.V1,
        answer=service.error_for(violations, session, tolerance, session.switches),
        findings=tuple(_departure(each, content, tolerance) for each in violations),
    )


def _session(dialect: Dialect, type: str | None) -> Session:
    """A session in which a message of that type is in order."""
    if type in messages.SETTINGS.values():
        return Session(dialect, phase=Phase.WELCOMED, welcomed_at=0.0)
    settings = {"type": messages.SETTINGS[dialect], "agent": {}}
    return Session(dialect, Switches(), Phase.ACTIVE, settings=settings, welcomed_at=0.0)


def _violations(session: Session, sender: Side, content: Message | Malformed) -> Sequence[Violation]:
    judge = Judge(catalogue.requirements(), session.switches, session.dialect)
    judge.session = session
    found = judge.observe(Event(1.0, sender, content))
    return [each for each in found if _is_of_the_message(each.requirement.id)]


def _is_of_the_message(id: str) -> bool:
    return id in _OF_ITS_CONTENT or (id.startswith("MSG-") and id not in _OF_ITS_SESSION)


def _may_be_refused(violation: Violation) -> bool:
    return violation.requirement.is_must or violation.requirement.refusal is not None


def _departure(violation: Violation, content: Message | Malformed, tolerance: Tolerance) -> Departure:
    problems = content.problems if isinstance(content, Message) else ()
    keywords = {(each.pointer, each.expected, each.got): each.keyword for each in problems}
    id = violation.requirement.id
    return Departure(
        id,
        violation.pointer,
        keywords.get((violation.pointer, violation.expected, violation.got)) or _KEYWORDS[id],
        violation.expected,
        violation.got,
        violation.refused_from,
        violation.refused_from <= tolerance and _may_be_refused(violation),
    )
