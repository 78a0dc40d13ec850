"""`--attach` of `mockagent conform client`: where agents ask for their cases."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from mockagent.cli.plain import echo

if TYPE_CHECKING:
    from mockagent.conformance.trial import How

_DISMISSED_WITHIN = 1.0
"""Seconds in which agents should ask once more, to hear that all is done."""
_COMES_WITHIN = 60.0
"""Seconds in which somebody has to ask, unless --connect-within says otherwise: a page is opened by hand."""


@dataclass(frozen=True, slots=True)
class Attaching:
    """Where to listen for agents, which pages may ask, and for how many seconds nobody may be there."""

    host: str
    port: int
    origins: Sequence[str]
    patience: float

    @contextlib.asynccontextmanager
    async def serving(self, how: "How") -> "AsyncIterator[How]":
        """Tell where to ask, and give how cases are then played; ServerError when the port cannot be had."""
        from mockagent.conformance.attaching.desk import Attached, Desk
        from mockagent.conformance.attaching.http import HttpDesk

        desk = Desk(self.patience)
        http = HttpDesk(desk, self.host, self.port, self.origins)
        echo(http.url)
        try:
            yield replace(how, attach=lambda task: Attached(desk, task), host=self.host)
            desk.end()
            await desk.dismissed(_DISMISSED_WITHIN)
        finally:
            http.close()


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--attach and what belongs to it; the command gets `attaching`, which is None without it."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--attach",
        is_flag=True,
        help="Start no COMMAND: clients that somebody else starts ask for their cases, at the URL that is printed.",
    ),
    click.option(
        "--host", default="127.0.0.1", show_default=True, help="With --attach: the address to listen on."
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65_535),
        default=0,
        help="With --attach: the port; 0, the default, takes a free one.",
    ),
    click.option(
        "--allow-origin",
        multiple=True,
        metavar="ORIGIN",
        help="With --attach: let pages of this origin ask, beside those of this machine; may be repeated.",
    ),
)


def attaching(
    context: click.Context,
    argv: Sequence[str],
    attach: bool,
    host: str,
    port: int,
    allow_origin: Sequence[str],
    connect_within: float,
) -> Attaching | None:
    """What the options say; a UsageError where they do not go together."""
    if not attach:
        for name in ("host", "port", "allow_origin"):
            if _is_said(context, name):
                raise click.UsageError(f"--{name.replace('_', '-')} has a meaning only with --attach")
        return None
    if argv:
        raise click.UsageError("--attach starts no command: expected nothing after --")
    return Attaching(
        host, port, allow_origin, connect_within if _is_said(context, "connect_within") else _COMES_WITHIN
    )


def _is_said(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
