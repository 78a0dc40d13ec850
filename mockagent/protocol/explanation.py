"""What a validator found, told as Problems: where, what was expected, what came, and who refuses it.

It reads the errors of the validators in `schemas` by their attributes alone, and yields one Problem for each
pair of place and keyword, in the order of the document.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from mockagent.limits import MOST_FOUND
from mockagent.protocol import wording
from mockagent.protocol.events import Problem, Tolerance
from mockagent.protocol.redaction import ADDRESS, REDACTED, is_secret, public_address

NOTHING = object()
"""Stands for the instance of an error about a field that is missing."""

_MOST_ERRORS = 500
_DESCRIBED_BY_SCHEMA = frozenset(
    {
        "type",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "pattern",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    }
)


def problems(validator: Any, body: Any) -> tuple[Problem, ...]:
    """Every departure of a body, at most MOST_FOUND; one Problem about the whole for a body nested too deeply."""
    try:
        errors = list(islice(validator.iter_errors(body), _MOST_ERRORS))
        if not errors:
            return ()
        first = {(tuple(error.path), error.validator): error for error in reversed(errors)}
        ordered = _in_document_order(list(reversed(first.values())), body)
        return tuple(_problem(validator, error) for error in ordered[:MOST_FOUND])
    except RecursionError:
        return (Problem("", "depth", "a message nested less deeply", "one nested too deeply to look at"),)


def _in_document_order(errors: list[Any], body: Any) -> list[Any]:
    """Sorted by where they lie; what is missing comes after what is there."""
    positions: dict[int, dict[str, int]] = {}

    def place(error: Any) -> list[int]:
        steps: list[int] = []
        inside = body
        for step in error.path:
            if isinstance(inside, dict):
                if id(inside) not in positions:
                    positions[id(inside)] = {name: index for index, name in enumerate(inside)}
                steps.append(positions[id(inside)].get(step, len(inside)))
                inside = inside.get(step)
            else:
                steps.append(step)
                inside = inside[step]
        return steps

    return sorted(errors, key=place) if len(errors) > 1 else errors


def _problem(validator: Any, error: Any) -> Problem:
    keyword, refused_from = _judged(validator, error)
    return Problem(
        _pointer(error.path), keyword, _expected(error) + _circumstance(error), _got(error), refused_from
    )


def _judged(validator: Any, error: Any) -> tuple[str, Tolerance]:
    """The keyword to report, and the lowest tolerance that refuses the error."""
    match error.validator:
        case "x-departure":
            return "departure", Tolerance.STRICT
        case "x-expected":
            return "expected", Tolerance.STRICT
        case "contentMediaType":
            return "json-text", Tolerance.LENIENT
        case _ if hasattr(error, "known"):
            return "unknown-field", Tolerance.LENIENT if error.refused else Tolerance.STRICT
    lenient = error.schema.get("x-lenient") if isinstance(error.schema, dict) else None
    if lenient is not None and validator.evolve(schema=lenient).is_valid(error.instance):
        return error.validator, Tolerance.FAITHFUL
    return error.validator or "false", Tolerance.LENIENT


def _expected(error: Any) -> str:
    match error.validator:
        case "x-departure":
            return f"the usual form ({error.validator_value})"
        case "required" | "x-expected":
            name = error.path[-1]
            kind = wording.wanted(error.schema.get("properties", {}).get(name, {}))
            return f"a field {name}" + ("" if kind == "a value" else f" ({kind})")
        case "false" | None:
            return wording.wanted(False)
        case _ if hasattr(error, "known"):
            return "no such field" + wording.suggestion(error.path[-1], error.known)
        case "enum" | "const":
            names = error.schema.get("enum", [error.schema.get("const")])
            text = [name for name in names if isinstance(name, str)]
            return wording.choices(names) + wording.suggestion(error.instance, text)
        case "contentMediaType":
            return "a string that holds JSON"
        case keyword if keyword in _DESCRIBED_BY_SCHEMA:
            return wording.wanted(error.schema)
        case _:
            return str(error.message)


def _circumstance(error: Any) -> str:
    """Like " for provider type 'groq'", for an error that only counts in that branch."""
    if not hasattr(error, "case"):
        return ""
    depth, case = error.case
    above = [step for step in list(error.path)[: len(error.path) - depth] if isinstance(step, str)]
    return " ".join(["", "for", *above[-1:], *case])


def _got(error: Any) -> str:
    value = error.instance
    if value is NOTHING:
        return "nothing"
    if not isinstance(value, dict | list) and is_secret(error.path):
        return REDACTED
    if error.path and error.path[-1] == ADDRESS:
        value = public_address(value)
    return wording.found(value, named_by_kind=error.validator == "type")


def _pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
