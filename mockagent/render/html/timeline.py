"""One session over its time: a lane for each side, audio as bars, turns shaded, findings flagged. Pure.

However long the session is, the picture has a limited width, and what falls on one spot of it is one mark.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from mockagent.protocol.events import Event, Side
from mockagent.protocol.transitions import Turn
from mockagent.render.html.markup import plural, text
from mockagent.render.recording import Mark, Recording, label_of, messages, shades, stretches

_A_SECOND = 90.0
_NARROWEST, _WIDEST = 620.0, 3_600.0
_MARGIN = 12.0
_LINE, _BAR, _BAND, _AXIS = 14.0, 12.0, 20.0, 20.0
_LETTER = 6.3
_MOST_LINES = 6
_SPOT_WIDTH = 4.0
_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)

TURNS: Mapping[Turn, str] = {
    Turn.USER: "user",
    Turn.THINKING: "thinking",
    Turn.REPLYING: "replying",
    Turn.SPEAKING: "speaking",
}
"""By which class each turn is shaded, and what stands in it."""

_SPOT = '<svg width="22" height="12" aria-hidden="true"><rect class="{}" width="22" height="12"/></svg>'

KEY = (
    f'<ul class="key"><li>{_SPOT.format("server")}audio of the server</li>'
    f"<li>{_SPOT.format('client')}audio of the client</li><li>│ a message</li>"
    "<li>shaded: who has the floor</li><li>▼ a finding</li></ul>"
)
"""What the marks of a timeline mean."""


@dataclass(slots=True)
class _Label:
    """A mark with its words: where it is, in which line of its lane, and how many share it."""

    x: float
    line: int
    words: str
    title: str
    target: str
    more: int = 0


@dataclass(slots=True)
class _Lines:
    """Puts labels beside one another, the same words at one spot as one, and what has no room in the last."""

    ends: list[float] = field(default_factory=lambda: [-1.0] * _MOST_LINES)
    labels: list[_Label] = field(default_factory=list)
    _latest: dict[str, _Label] = field(default_factory=dict)

    def add(self, x: float, words: str, title: str, target: str) -> None:
        alike = self._latest.get(words)
        if alike is not None and x - alike.x < _SPOT_WIDTH:
            alike.more += 1
            return
        free = next((line for line, end in enumerate(self.ends) if end < x), None)
        if free is None:
            self.labels[-1].more += 1
            return
        self.ends[free] = x + (len(words) + 4) * _LETTER
        self.labels.append(_Label(x, free, words, title, target))
        self._latest[words] = self.labels[-1]

    @property
    def count(self) -> int:
        return max((label.line for label in self.labels), default=-1) + 1


def timeline(
    recording: Recording, name: str, anchor: Callable[[int], str], target: Callable[[Mark], str]
) -> str:
    """The picture; `anchor` is where the page tells of an event, `target` where it tells of a finding."""
    return _Picture(recording, name, anchor, target).draw()


class _Picture:
    def __init__(
        self, recording: Recording, name: str, anchor: Callable[[int], str], target: Callable[[Mark], str]
    ) -> None:
        self._recording = recording
        self._name = name
        self._anchor = anchor
        self._target = target
        lasts = max(recording.lasts, 0.1)
        self._width = min(max(lasts * _A_SECOND, _NARROWEST), _WIDEST)
        self._scale = self._width / lasts
        self._lanes = {side: self._labels(side) for side in Side}
        self._flags = self._flag_labels()
        self._place()

    def _place(self) -> None:
        """Where the lanes are, from the top: flags, server, turns, client, seconds."""
        top = self._flags.count * _LINE + 6
        self._server_bar = top + self._lanes[Side.SERVER].count * _LINE + 4
        self._band = self._server_bar + _BAR + 4
        self._client_bar = self._band + _BAND + 4
        self._floor = self._client_bar + _BAR + 4 + self._lanes[Side.CLIENT].count * _LINE + 4
        self._height = self._floor + _AXIS

    def draw(self) -> str:
        found = self._recording
        what = f"{self._name}: {found.lasts:.1f} s, {plural(len(found.trace.events), 'event')}"
        what += f", {plural(len(found.marks), 'finding')}" if found.marks else ""
        full = self._width + 2 * _MARGIN + 90
        size = f'width="{full:.0f}" height="{self._height:.0f}" viewBox="0 0 {full:.0f} {self._height:.0f}"'
        parts = [*self._seconds(), *self._turns(), *self._bars(), *self._marks(), *self._flagged()]
        return (
            f'<figure class="timeline"><div class="lanes">{self._gutter()}'
            f'<div class="scroll" tabindex="0" role="region" aria-label="{text(what)}">'
            f'<svg {size} role="group" aria-label="{text(what)}">{"".join(parts)}</svg></div></div></figure>'
        )

    def _gutter(self) -> str:
        height = f"{self._height:.0f}"
        names = (
            (self._server_bar + 10, "server"),
            (self._band + 14, "turn"),
            (self._client_bar + 10, "client"),
        )
        words = "".join(f'<text x="2" y="{y:.0f}">{name}</text>' for y, name in names)
        return f'<svg class="gutter" width="50" height="{height}" aria-hidden="true">{words}</svg>'

    def _x(self, at: float) -> float:
        return _MARGIN + at * self._scale

    def _labels(self, side: Side) -> _Lines:
        lines = _Lines()
        for number, event in messages(self._recording.trace):
            if event.sender is side:
                lines.add(
                    self._x(event.at), _short(event), f"{number}: {label_of(event)}", self._anchor(number)
                )
        return lines

    def _flag_labels(self) -> _Lines:
        lines = _Lines()
        for mark in sorted(self._recording.marks, key=lambda mark: mark.frame):
            if (event := self._event(mark)) is not None:
                lines.add(self._x(event.at), f"▼ {mark.name[:24]}", mark.said, self._target(mark))
        return lines

    def _event(self, mark: Mark) -> Event | None:
        events = self._recording.trace.events
        return events[mark.frame - 1] if 0 < mark.frame <= len(events) else None

    def _seconds(self) -> Iterator[str]:
        lasts = max(self._recording.lasts, 0.1)
        step = next((tick for tick in _TICKS if tick * self._scale >= 70), lasts / 20)
        top, bottom = self._flags.count * _LINE + 4, self._floor
        for number in range(int(lasts / step) + 1):
            x = self._x(number * step)
            yield f'<path class="tick" d="M{x:.1f} {top:.0f}V{bottom:.0f}"/>'
            yield f'<text class="at" x="{x:.1f}" y="{bottom + 14:.0f}">{_moment(number * step)}</text>'

    def _turns(self) -> Iterator[str]:
        for kind, start, end in _merged(self._recording, 2 / self._scale):
            x, width = self._x(start), max((end - start) * self._scale, 1)
            title = f"{text(kind)}, {start:.1f} s to {end:.1f} s"
            yield (
                f'<rect class="turn {TURNS[kind]}" x="{x:.1f}" y="{self._band:.0f}" width="{width:.1f}" '
                f'height="{_BAND:.0f}"><title>{title}</title></rect>'
            )
            if len(TURNS[kind]) * _LETTER + 6 < width:
                yield f'<text class="floor" x="{x + 4:.1f}" y="{self._band + 14:.0f}">{TURNS[kind]}</text>'

    def _bars(self) -> Iterator[str]:
        for each in stretches(self._recording.trace, 4 / self._scale):
            x, width = self._x(each.start), max((each.end - each.start) * self._scale, 2)
            y = self._server_bar if each.side is Side.SERVER else self._client_bar
            told = f"audio of the {each.side}, {each.start:.1f} s to {each.end:.1f} s: {plural(each.frames, 'frame')}"
            yield (
                f'<rect class="audio {each.side}" x="{x:.1f}" y="{y:.0f}" width="{width:.1f}" height="{_BAR:.0f}" '
                f'rx="2"><title>{told}, {each.size} bytes</title></rect>'
            )

    def _marks(self) -> Iterator[str]:
        for side, lines in self._lanes.items():
            for label in lines.labels:
                yield self._mark(side, label)

    def _mark(self, side: Side, label: _Label) -> str:
        above = side is Side.SERVER
        y = (
            self._server_bar - 6 - label.line * _LINE
            if above
            else self._client_bar + _BAR + 14 + label.line * _LINE
        )
        foot, head = (self._server_bar + _BAR, y - 9) if above else (self._client_bar, y + 2)
        more = f" +{label.more}" if label.more else ""
        title = label.title + (f" and {label.more} more" if label.more else "")
        return (
            f'<a href="#{label.target}"><title>{text(title)}</title>'
            f'<path class="stem {side}" d="M{label.x:.1f} {foot:.0f}V{head:.0f}"/>'
            f'<text x="{label.x + 3:.1f}" y="{y:.0f}">{text(label.words)}{more}</text></a>'
        )

    def _flagged(self) -> Iterator[str]:
        for label in self._flags.labels:
            y = self._flags.count * _LINE - label.line * _LINE
            more = f" +{label.more}" if label.more else ""
            yield (
                f'<a class="flag" href="#{label.target}"><title>{text(label.title)}</title>'
                f'<path d="M{label.x:.1f} {y:.0f}V{self._floor:.0f}"/>'
                f'<text x="{label.x - 5:.1f}" y="{y:.0f}">{text(label.words)}{more}</text></a>'
            )


def _merged(recording: Recording, least: float) -> Iterator[tuple[Turn, float, float]]:
    """The shades, but for those too short to be seen, so that there are not too many."""
    for shade in shades(recording.trace):
        if shade.end - shade.start >= least:
            yield shade.turn, shade.start, shade.end


def _short(event: Event) -> str:
    label = label_of(event)
    return label if len(label) <= 30 else label[:29] + "…"


def _moment(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
