"""`mockagent explain`: the play that a scenario unfolds into."""

import click

from mockagent.cli.plain import echo, stop
from mockagent.errors import MockagentError


@click.command("explain")
@click.argument("scenario")
def command(scenario: str) -> None:
    """Print what both parts do in SCENARIO (a file, or the name of a bundled one), line by line, with times.

    The times are those of an ideal client; a real one sets its own pace.
    """
    from mockagent import catalogue
    from mockagent.scenario.explain import explained

    try:
        play = catalogue.proved_scenario(catalogue.find_scenario(scenario))
    except MockagentError as error:
        stop(error)
    for line in explained(play, catalogue.requirements(), catalogue.problems).removesuffix("\n").split("\n"):
        echo(line)
