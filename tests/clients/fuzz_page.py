"""The page of what published clients do not live through, made of `conformance/results/fuzz.json`."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

MARKS = {
    "survived": "·",
    "refused": "closes",
    "crashed": "**crashed**",
    "hung": "**hung**",
    "leaked": "**leaked**",
    "not reached": "–",
}
SHOWN = ("server/ConversationText#", "server#")
"""Ids, without their dialect, that have a row each: the faults of text and frames, in one message."""


def page(results: Mapping[str, Any], scenarios: Collection[str] = ()) -> str:
    """The page, as Markdown; `scenarios` are the ids of those failures that are kept as such, too."""
    ran = {name: each for name, each in results.items() if each["version"]}
    lines = [
        "# What published clients do not live through",
        "",
        "Made by `python tests/clients/fuzz_table.py`. Each client was sent near-misses of what a server says, and",
        "after each of them a turn in which it must run its function. The words are those of `mockagent fuzz`:",
        "survived, refused (the client closed the connection in good order), crashed, hung. Hung is a client whose",
        "connection stays open and whose function is never run again. The smallest frames that still do it are kept,",
        "and `mockagent replay conformance/results/failures/ID.json -- COMMAND` sends them to any client. The scenario",
        "beside them is for `mockagent run ID.yaml -- COMMAND`, or `conform client`: it wants the client to go on.",
        "",
        "SDKs hand most messages on as they come. What becomes of a message that misses a field is then up to the",
        "application, which here is the driver: what it does not live through, one written like it does not either.",
        "",
        *table(results),
    ]
    lines += [
        f"\n{name} was not run: {each['not_run']}" for name, each in results.items() if not each["version"]
    ]
    for name, each in ran.items():
        lines += ["", f"## {name}, {each['version']}", "", *_found(each["found"], scenarios)]
    lines += ["", "## Each fault of text, frames and audio", "", *_rows(ran)]
    return "\n".join(lines) + "\n"


def table(results: Mapping[str, Any]) -> list[str]:
    """How many of the faults came to what, a line for each client that was run."""
    lines = [
        "| client | version | faults | survived | refused | crashed | hung | not reached | kinds of failure |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, each in results.items():
        if not each["version"]:
            continue
        counts = each["counts"]
        numbers = [counts[word] for word in ("survived", "refused", "crashed", "hung", "not reached")]
        faults = f"{sum(counts.values())}{'' if each['is_complete'] else ' (the time was over)'}"
        lines.append(f"| {name} | {each['version']} | {faults} | {_cells(numbers)} | {len(each['found'])} |")
    return lines


def _cells(values: Any) -> str:
    return " | ".join(map(str, values))


def _found(found: list[dict[str, Any]], scenarios: Collection[str]) -> Iterator[str]:
    if not found:
        yield "Nothing."
        return
    yield "| what | first seen with | smallest frames | like it | frames kept as |"
    yield "| --- | --- | --- | --- | --- |"
    for each in found:
        sure = "" if each["is_sure"] else " (seen once, and not again)"
        frames = "; ".join(_step(step) for step in each["steps"][-3:])
        link = f"[{each['id']}](failures/{each['id']}.json)"
        if each["id"] in scenarios:
            link += f", [scenario](failures/{each['id']}.yaml)"
        what = f"{each['verdict']}: {_plain(each['detail'])}{sure}"
        yield f"| {what} | `{each['fault']}` | {frames} | {each['alike']} | {link} |"


def _step(step: dict[str, Any]) -> str:
    if "await" in step:
        return f"(waits for {step['await']})"
    text = step["text"]
    if not text:
        return f"{step['say']}, empty"
    if step["is_one"] and step["bytes"] > 1:
        return f"{step['say']}, {_plain(ascii(text[0]))} {step['bytes']} times"
    more = " …" if step["bytes"] > len(text.encode()) else ""
    return f"{step['say']} `{_plain(text if text.isprintable() else ascii(text))}{more}`"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'").replace("\n", " ")


def _rows(ran: Mapping[str, Any]) -> Iterator[str]:
    """One row for each fault that some client did not live through, or that all did."""
    verdicts = [
        {id.partition("/")[2]: verdict for id, verdict in each["verdicts"].items()} for each in ran.values()
    ]
    chosen = [id for id in dict.fromkeys(id for each in verdicts for id in each) if id.startswith(SHOWN)]
    yield f"| fault | {' | '.join(ran)} |"
    yield f"| --- |{' --- |' * len(ran)}"
    alike: Counter[tuple[str, ...]] = Counter()
    for id in chosen:
        cells = tuple(MARKS.get(each.get(id, ""), "") for each in verdicts)
        if set(cells) == {MARKS["survived"]}:
            alike[cells] += 1
            continue
        yield f"| `{id.partition('#')[2]}` | {' | '.join(cells)} |"
    for cells, number in alike.items():
        yield f"| {number} others | {' | '.join(cells)} |"
