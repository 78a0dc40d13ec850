"""Which fields of a message an application could not read. Pure.

Only names count, at every depth: values an SDK may turn into what its language has for them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mockagent.conformance.observing.hearing import Hearing
from mockagent.conformance.observing.lines import SawEvent
from mockagent.conformance.observing.served import Sent
from mockagent.protocol.events import JsonObject, Message


def lost_fields(sent: JsonObject, seen: Mapping[str, Any]) -> list[str]:
    """JSON pointers to what was sent and cannot be read; of what is lost as a whole only the whole.

    `type` is not asked for, since the event says it, and no field that holds null.
    """
    return list(_lost({key: value for key, value in sent.items() if key != "type"}, seen, ""))


def _lost(sent: Any, seen: Any, at: str) -> Iterator[str]:
    match sent:
        case Mapping():
            names = {_plain(name): name for name in seen} if isinstance(seen, Mapping) else {}
            for name, value in sent.items():
                if value is None:
                    continue
                if _plain(name) not in names:
                    yield f"{at}/{name}"
                else:
                    yield from _lost(value, seen[names[_plain(name)]], f"{at}/{name}")
        case list():
            for index, value in enumerate(sent):
                if not isinstance(seen, list) or index >= len(seen):
                    yield f"{at}/{index}"
                else:
                    yield from _lost(value, seen[index], f"{at}/{index}")


def _plain(name: str) -> str:
    """A name as every language writes it: client_side is clientSide."""
    return name.replace("_", "").lower()


def paired(hearing: Hearing) -> Iterator[tuple[Sent, Message, SawEvent]]:
    """Each line that tells fields, with the message that it tells of.

    Where messages were lost it is the one of its type, in order, that loses least. A message that is not right is
    nobody's to tell.
    """
    waiting: dict[str, list[tuple[Sent, Message]]] = {}
    for sent in hearing.sent:
        if isinstance(sent.content, Message):
            waiting.setdefault(sent.content.type, []).append((sent, sent.content))
    to_come = Counter(line.type for line in hearing.events)
    for line in hearing.events:
        to_come[line.type] -= 1
        left = waiting.get(line.type or "", [])
        choice = left[: max(1, len(left) - to_come[line.type])]
        if not choice:
            continue
        if line.message is None:
            del left[0]
            continue
        told = line.message
        best = min(range(len(choice)), key=lambda at: len(lost_fields(choice[at][1].body, told)))
        sent, message = choice[best]
        del left[: best + 1]
        if sent.is_right:
            yield sent, message, line
