"""Every small wrong change of a module, by a name that says what it is: `decode: a == b -> a != b`.

Two kinds: of the bodies of functions, methods and lambdas; and of what a module makes while it is imported, that is
constants, tables, enums, default values and the arguments of decorators. Of the second kind only values are changed,
and parts of a table left out. Never changed are docstrings, annotations, types, patterns of `match`, imports, what a
class derives from, how a dataclass is made, and format specifications.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

Place = tuple[tuple[str, int | None], ...]
"""The way from the module down to a node: a field, and which one of it where it is a list."""

_COMPARED = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_CALCULATED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_DEEDS = (ast.AugAssign, ast.Expr, ast.Raise, ast.Continue, ast.Break)
_ROWS = (ast.Call, ast.Dict, ast.List, ast.Starred, ast.Tuple)
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: its name, unique within the module, the line where it is, and which change of which node.

    With `on_import` it is of what the module makes while it is imported.
    """

    name: str
    line: int
    place: Place
    number: int
    on_import: bool = False


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    names: Counter[str] = Counter()
    for place, owner, inside in _places(tree):
        node = _at(tree, place)
        for number, changed in enumerate(_changes(node, inside)):
            name = f"{owner}: {_told(node, changed)}"
            names[name] += 1
            again = f" ({names[name]})" if names[name] > 1 else ""
            yield Mutant(name + again, _line_of(node), place, number, on_import=not inside)


def changed(source: str, mutant: Mutant) -> ast.Module:
    """The module with that change."""
    tree = ast.parse(source)
    *above, (field, index) = mutant.place
    parent, node = _at(tree, tuple(above)), _at(tree, mutant.place)
    other = list(_changes(node, not mutant.on_import))[mutant.number]
    if hasattr(node, "col_offset"):
        ast.copy_location(other, node)
    if index is None:
        setattr(parent, field, other)
    else:
        getattr(parent, field)[index] = other
    return ast.fix_missing_locations(tree)


def _changes(node: ast.AST, inside: bool) -> Iterator[ast.AST]:
    return _of_code(node) if inside else _of_table(node)


def _of_table(node: ast.AST) -> Iterator[ast.AST]:
    """Other values, and a part less: a keyword, a row; of a list of constants each changes anyhow."""
    match node:
        case ast.Constant(value=value):
            yield from (_with(node, value=other) for other in _other(value))
        case ast.BinOp(op=op) if type(op) in _CALCULATED:
            yield _with(node, op=_CALCULATED[type(op)]())
        case ast.Call(keywords=[_, *_] as keywords):
            for each in keywords:
                yield _with(node, keywords=[other for other in keywords if other is not each])
        case ast.Dict(keys=keys, values=values):
            for left in range(len(keys)):
                yield _with(node, keys=_without(keys, left), values=_without(values, left))
        case ast.Tuple(elts=rows) | ast.List(elts=rows) | ast.Set(elts=[_, _, *_] as rows):
            for left, row in enumerate(rows):
                if isinstance(row, _ROWS) or (
                    isinstance(node, ast.Set) and not isinstance(row, ast.Constant)
                ):
                    yield _with(node, elts=_without(rows, left))


def _without(nodes: Sequence[Any], left: int) -> list[Any]:
    return [each for number, each in enumerate(nodes) if number != left]


