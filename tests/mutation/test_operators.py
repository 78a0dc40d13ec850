"""What counts as a small wrong change, and that each is made as its name says."""

import ast

import pytest
from operators import changed, mutants


def names_of(source):
    return [each.name for each in mutants(source)]


def function(body):
    return f"def f(a, b):\n    {body}\n"


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("a == b", ["a == b -> pass", "a == b -> a != b"]),
        ("if a < b: a()", ["if a < b -> if not a < b", "a < b -> a <= b", "a < b -> a >= b", "a() -> pass"]),
        ("while a: break", ["if a -> if not a", "break -> pass"]),
        (
            "return a and not b",
            ["return a and (not b) -> return None", "a and (not b) -> a or not b", "not b -> b"],
        ),
        ("return None", []),
        ("a = None", []),
        ("a = b + 1", ["a = b + 1 -> a = None", "b + 1 -> b - 1", "1 -> 2"]),
        ("a += b", ["a += b -> pass"]),
        (
            "a = True if a else 'x'",
            ["a = True if a else 'x' -> a = None", "True if a else 'x' -> 'x' if a else True"],
        ),
        ("return any(a)", ["return any(a) -> return None", "any(a) -> all(a)"]),
        ("return min(a, key=b)", ["return min(a, key=b) -> return None", "min(a, key=b) -> max(a, key=b)"]),
        ("return a(b, c=b)", ["return a(b, c=b) -> return None", "a(b, c=b) -> a(b)"]),
        ("raise a", ["raise a -> pass"]),
        (
            "return [c for c in a if c]",
            ["return [c for c in a if c] -> return None", "for c in a if c -> for c in a"],
        ),
        ("return f'{a} x {b:>5}'", ["return f'{a} x {b:>5}' -> return None", "' x ' -> ' x !'"]),
    ],
)
def test_changes_of_code(body, changes):
    names = names_of(function(body))
    assert [name for name in names if name.removeprefix("f: ") in changes] == [
        f"f: {change}" for change in changes
    ]
    assert changes or not names
    assert all(not each.on_import for each in mutants(function(body)))


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("A = 3", ["A: 3 -> 4"]),
        ("A: int = 3", ["A: 3 -> 4"]),
        ("A = False", ["A: False -> True"]),
        ("A = ('x', 1)", ["A: 'x' -> 'x!'", "A: 1 -> 2"]),
        ("A = {'x': b}", ["A: without 'x'", "A: 'x' -> 'x!'"]),
        ("A = {**b, **c}", ["A: without **", "A: without ** (2)"]),
        ("A = {b.c, b.d}", ["A: without b.c", "A: without b.d"]),
        ("A = (b(), c())", ["A: without b()", "A: without c()"]),
        ("A = b(c=d)", ["A: b(c=d) -> b()"]),
        ("A = b | c", ["A: b | c -> b & c"]),
        ("class A(B):\n    C = 'c'", ["A: 'c' -> 'c!'"]),
        ("def f(a: 'X' = 1) -> 'Y': ...", ["f: 1 -> 2"]),
        ("@rule('X-1')\ndef f(): ...", ["f: 'X-1' -> 'X-1!'"]),
    ],
)
def test_changes_of_what_a_module_makes(table, changes):
    found = list(mutants(table))
    assert [each.name for each in found if each.on_import] == changes


@pytest.mark.parametrize(
    "source",
    [
        '"""Words."""',
        'def f():\n    """Words."""',
        "import a",
        "A: TypeAlias = Callable[['X'], int]",
        "__all__ = ['a']",
        "@dataclass(frozen=True)\nclass A: ...",
        "def f(a):\n    match a:\n        case 'x': pass",
        "def f(a):\n    assert a == 1, 'words'",
    ],
)
def test_what_is_left_alone(source):
    assert names_of(source) == []


def test_a_guard_is_dropped_where_python_allows_it():
    cases = "def f(a):\n    match a:\n        case 1 if a: pass\n        case _ if a: pass\n        case _: pass\n"
    assert names_of(cases) == ["f: case 1 if a -> case 1"]


def test_a_lambda_is_code_wherever_it_stands():
    (found,) = (each for each in mutants("A = b(lambda c: c == d)") if "==" in each.name.split(" -> ")[0])
    assert (found.name, found.on_import) == ("A: c == d -> c != d", False)


SOURCE = """
TABLE = {"x": 1, "y": 1}

class Shop:
    open: bool = True

    def price(self, kind, more=0):
        return TABLE[kind] + more if self.open else 1
"""


def test_names_are_unique_and_say_where():
    names = names_of(SOURCE)
    assert len(set(names)) == len(names)
    assert {name.split(": ")[0] for name in names} == {"TABLE", "Shop", "Shop.price"}
    assert "TABLE: 1 -> 2 (2)" in names


@pytest.mark.parametrize("mutant", list(mutants(SOURCE)), ids=lambda each: each.name)
def test_each_is_made_and_changes_one_thing(mutant):
    before, after = ast.parse(SOURCE), changed(SOURCE, mutant)
    compile(after, "x", "exec")
    assert ast.unparse(after) != ast.unparse(before)
    differing = [
        line for line in ast.unparse(after).splitlines() if line not in ast.unparse(before).splitlines()
    ]
    assert len(differing) == 1
    assert SOURCE.splitlines()[mutant.line - 1].strip()
