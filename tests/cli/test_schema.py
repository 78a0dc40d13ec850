"""`mockagent schema`: every message in the list, each schema to be had, and all of them as one."""

import json

import pytest
from jsonschema import Draft202012Validator

from mockagent.protocol.message_types import TYPES, path_of
from mockagent.resources import folder


def test_the_list_has_every_message_in_columns(run):
    shown = run("schema", "list").stdout.splitlines()
    assert len(shown) == sum(map(len, TYPES.values()))
    assert [line.split()[:4] for line in shown if line.startswith("Settings ")] == [
        ["Settings", "client", "v1", "ga"]
    ]
    assert len({line.index(" ga ") for line in shown if " ga " in line}) == 1


def test_the_list_can_be_narrowed(run):
    shown = run("schema", "list", "--dialect", "early-access", "--from", "client").stdout.splitlines()
    assert len(shown) == 6


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["Settings"], "v1/client/Settings.json"),
        (["SettingsConfiguration"], "early_access/client/SettingsConfiguration.json"),
        (["Welcome", "--dialect", "early-access"], "early_access/server/Welcome.json"),
        (["FunctionCallResponse", "--from", "server"], "v1/server/FunctionCallResponse.json"),
    ],
)
def test_a_schema_is_shown_as_it_is(run, arguments, path):
    result = run("schema", "show", *arguments)
    assert (result.exit_code, result.stdout) == (0, (folder("schemas") / path).read_text("utf-8"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["settings"], "no message type named 'settings'; did you mean 'Settings'?\n"),
        (["Wellcome", "--from", "server"], "no message type named 'Wellcome'; did you mean 'Welcome'?\n"),
        (["Settings", "--dialect", "early-access"], "no message type named 'Settings'; did you mean"),
        (["x\x1b[31m"], "no message type named 'x\\x1b[31m'; `mockagent schema list` lists them\n"),
        (
            ["FunctionCallResponse"],
            "both sides send FunctionCallResponse; say --from client or --from server\n",
        ),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(run, arguments, said):
    result = run("schema", "show", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(said) and result.stderr.count("\n") == 1


@pytest.mark.parametrize("dialect", ["v1", "early-access"])
@pytest.mark.parametrize("side", [None, "client", "server"])
def test_the_bundle_validates_examples_by_itself(run, dialect, side):
    result = run("schema", "bundle", "--dialect", dialect, *(["--from", side] if side else []))
    validator = Draft202012Validator(json.loads(result.stdout))
    for (each, sender), types in TYPES.items():
        if each == dialect and sender == (side or sender):
            for type in types:
                schema = json.loads((folder("schemas") / path_of(each, sender, type)).read_text("utf-8"))
                assert any(validator.is_valid(example) for example in schema["examples"]), type


@pytest.mark.parametrize("name", ["scenario", "trace", "notice", "journal", "requirement"])
def test_the_formats_of_the_project_itself_can_be_shown(run, name):
    assert json.loads(run("schema", "show", name).output)["title"]
