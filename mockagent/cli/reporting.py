"""What every command that makes a report has in common: the files it writes, and what it prints."""

import functools
import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockagent.cli.plain import echo
from mockagent.errors import Flaw, ScenarioError, TraceError

if TYPE_CHECKING:
    from mockagent.conformance.report import Report
    from mockagent.render.recording import Recording

_FILE = click.Path(dir_okay=False, path_type=Path)
_MOST_FLAWS = 5

_FORMATS: Mapping[str, str] = {
    "json": "as JSON.",
    "junit": "as JUnit XML.",
    "html": "as one HTML page, with the sessions over their time.",
    "markdown": "as a summary in Markdown.",
    "badge": "as the JSON of a shields.io badge.",
}


@dataclass(frozen=True, slots=True)
class Files:
    """Where a report is written to, in each format; None where it is not."""

    json: Path | None
    junit: Path | None
    html: Path | None
    markdown: Path | None
    badge: Path | None


def report_files(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where to write a report; the command gets them together, as `files`."""

    @functools.wraps(command)
    def with_files(*arguments: Any, **options: Any) -> Any:
        files = Files(**{name: options.pop(f"{name}_file") for name in _FORMATS})
        return command(*arguments, files=files, **options)

    decorated: Callable[..., Any] = with_files
    for name, help in reversed(tuple(_FORMATS.items())):
        option = click.option(
            f"--{name}", f"{name}_file", type=_FILE, metavar="FILE", help=f"Write the report here {help}"
        )
        decorated = option(decorated)
    return decorated


def write(report: "Report", files: Files, recordings: "Mapping[tuple[str, int], Recording]") -> None:
    """Write every file that was asked for; exits with 2 where one cannot be written."""
    from mockagent import __version__, catalogue

    if files.json:
        from mockagent.render.document import document

        save(files.json, json.dumps(document(report, __version__), indent=1) + "\n")
    if files.junit:
        from mockagent.render.junit import junit

        save(files.junit, junit(report))
    if files.html:
        from mockagent.render.html.report import page

        save(files.html, page(report, recordings, catalogue.requirements(), __version__))
    if files.markdown:
        from mockagent.render import markdown

        save(files.markdown, "\n".join(markdown.lines(report)) + "\n")
    if files.badge:
        from mockagent.render.badge import badge

        save(files.badge, json.dumps(badge(report)) + "\n")


def show(report: "Report", quiet: bool) -> None:
    """Print the report for a person, or only its totals."""
    from mockagent.render import text

    if report.is_stopped:
        echo("stopped before all cases were played", err=True)
    for line in [text.total(report)] if quiet else text.lines(report):
        echo(line)


def recordings_of(report: "Report") -> "dict[tuple[str, int], Recording]":
    """The sessions of a report whose traces are still there, by case and number of the session."""
    found: dict[tuple[str, int], Recording] = {}
    for run in report.runs:
        for name, file in run.files.items():
            kind, _, number = name.partition("-")
            if kind != "trace" or not number.isdecimal():
                continue
            try:
                found[run.case, int(number)] = recording_of(Path(file))
            except (OSError, TraceError) as error:
                echo(f"the page is made without {file}: {error}", err=True)
    return found


def recording_of(path: Path) -> "Recording":
    """The session that a trace holds, with all that breaks a requirement in it; OSError or TraceError if it is none."""
    from mockagent.lint.traces import breaches_of
    from mockagent.protocol import trace
    from mockagent.render.recording import Mark, Recording

    text = path.read_bytes().decode("utf-8", "replace")
    read = trace.read(io.StringIO(text, newline="\n"), str(path))
    marks = (
        Mark(each.event, each.requirement, f"expected {each.expected}, got {each.got}")
        for each in breaches_of(read, str(path))
        if not each.on_purpose
    )
    return Recording(read, tuple(marks), str(path))


def stored(path: Path) -> "Report":
    """The report that a file holds; ScenarioError where it holds none."""
    from mockagent import catalogue
    from mockagent.render.stored import report_of

    try:
        body = json.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise _unreadable(path, "expected a report as JSON, got something else") from None
    problems = catalogue.schemas().conforms("files/report.json", body)
    if problems:
        raise _unreadable(path, *map(str, problems[:_MOST_FLAWS]))
    return report_of(body)


def _unreadable(path: Path, *flaws: str) -> ScenarioError:
    return ScenarioError([Flaw(str(path), 1, 1, flaw) for flaw in flaws])


def save(path: Path, content: str) -> None:
    """Write a file; exits with 2 where it cannot be written."""
    try:
        path.write_text(content, "utf-8")
    except OSError as error:
        echo(f"cannot write {path}: {error.strerror or error}", err=True)
        sys.exit(2)
