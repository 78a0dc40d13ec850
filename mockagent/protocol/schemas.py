"""What a message may look like: validators over the schema files, and their findings as Problems.

The rule: every departure is one Problem of one line, out of the branch that applies; and only this module
knows that jsonschema exists. Reading files is left to the function that is handed in.

Besides the standard keywords four annotations of the files have a meaning here:

* `x-departure`: a documented form that is not the usual one; only a strict server refuses it.
* `x-expected`: fields whose absence only a strict server refuses.
* `x-lenient`: a second schema; what it accepts, a lenient server accepts although the first one does not.
* `x-refused`: unknown fields that the live service is known to refuse; of the others it takes no notice.

And `contentMediaType: application/json` is asserted, under the keyword "json-text".
"""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from mockagent.protocol import wording
from mockagent.protocol.events import Dialect, JsonObject, Problem, Side
from mockagent.protocol.explanation import NOTHING
from mockagent.protocol.explanation import problems as explained
from mockagent.protocol.message_types import PATHS, TYPES, path_of

__all__ = ["TYPES", "Schemas", "path_of"]

Schema: TypeAlias = dict[str, Any]
Errors: TypeAlias = Iterator[ValidationError]

_SCHEMA_INSIDE = frozenset(
    {
        "items",
        "additionalProperties",
        "unevaluatedProperties",
        "if",
        "then",
        "else",
        "not",
        "contains",
        "propertyNames",
        "x-lenient",
    }
)
_SCHEMAS_INSIDE = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SCHEMAS_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas"})
_PLAIN = frozenset({"type", "const", "enum"})
_ONLY_FOR_READERS = frozenset(
    {
        "$schema",
        "$defs",
        "$comment",
        "title",
        "description",
        "default",
        "deprecated",
        "examples",
        "x-source",
        "x-stability",
        "x-near-misses",
    }
)


class Schemas:
    """The validators of every message, compiled when first asked for and kept.

    Servers in several threads may share them: only one compiles at a time, and nobody sees a half-made one.
    """

    def __init__(self, read: Callable[[str], Mapping[str, Any]]) -> None:
        """`read` returns the parsed file at a path below schemas/, or raises FileNotFoundError."""
        self._read = read
        self._compiling = Lock()
        self._files: dict[str, Resource[Any]] = {}
        self._registry: Registry[Any] = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]
        self._referred: dict[int, Schema] = {}
        self._validators: dict[str, Any] = {}
        self._by_type: dict[tuple[Dialect, Side, str], Any] = {}
        self._bare: dict[tuple[Dialect, Side, str], tuple[Problem, ...]] = {}

    def problems(self, dialect: Dialect, sender: Side, body: JsonObject) -> tuple[Problem, ...]:
        """Where a message departs from its schema, in document order; at most MOST_FOUND. `type` must be a string."""
        key = (dialect, sender, body["type"])
        validator = self._by_type.get(key)
        if validator is None:
            if key[2] not in TYPES[dialect, sender]:
                return (_unknown_type(*key),)
            validator = self._by_type[key] = self._validator(path_of(*key))
        if len(body) > 1:
            return explained(validator, body)
        if key not in self._bare:  # most acknowledgements, and KeepAlive, are their type and nothing more
            self._bare[key] = explained(validator, body)
        return self._bare[key]

    def conforms(self, path: str, document: Any) -> tuple[Problem, ...]:
        """Where any document departs from the schema file at that path; raises what `read` does without one."""
        return explained(self._validator(path), document)

    def document(self, dialect: Dialect, sender: Side, type: str) -> JsonObject:
        """The schema file of a type as it is; KeyError for a type that the side does not send."""
        if type not in TYPES[dialect, sender]:
            raise KeyError(type)
        return self._read(path_of(dialect, sender, type))

    def resolved(self, dialect: Dialect, sender: Side, type: str) -> Schema:
        """The schema of a type as the validators have it: no references, and nothing that only readers need."""
        resolved = self._registry.resolver().lookup(path_of(dialect, sender, type))
        prepared: Schema = self._prepared(resolved.contents, resolved.resolver)
        return prepared

    def _validator(self, path: str) -> Any:
        with self._compiling:
            if path not in self._validators:
                self._retrieve(path)
                resolved = self._registry.resolver().lookup(path)
                self._validators[path] = _Validator(self._prepared(resolved.contents, resolved.resolver))
            return self._validators[path]

    def _retrieve(self, path: str) -> Resource[Any]:
        if path not in self._files:
            self._files[path] = DRAFT202012.create_resource(self._read(path))
        return self._files[path]

    def _prepared(self, schema: Any, resolver: Any) -> Any:
        """The schema with its references replaced by what they refer to, and without what only readers need.

        A reference back to where it stands gives a dict that contains itself, which validation does not mind.
        """
        if not isinstance(schema, Mapping):
            return schema
        plain = {
            keyword: self._prepared_value(keyword, value, resolver)
            for keyword, value in schema.items()
            if keyword not in _ONLY_FOR_READERS and keyword != "$ref"
        }
        if "$ref" not in schema:
            return plain
        target = self._target(schema["$ref"], resolver)
        return {**plain, "allOf": [target, *plain.get("allOf", ())]} if plain else target

    def _prepared_value(self, keyword: str, value: Any, resolver: Any) -> Any:
        if keyword in _SCHEMA_INSIDE:
            return self._prepared(value, resolver)
        if keyword in _SCHEMAS_INSIDE:
            return [self._prepared(each, resolver) for each in value]
        if keyword in _SCHEMAS_BY_NAME:
            return {name: self._prepared(each, resolver) for name, each in value.items()}
        return value

    def _target(self, ref: str, resolver: Any) -> Schema:
        resolved = resolver.lookup(ref)
        known = id(resolved.contents)
        if known not in self._referred:
            self._referred[known] = {}
            self._referred[known].update(self._prepared(resolved.contents, resolved.resolver))
        return self._referred[known]


