"""The page of one recorded session. Pure."""

from mockagent.render.html.events import events
from mockagent.render.html.frame import framed
from mockagent.render.html.markup import plural, text
from mockagent.render.html.timeline import KEY, timeline
from mockagent.render.recording import Mark, Recording


def session_page(recording: Recording, mockagent: str) -> str:
    """The document; `mockagent` is the version that made it."""
    header, footer = recording.trace.header, recording.trace.footer
    name = header.scenario or "a session"
    about = {
        "file": recording.file,
        "scenario": header.scenario or "none",
        "session": header.session,
        "started": header.started,
        "dialect": header.dialect.value,
        "speed": f"{header.speed:g}",
        "outcome": footer.outcome if footer else "cut off",
        "lasted": f"{recording.lasts:.1f} s, {plural(len(recording.trace.events), 'event')}",
        "findings": str(len(recording.marks)),
    }
    facts = "".join(f"<dt>{name}</dt><dd>{text(value)}</dd>" for name, value in about.items())
    content = (
        f'<header><h1><bdi>{text(name)}</bdi></h1><dl class="about">{facts}</dl></header><main>{KEY}'
        f"{timeline(recording, name, _anchor, _target)}{events(recording, _anchor)}</main>"
        f"<footer>Made by mockagent {text(mockagent)}.</footer>"
    )
    return framed(f"{name}: {plural(len(recording.marks), 'finding')}", content)


def _anchor(frame: int) -> str:
    return f"event-{frame}"


def _target(mark: Mark) -> str:
    return _anchor(mark.frame)