def _of_code(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[op]):
            for other in _COMPARED[type(op)]:
                yield _with(node, ops=[other()])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(op=op) if type(op) in _CALCULATED:
            yield _with(node, op=_CALCULATED[type(op)]())
        case ast.IfExp(body=body, orelse=orelse):
            yield _with(node, body=orelse, orelse=body)
        case ast.If(test=test) | ast.While(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Constant(value=value):
            yield from (_with(node, value=other) for other in _other(value))
        case ast.Return(value=value) if value is not None:
            if not (isinstance(value, ast.Constant) and value.value is None):
                yield _with(node, value=ast.Constant(None))
        case ast.Assign(value=value):
            if not (isinstance(value, ast.Constant) and value.value is None):
                yield _with(node, value=ast.Constant(None))
        case ast.Call(func=func, args=[first]) if isinstance(func, ast.Name) and func.id in ("any", "all"):
            yield _with(node, func=_with(func, id="all" if func.id == "any" else "any"), args=[first])
        case ast.Call(func=ast.Name(id="min" | "max" as id) as func):
            yield _with(node, func=_with(func, id="max" if id == "min" else "min"))
        case ast.Call(keywords=[_, *_] as keywords):
            for each in keywords:
                yield _with(node, keywords=[other for other in keywords if other is not each])
        case ast.match_case(pattern=pattern, guard=guard) if guard is not None and not _takes_all(pattern):
            yield _with(node, guard=None)
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
    if isinstance(node, _DEEDS) and not _is_docstring(node):
        yield ast.Pass()


def _takes_all(pattern: ast.pattern) -> bool:
    """Whether only the guard keeps it from taking everything: without, what comes after would be no Python."""
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _other(value: object) -> Iterator[object]:
    match value:
        case bool():
            yield not value
        case int() | float():
            yield value + 1
        case str():
            yield f"{value}!"


def _with(node: ast.AST, **fields: object) -> ast.AST:
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _places(tree: ast.Module) -> Iterator[tuple[Place, str, bool]]:
    """Where every node is that may change, in which function or assignment, and whether inside a function."""
    yield from _below(tree, (), "", False)


def _below(node: ast.AST, place: Place, owner: str, inside: bool) -> Iterator[tuple[Place, str, bool]]:
    yield place, owner, inside
    owner = _named(node, owner)
    for field, value in ast.iter_fields(node):
        if field in _untouched(node):
            continue
        deeper = inside or (isinstance(node, _FUNCTIONS) and field == "body")
        if isinstance(value, ast.AST):
            yield from _below(value, (*place, (field, None)), owner, deeper)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, ast.AST) and not _is_left_alone(each):
                    yield from _below(each, (*place, (field, index)), owner, deeper)


def _named(node: ast.AST, owner: str) -> str:
    """The name of what a node defines, in what it is defined; the same where it defines nothing."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return f"{owner}.{name}" if owner else name
        case ast.Assign(targets=[ast.Name(id=id)]) | ast.AnnAssign(target=ast.Name(id=id)) if not owner:
            return id
        case ast.stmt() if not owner:
            return "module"
        case _:
            return owner


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="dataclass")) | ast.Name(id="dataclass"):
            return True
        case (
            ast.AnnAssign(annotation=ast.Name(id="TypeAlias")) | ast.Assign(targets=[ast.Name(id="__all__")])
        ):
            return True
        case ast.Import() | ast.ImportFrom() | ast.arg():
            return True
        case _:
            return False


def _untouched(node: ast.AST) -> tuple[str, ...]:
    """Fields that no mutant changes: types, docstrings, names, and what is only matched."""
    match node:
        case ast.FunctionDef():
            return ("returns",)
        case ast.ClassDef():
            return ("bases", "keywords")
        case ast.AnnAssign():
            return ("annotation", "target")
        case ast.Expr(value=ast.Constant()):
            return ("value",)
        case ast.FormattedValue():
            return ("format_spec",)
        case ast.match_case():
            return ("pattern",)
        case ast.Assert():
            return ("test", "msg")
        case _:
            return ()


def _at(tree: ast.AST, place: Place) -> Any:
    node: Any = tree
    for field, index in place:
        value = getattr(node, field)
        node = value if index is None else value[index]
    return node


def _line_of(node: ast.AST) -> int:
    """Its own, or where the first part of it is that has one."""
    return next((each.lineno for each in ast.walk(node) if hasattr(each, "lineno")), 0)


def _told(node: ast.AST, other: ast.AST) -> str:
    match node, other:
        case ast.Dict(keys=before), ast.Dict(keys=after):
            return f"without {_shown(_left_out(before, after))}"
        case (
            ast.Tuple(elts=before) | ast.List(elts=before) | ast.Set(elts=before),
            ast.Tuple(elts=after) | ast.List(elts=after) | ast.Set(elts=after),
        ):
            return f"without {_shown(_left_out(before, after))}"
        case _:
            return f"{_shown(node)} -> {_shown(other)}"


def _left_out(before: Sequence[Any], after: Sequence[Any]) -> ast.AST:
    pairs = zip_longest(before, after, fillvalue=ast.Pass())
    left: ast.AST | None = next(one for one, other in pairs if one is not other)
    return left or ast.Name("**")  # what a dict takes over from another has no key


def _shown(node: ast.AST) -> str:
    """The change as code, on one line and not too long."""
    match node:
        case ast.If(test=test) | ast.While(test=test):
            text = f"if {ast.unparse(test)}"
        case ast.match_case(pattern=pattern, guard=guard):
            text = f"case {ast.unparse(pattern)}" + (f" if {ast.unparse(guard)}" if guard else "")
        case ast.comprehension():
            text = ast.unparse(node).strip()
        case _:
            text = ast.unparse(node)
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:117]}..."
