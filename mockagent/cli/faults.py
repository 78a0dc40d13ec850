"""`mockagent faults`: what a server can inflict on its clients."""

import json
from typing import TYPE_CHECKING, Any

import click

from mockagent.cli.plain import echo

if TYPE_CHECKING:
    from mockagent.scenario.faults.table import Fault


@click.command("faults")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def command(as_json: bool) -> None:
    """List the faults for `serve --fault NAME[,PARAMETER=VALUE]...[:P]` and for `fault` steps of scenarios."""
    from mockagent.cli.columns import aligned
    from mockagent.scenario.faults.table import FAULTS

    if as_json:
        for fault in FAULTS.values():
            click.echo(json.dumps(_body(fault)))
        return
    rows = [["NAME", "HITS", "P PER", "BREAKS", "CLIENT CLOSES", "WHAT HAPPENS"]]
    for each in FAULTS.values():
        closing = str(each.closing or "-")
        rows.append([each.name, each.strikes, each.per, _breaks(each), closing, _summary(each)])
    for line in aligned(rows):
        echo(line)


def _breaks(fault: "Fault") -> str:
    ids = sorted(fault.breaks) + (["…"] if fault.varies else [])
    return " ".join(ids) or "-"


def _summary(fault: "Fault") -> str:
    figures = ", ".join(f"{each.name}: {each.usual}" for each in fault.parameters)
    return f"{fault.summary} ({figures})" if figures else fault.summary


def _body(fault: "Fault") -> dict[str, Any]:
    return {
        "name": fault.name,
        "summary": fault.summary,
        "level": fault.level.value,
        "hits": fault.strikes.value,
        "per": fault.per.value,
        "parameters": [
            {"name": each.name, "summary": each.summary, "default": each.usual} for each in fault.parameters
        ],
        "breaks": sorted(fault.breaks),
        "breaks_vary": fault.varies,
        "ends": fault.ends,
        "close_code": fault.closing.code if fault.closing else None,
        "must_close": fault.closing is not None and fault.closing.must,
    }
