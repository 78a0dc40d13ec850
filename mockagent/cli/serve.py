"""`mockagent serve`: play scenarios to whoever connects."""

import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockagent.cli import shared
from mockagent.cli.plain import stop
from mockagent.errors import MockagentError

if TYPE_CHECKING:
    import asyncio

    from mockagent.scenario.model import Scenario
    from mockagent.server.app import Server
    from mockagent.server.notices import Notice
    from mockagent.server.options import Options
    from mockagent.tls import Tls

_WARMS_UP_AFTER = 0.05
"""Seconds after which a server that is up loads the rest, so that the first client is not kept waiting."""


def _named(_context: click.Context, _option: click.Parameter, host: str) -> str:
    if not host.strip():
        raise click.BadParameter(
            "expected an address, got nothing; 0.0.0.0 is every interface of this machine."
        )
    return host


@click.command("serve")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO|FOLDER]...")
@click.option(
    "--host", default="127.0.0.1", show_default=True, callback=_named, help="The address to listen on."
)
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--tls", is_flag=True, help="Speak wss:// and https://, by a certificate authority of our own.")
@shared.tls_folder
@shared.speed
@shared.tolerance
@shared.strict
@click.option("--api-key", "api_keys", multiple=True, help="Let in only this key; may be repeated.")
@click.option(
    "--forbidden-key", "forbidden_keys", multiple=True, help="Answer this key with 403; may be repeated."
)
@click.option("--max-sessions", type=click.IntRange(1), help="Answer further clients with 429.")
@click.option("--once", is_flag=True, help="Short for --sessions 1.")
@click.option(
    "--sessions", type=click.IntRange(1), help="End after so many sessions; exit 1 if one was not clean."
)
@shared.trace
@shared.trace_audio
@shared.allow_host
@shared.seed
@shared.fault
@shared.as_json
@click.option(
    "--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Write the URL here when ready."
)
@click.option("--no-journal", is_flag=True, help="Answer nothing below /__mockagent.")
@shared.quiet
def command(
    scenarios: tuple[str, ...],
    host: str,
    port: int,
    tls: bool,
    tls_folder: Path | None,
    api_keys: tuple[str, ...],
    forbidden_keys: tuple[str, ...],
    max_sessions: int | None,
    once: bool,
    sessions: int | None,
    as_json: bool,
    ready_file: Path | None,
    no_journal: bool,
    quiet: bool,
    **playing: Any,
) -> None:
    """Serve SCENARIOs (files, folders, or names of bundled ones) to any Voice Agent client.

    Without any, a house agent greets, answers each turn, and calls a function when its name is said.
    """
    from mockagent.cli.ready_file import ReadyFile

    file = ReadyFile(ready_file)
    file.clear()
    play = shared.playing(**playing)
    shared.check_keys(*api_keys, *forbidden_keys)
    if tls_folder is not None and not tls:
        raise click.UsageError("--tls-folder FOLDER says where the authority of --tls is; give both.")
    if once and sessions is not None:
        raise click.UsageError("--once and --sessions say the same thing; give one of them.")
    if set(api_keys) & set(forbidden_keys):
        raise click.UsageError(
            "--api-key and --forbidden-key contradict each other for one of the keys; give it to one of them."
        )
    from mockagent.cli.screen import Screen
    from mockagent.server.notices import Ready
    from mockagent.server.options import Options

    options = Options(
        host=host,
        port=port,
        api_keys=frozenset(api_keys),
        forbidden_keys=frozenset(forbidden_keys),
        max_sessions=max_sessions,
        sessions=1 if once else sessions,
        journal=not no_journal,
        **play,
    )
    from mockagent import loops

    screen = Screen(as_json=as_json, quiet=quiet)

    def show(notice: "Notice") -> None:
        if isinstance(notice, Ready):
            file.write(notice.url)
        screen.show(notice)

    try:
        plays = shared.loaded(scenarios)
        if tls:
            options = replace(options, tls=_tls(host, tls_folder))
        clean = loops.run(_serve(plays, options, show))
    except MockagentError as error:
        stop(error)
    finally:
        file.remove()
    screen.summary(options.faults)
    sys.exit(0 if clean else 1)


def _tls(host: str, folder: Path | None) -> "Tls":
    """TLS for the live hosts, this machine, and the address to listen on unless that is every one."""
    from mockagent.protocol.message_types import LIVE_HOSTS
    from mockagent.tls import EVERY_ADDRESS, authority

    return authority(folder).vouch(*LIVE_HOSTS, *({host} - EVERY_ADDRESS))


async def _serve(plays: "list[Scenario]", options: "Options", show: "Callable[[Notice], None]") -> bool:
    import asyncio

    from mockagent.server.app import Server, warm_up

    server = Server(plays, options, show)
    loop = asyncio.get_running_loop()
    _end_on_signal(server, loop)
    await server.start()
    loop.call_later(_WARMS_UP_AFTER, loop.run_in_executor, None, warm_up)
    await server.wait()
    await server.stop()
    _end_undisturbed(loop)
    return options.sessions is None or server.is_clean


def _end_undisturbed(loop: "asyncio.AbstractEventLoop") -> None:
    """It is over, and what came of it is known: a signal that comes now would only hide that."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if loop.remove_signal_handler(number):
            signal.signal(number, signal.SIG_IGN)


def _end_on_signal(server: "Server", loop: "asyncio.AbstractEventLoop") -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, server.enough)
        except NotImplementedError:  # Windows has no signals for its loop; Ctrl-C still ends the process
            return
