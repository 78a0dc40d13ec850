"""The command line. Each command is a module, loaded only when it is called, so that `--help` stays fast."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

from mockagent import __version__
from mockagent.errors import nearest

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "Serve scenarios to any Voice Agent client.",
        "run": "Run a command beside a server that it takes for the live service.",
        "conform": "Hold a client against the protocol.",
        "report": "Show and compare reports of the conformance kit.",
        "wait": "Wait until a server accepts connections.",
        "check": "Check scenarios, traces and messages.",
        "coverage": "Tell what of the protocol scenarios or traces exercise.",
        "explain": "Print the play that a scenario unfolds into.",
        "scenarios": "List the bundled scenarios.",
        "faults": "List the faults that a server can inflict.",
        "fuzz": "Send near-misses of the protocol to a peer, or list them.",
        "replay": "Send the frames of a failure again.",
        "schema": "List, show or bundle the message schemas.",
    }
)
"""Every command with its line of help; `mockagent.cli.NAME` holds it as `command`."""


class _Commands(click.Group):
    """Knows the commands by name, and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mockagent.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command named {args[0]!r}{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, message="mockagent %(version)s")
def main() -> None:
    """A protocol-faithful fake of Deepgram's Voice Agent API, for testing the clients that speak to it."""