def _unknown_type(dialect: Dialect, sender: Side, type: str) -> Problem:
    types = TYPES[dialect, sender]
    other = next(each for each in Dialect if each is not dialect)
    near = wording.nearest(type, types)
    if type in TYPES[other, sender]:
        expected = f"a type of the {dialect} dialect (this one is of {other}, served at {PATHS[other]})"
    elif near:
        expected = f"a type of the {dialect} dialect (did you mean {near!r}?)"
    else:
        expected = wording.choices(types)
    return Problem("/type", "type-name", expected, wording.found(type))


# Keywords: each yields one error a departure, with the path of the departing field. The words come later, so
# no error has a message here: the standard ones print the instance, which may be deep, huge or secret.


def _type(validator: Any, types: str | list[str], instance: Any, _schema: Schema) -> Errors:
    if not any(validator.is_type(instance, each) for each in ([types] if isinstance(types, str) else types)):
        yield ValidationError("")


def _enum(_validator: Any, names: list[Any], instance: Any, _schema: Schema) -> Errors:
    if not any(each == instance and isinstance(each, bool) == isinstance(instance, bool) for each in names):
        yield ValidationError("")


def _bound(exceeds: Callable[[float, float], bool]) -> Callable[..., Errors]:
    def keyword(validator: Any, bound: float, instance: Any, _schema: Schema) -> Errors:
        if validator.is_type(instance, "number") and exceeds(instance, bound):
            yield ValidationError("")

    return keyword


def _required(_validator: Any, names: list[str], instance: Any, _schema: Schema) -> Errors:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError("", path=[name], instance=NOTHING)


def _properties(validator: Any, properties: Mapping[str, Any], instance: Any, _schema: Schema) -> Errors:
    """As the standard says; but most fields hold what they should, and asking that first is far quicker."""
    if isinstance(instance, dict):
        for name, part in properties.items():
            if name not in instance or _plainly_holds(validator, part, instance[name]):
                continue
            if part is False:  # the library would show the value, and lose its place
                yield ValidationError("", path=[name], instance=instance[name], validator="false")
            else:
                yield from validator.descend(instance[name], part, path=name)


def _items(validator: Any, items: Any, instance: Any, schema: Schema) -> Errors:
    """As the standard says, by the same short cut; for the items that have no schema of their own before them."""
    if isinstance(instance, list):
        for index in range(len(schema.get("prefixItems", ())), len(instance)):
            if not _plainly_holds(validator, items, instance[index]):
                yield from validator.descend(instance[index], items, path=index)


def _plainly_holds(validator: Any, schema: Any, instance: Any) -> bool:
    return schema is True or (schema and schema.keys() <= _PLAIN and _holds(validator, schema, instance))


def _media_type(_validator: Any, media_type: str, instance: Any, _schema: Schema) -> Errors:
    """What is an annotation elsewhere is asserted here: a string that says it holds JSON does."""
    if media_type == "application/json" and isinstance(instance, str):
        try:
            json.loads(instance)
        except ValueError:
            yield ValidationError("")


def _departure(_validator: Any, _reason: str, _instance: Any, _schema: Schema) -> Errors:
    yield ValidationError("")


def _if(validator: Any, condition: Schema, instance: Any, schema: Schema) -> Errors:
    holds = _holds(validator, condition, instance)
    branch = schema.get("then" if holds else "else")
    if branch is None:
        return
    case = _case(condition, instance) if holds else ()
    for error in validator.descend(instance, branch):
        if case and not hasattr(error, "case"):
            error.case = (len(error.relative_path), case)
        yield error


