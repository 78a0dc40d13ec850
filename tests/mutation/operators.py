"""Every small wrong change of a module's functions, by a name that says what it is: `decode: a == b -> a != b`.

Changed are the bodies of functions, methods and lambdas. What a module makes when it is imported (tables, default
values) is data, and its docstrings are words: neither is changed.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: its name, unique within the module, the line where it is, and which change of which node."""

    name: str
    line: int
    place: "Place"
    number: int


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    names: Counter[str] = Counter()
    for place, function in _places(tree):
        node = _at(tree, place)
        for number, changed in enumerate(_changes(node)):
            name = f"{function}: {_shown(node)} -> {_shown(changed)}"
            names[name] += 1
            again = f" ({names[name]})" if names[name] > 1 else ""
            yield Mutant(name + again, _line_of(node), place, number)


def changed(source: str, mutant: Mutant) -> ast.Module:
    """The module with that change."""
    tree = ast.parse(source)
    *above, (field, index) = mutant.place
    parent, node = _at(tree, tuple(above)), _at(tree, mutant.place)
    other = list(_changes(node))[mutant.number]
    if hasattr(node, "col_offset"):
        ast.copy_location(other, node)
    if index is None:
        setattr(parent, field, other)
    else:
        getattr(parent, field)[index] = other
    return ast.fix_missing_locations(tree)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
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
        case ast.Assign():
            yield _with(node, value=ast.Constant(None))
        case ast.Call(func=func, args=[first]) if isinstance(func, ast.Name) and func.id in ("any", "all"):
            yield _with(node, func=_with(func, id="all" if func.id == "any" else "any"), args=[first])
        case ast.Call(func=ast.Name(id="min" | "max" as id) as func):
            yield _with(node, func=_with(func, id="max" if id == "min" else "min"))
        case ast.Call(keywords=[_, *_] as keywords):
            for each in keywords:
                yield _with(node, keywords=[other for other in keywords if other is not each])
        case ast.match_case(guard=guard) if guard is not None:
            yield _with(node, guard=None)
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
    if isinstance(node, _DEEDS) and not _is_docstring(node):
        yield ast.Pass()


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


def _places(tree: ast.Module) -> Iterator[tuple[Place, str]]:
    """Where every node inside a function is, and in which function."""
    yield from _below(tree, (), "", False)


def _below(node: ast.AST, place: Place, name: str, inside: bool) -> Iterator[tuple[Place, str]]:
    if inside:
        yield place, name
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        name = f"{name}.{node.name}" if name else node.name
    for field, value in ast.iter_fields(node):
        if field in _untouched(node):
            continue
        deeper = inside or (isinstance(node, _FUNCTIONS) and field == "body")
        if isinstance(value, ast.AST):
            yield from _below(value, (*place, (field, None)), name or "lambda", deeper)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from _below(each, (*place, (field, index)), name or _assigned(each), deeper)


def _assigned(node: ast.AST) -> str:
    """What a statement of the module defines, to name the lambdas in it."""
    match node:
        case ast.Assign(targets=[ast.Name(id=id)]) | ast.AnnAssign(target=ast.Name(id=id)):
            return id
        case ast.ClassDef() | ast.FunctionDef():
            return ""
        case _:
            return "module"


def _untouched(node: ast.AST) -> tuple[str, ...]:
    """Fields that no mutant changes: signatures, annotations, the words of messages, and what is only matched."""
    match node:
        case ast.FunctionDef() | ast.Lambda() | ast.ClassDef():
            return ("args", "decorator_list", "returns", "bases", "keywords")
        case ast.AnnAssign():
            return ("annotation", "target")
        case ast.Expr(value=ast.Constant()):
            return ("value",)
        case ast.JoinedStr() | ast.FormattedValue():
            return ("values", "format_spec")
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
