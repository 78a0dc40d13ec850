"""The events of a session as a table: what the timeline shows, for whoever wants to read it. Pure."""

import json
from collections.abc import Callable, Container, Iterator

from mockagent.protocol.events import Audio, Closed, Event, Malformed, Message
from mockagent.protocol.redaction import redacted
from mockagent.render.html.markup import plural, text
from mockagent.render.recording import Recording, grouped, label_of

_FIRST, _LAST, _AROUND = 150, 60, 3
_MOST_LETTERS = 300

_Group = list[tuple[int, Event]]


def events(recording: Recording, anchor: Callable[[int], str]) -> str:
    """The table; of a long session its beginning, its end, and what surrounds each finding."""
    found: dict[int, list[str]] = {}
    for mark in recording.marks:
        found.setdefault(mark.frame, []).append(f"{mark.name}: {mark.said}")
    groups = list(grouped(recording.trace, found))
    rows = []
    skipped = 0
    shown = _shown(groups, found.keys())
    for index, group in enumerate(groups):
        if index not in shown:
            skipped += len(group)
            continue
        rows += [_gap(skipped)] if skipped else []
        skipped = 0
        rows.append(_row(group, anchor, found.get(group[0][0], [])))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("#", "at", "from", "what"))
    count = plural(len(recording.trace.events), "event")
    return (
        f'<details class="events"><summary>{count} as a table</summary><div class="scroll" tabindex="0" role="region" '
        f'aria-label="Events"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div></details>'
    )


def _shown(groups: list[_Group], found: Container[int]) -> set[int]:
    marked = [index for index, group in enumerate(groups) if group[0][0] in found]
    near = {index + step for index in marked[:_FIRST] for step in range(-_AROUND, _AROUND + 1)}
    return {*range(_FIRST), *range(len(groups) - _LAST, len(groups)), *near}


def _gap(skipped: int) -> str:
    return f'<tr class="gap"><td colspan="4">{plural(skipped, "event")} left out</td></tr>'


def _row(group: _Group, anchor: Callable[[int], str], findings: list[str]) -> str:
    (number, event), (last, _) = group[0], group[-1]
    numbers = f"{number}" if number == last else f"{number} to {last}"
    flag = "".join(f'<strong class="found">▼ {text(each)}</strong>' for each in findings)
    kind = ' class="flagged"' if findings else ""
    what = "".join(_what(event)) if len(group) == 1 else _sound(group)
    return (
        f'<tr id="{anchor(number)}"{kind}><td class="number">{numbers}</td><td class="number">{event.at:.3f}</td>'
        f'<td class="{event.sender}">{event.sender}</td><td>{what}{flag}</td></tr>'
    )


def _sound(group: _Group) -> str:
    sounds = [event.content for _, event in group if isinstance(event.content, Audio)]
    return _audio(sum(each.frames for each in sounds), sum(each.size for each in sounds), group[-1][1].at)


def _audio(frames: int, size: int, until: float) -> str:
    return f"audio: {plural(frames, 'frame')}, {size} bytes, until {until:.3f}"


def _what(event: Event) -> Iterator[str]:
    match event.content:
        case Message(type=type, body=body):
            rest = {key: value for key, value in redacted(body).items() if key != "type"}
            yield f"<b>{text(type, 100)}</b>"
            if rest:
                yield f" <code>{text(json.dumps(rest, ensure_ascii=False), _MOST_LETTERS)}</code>"
        case Audio(frames=frames, size=size, json=False):
            yield _audio(frames, size, event.at)
        case Malformed(found=found, size=size):
            yield f"<b>no message</b> {text(found, _MOST_LETTERS)}, {size} bytes"
        case Closed(reason=reason):
            yield f"<b>{text(label_of(event))}</b> {text(reason)}"
        case _:
            yield f"<b>{text(label_of(event))}</b>"