def _additional(validator: Any, allowed: Any, instance: Any, schema: Schema) -> Errors:
    if not isinstance(instance, dict):
        return
    if allowed is False:
        yield from _unknown_fields([schema], instance)
        return
    named = schema.get("properties", {})
    for name, value in instance.items():
        if name not in named and not _matches(schema, name) and not _plainly_holds(validator, allowed, value):
            yield from validator.descend(value, allowed, path=name)


def _unevaluated(validator: Any, allowed: Any, instance: Any, schema: Schema) -> Errors:
    if allowed is not False:
        yield from _STANDARD["unevaluatedProperties"](validator, allowed, instance, schema)
    elif isinstance(instance, dict):
        parts = list(_applied(validator, schema, instance))
        if not any(part.get("additionalProperties", False) is not False for part in parts):
            yield from _unknown_fields(parts, instance)


def _unknown_fields(parts: list[Schema], instance: dict[str, Any]) -> Errors:
    known = {name for part in parts for name in part.get("properties", ())}
    for name, value in instance.items():
        if name in known or any(_matches(part, name) for part in parts):
            continue
        error: Any = ValidationError("", path=[name], instance=value)
        error.known = known
        error.refused = any(name in part.get("x-refused", ()) for part in parts)
        yield error


def _matches(schema: Schema, field: str) -> bool:
    return any(re.search(pattern, field) for pattern in schema.get("patternProperties", ()))


def _applied(validator: Any, schema: Schema, instance: Any) -> Iterator[Schema]:
    """The schemas that speak about this very instance: this one and, in place, those of its branches.

    Where each part of an allOf is a case and none holds, all of them count: a wrong `type` is one problem,
    not one for each field beside it.
    """
    yield schema
    cases = schema.get("allOf", ())
    branches = [_branch(validator, case, instance) for case in cases]
    if cases and not any(branches):
        yield from (case["then"] for case in cases if "then" in case)
    for part in (*schema.get("allOf", ()), _branch(validator, schema, instance)):
        if part:
            yield from _applied(validator, part, instance)
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    valid = [each for each in alternatives if validator.evolve(schema=each).is_valid(instance)]
    for part in valid or alternatives:
        yield from _applied(validator, part, instance)


def _branch(validator: Any, schema: Schema, instance: Any) -> Schema | None:
    if "if" not in schema:
        return None
    branch: Schema | None = schema.get("then" if _holds(validator, schema["if"], instance) else "else")
    return branch


def _holds(validator: Any, condition: Any, instance: Any) -> bool:
    """Whether the instance is valid under a condition; by a short cut for those that discriminate unions."""
    if not isinstance(condition, dict):
        return bool(condition)
    for keyword, value in condition.items():
        match keyword:
            case "required":
                holds = not isinstance(instance, dict) or all(name in instance for name in value)
            case "properties":
                holds = not isinstance(instance, dict) or all(
                    _holds(validator, part, instance[name])
                    for name, part in value.items()
                    if name in instance
                )
            case "const" if isinstance(value, str):
                holds = bool(instance == value)
            case "enum" if isinstance(instance, str):
                holds = instance in value
            case "type" if isinstance(value, str):
                holds = validator.is_type(instance, value)
            case _:
                return bool(validator.evolve(schema=condition).is_valid(instance))
        if not holds:
            return False
    return True


def _case(condition: Any, instance: Any) -> tuple[str, ...]:
    """The path and value that a condition was decided by: ("type", "'groq'"); empty for other conditions."""
    if not isinstance(condition, dict) or not isinstance(instance, dict):
        return ()
    for name, part in condition.get("properties", {}).items():
        if name not in instance:
            continue
        if isinstance(part, dict) and ("const" in part or "enum" in part):
            return (name, wording.quoted(instance[name]))
        if deeper := _case(part, instance[name]):
            return (name, *deeper)
    return ()


_STANDARD: Mapping[str, Any] = Draft202012Validator.VALIDATORS

_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "additionalProperties": _additional,
        "contentMediaType": _media_type,
        "enum": _enum,
        "exclusiveMaximum": _bound(operator.ge),
        "exclusiveMinimum": _bound(operator.le),
        "if": _if,
        "items": _items,
        "maximum": _bound(operator.gt),
        "minimum": _bound(operator.lt),
        "properties": _properties,
        "required": _required,
        "unevaluatedProperties": _unevaluated,
        "type": _type,
        "x-departure": _departure,
        "x-expected": _required,
    },
)
