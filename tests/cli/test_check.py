"""`mockagent check`: one line a problem, what the service would say, and an exit status to build on."""

import json

import pytest

WRONG = '{"type": "UpdateThink", "think": {"provider": {"type": "openai", "model": "m"}}}'
TOO_MUCH = '{"type": "KeepAlive", "extra": 1}'
ANSWER = "Error parsing client message. Check the think.provider field against the API spec."
TRACE = [
    '{"trace":1,"mockagent":"0.1.0","dialect":"v1","scenario":null,"started":"2026-11-21T09:30:00Z","speed":1.0,"switches":{},'
    '"seed":null,"tolerance":"faithful","session":"s","recorder":"server"}',
    '{"n":1,"at":0.0,"from":"server","opened":{"dialect":"v1"}}',
    '{"n":2,"at":0.1,"from":"server","message":{"type":"Welcome","request_id":"9e688da6-c17f-4422-8b05-568c611a3772"}}',
    '{"n":3,"at":0.2,"from":"client","audio":{"bytes":960,"frames":1,"largest":960}}',
    '{"end":true,"events":3,"lasted":0.2,"outcome":"unfinished","violations":{"SET-002":1}}',
]


def lines(result):
    return result.stdout.splitlines()


def test_a_message_that_is_fine(run, write):
    path = write("a.json", '{"type": "KeepAlive"}')
    result = run("check", path)
    assert (result.exit_code, lines(result)) == (0, [f"{path}:1: KeepAlive: ok"])


def test_a_message_that_is_refused_shows_where_and_the_answer(run, write):
    path = write("a.json", WRONG)
    result = run("check", "--message", path)
    problem, answer = lines(result)
    assert result.exit_code == 1
    assert problem.startswith(f"{path}:1: UpdateThink: /think/provider/type: expected one of 'open_ai'")
    assert problem.endswith("got 'openai' (refused)")
    assert answer == f'{path}:1: UpdateThink: refused: UNPARSABLE_CLIENT_MESSAGE "{ANSWER}"'


def test_a_finding_is_fine_until_it_is_strict(run, write):
    path = write("a.json", TOO_MUCH)
    result = run("check", path)
    assert result.exit_code == 0
    assert lines(result) == [
        f"{path}:1: KeepAlive: ok, with findings",
        f"{path}:1: KeepAlive: /extra: expected no such field, got 1 (finding; refused only when strict)",
    ]
    assert run("check", "--tolerance", "strict", path).exit_code == 1


def test_standard_input_is_read(run):
    result = run("check", "--message", "-", stdin='{"type": "KeepAlive"}\n{"type": 7}\n')
    assert result.exit_code == 1
    assert lines(result)[0] == "-:1: KeepAlive: ok"
    assert lines(result)[1].startswith(
        "-:2: no message: expected an object with a string type, got a type that"
    )


def test_the_side_and_the_dialect_can_be_said(run):
    message = '{"type": "FunctionCallResponse", "function_call_id": "1", "output": "x"}'
    assert run("check", "--message", "-", stdin=message).exit_code == 1
    assert run("check", "--message", "--dialect", "early-access", "-", stdin=message).exit_code == 0
    assert run("check", "--message", "--from", "server", "-", stdin='{"type": "KeepAlive"}').exit_code == 1


def test_a_dialect_that_was_told_by_the_type_is_said(run):
    result = run("check", "-", stdin='{"type": "UpdateInstructions", "instructions": "Be brief."}')
    assert lines(result) == ["-:1: UpdateInstructions (taken as early-access): ok"]


def test_a_servers_message_is_wrong_but_not_refused(run):
    result = run("check", "-", stdin='{"type": "Welcome", "request_id": 7}')
    assert result.exit_code == 1
    assert lines(result)[0].endswith("(wrong)") and len(lines(result)) == 1


def test_json_is_an_object_a_line(run, write):
    path = write("a.json", f"{WRONG}\n{TOO_MUCH}\n[]")
    result = run("check", "--json", path)
    told = [json.loads(line) for line in lines(result)]
    assert [(each["line"], each["type"], each["ok"]) for each in told] == [
        (1, "UpdateThink", False),
        (2, "KeepAlive", True),
        (3, None, False),
    ]
    (problem,) = told[0]["problems"]
    assert problem["pointer"] == "/think/provider/type"
    assert (problem["keyword"], problem["got"], problem["refused"]) == ("enum", "'openai'", True)
    assert told[0]["answer"] == {"type": "Error", "description": ANSWER, "code": "UNPARSABLE_CLIENT_MESSAGE"}


def test_a_scenario_says_its_name_and_summary(run):
    result = run("check", "barge_in")
    assert result.exit_code == 0
    assert lines(result) == [
        "barge_in: ok: barge_in: The user talks over the agent, which falls silent and listens"
    ]


def test_each_flaw_of_a_scenario_has_its_place(run, write):
    path = write("a.yaml", "name: x\nsummary: y\nstpes: []\nsteps:\n  - client: Settinsg\n")
    result = run("check", path)
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in lines(result)] == [f"{path}:3:1", f"{path}:5:13"]


def test_a_scenario_is_proved(run, write):
    path = write("a.yaml", "name: x\nsummary: y\nsteps:\n  - client: Settings\n  - server: PromptUpdated\n")
    result = run("check", path)
    assert result.exit_code == 1
    assert lines(result)[0].startswith(f"{path}:5:5: PromptUpdated breaks UPD-001")


def test_a_trace_shows_what_it_breaks_and_by_what_rule(run, write):
    path = write("a.jsonl", "\n".join(TRACE) + "\n")
    result = run("check", path)
    assert result.exit_code == 1
    breach, sentence, source = lines(result)
    assert breach == (
        f"{path}:4: event 3 at 0.200 s: SET-002 (MUST, client) "
        "expected Settings before audio, got audio (960 bytes)"
    )
    assert sentence == "      The client sends no audio before Settings."
    assert source.startswith("      https://")


def test_a_trace_that_is_fine_or_cut_off(run, write):
    whole = [*TRACE[:3], TRACE[4].replace('"events":3', '"events":2')]
    path = write("a.jsonl", "\n".join(whole) + "\n")
    assert lines(run("check", path)) == [f"{path}: ok: trace, 2 events, 0.2 s, unfinished"]
    path = write("cut.jsonl", "\n".join(whole[:3]) + "\n")
    result = run("check", path)
    assert (result.exit_code, lines(result)) == (1, [f"{path}:3:1: cut off after event 2"])


def test_what_happens_too_often_is_only_counted(run, write):
    audio = [TRACE[3].replace('"n":3', f'"n":{number}') for number in range(3, 13)]
    footer = TRACE[4].replace('"events":3', '"events":12')
    path = write("a.jsonl", "\n".join([*TRACE[:3], *audio, footer]) + "\n")
    result = run("check", path)
    assert len([line for line in lines(result) if "SET-002 (MUST" in line]) == 3
    assert lines(result)[-1] == f"{path}: 7 more of SET-002"
    assert len(json.loads(run("check", "--json", path).stdout)["problems"]) == 10


def test_every_file_is_checked_and_the_worst_counts(run, write):
    fine, wrong = write("fine.json", '{"type": "KeepAlive"}'), write("wrong.json", WRONG)
    result = run("check", fine, "nothing.json", wrong)
    assert result.exit_code == 2
    assert len(lines(result)) == 3
    assert result.stderr == "nothing.json: cannot be read: No such file or directory\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.json", ""),
        ("garbage", bytes(range(256)) * 50),
        ("words.txt", "hello there"),
        ("space.json", " \n"),
    ],
)
def test_a_file_that_holds_nothing_of_ours_is_one_line_and_2(run, write, name, content):
    result = run("check", write(name, content))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("garbage.yaml", bytes(range(256)) * 50),
        ("deep.yaml", "[" * 50_000),
        ("deep.json", "[" * 50_000),
        ("digits.json", '{"type": ' + "9" * 50_000 + "}"),
        ("long.json", '{"type": "' + "x" * 3_000_000 + '"}'),
        ("utf_16.json", '{"type": "KeepAlive"}'.encode("utf-16")),
        ("trace.jsonl", '{"trace":1}' + "x" * 1_000_000),
    ],
)
def test_hostile_files_are_problems_and_no_traceback(run, write, name, content):
    result = run("check", write(name, content))
    assert result.exit_code in (1, 2)
    assert max(map(len, (result.stdout + result.stderr).splitlines())) < 2_000


def test_a_file_cannot_steer_the_terminal(run, write):
    path = write("a.json", json.dumps({"type": "Keep\x1b[31mAlive\u202e", "\x07": 1}))
    result = run("check", path)
    assert "Keep\\x1b[31mAlive\\u202e" in result.stdout
    assert not any(character in result.stdout for character in "\x1b\x07\u202e")


@pytest.mark.parametrize(
    "arguments", [[], ["--from", "agent", "-"], ["--dialect", "v2", "-"], ["--tolerance", "kind", "-"]]
)
def test_usage_errors_end_with_2(run, arguments):
    result = run("check", *arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


class TestFolder:
    def test_every_file_in_it_is_checked(self, run, write, tmp_path):
        (tmp_path / "deeper").mkdir()
        fine = write("deeper/a.json", '{"type": "KeepAlive"}')
        wrong = write("b.json", WRONG)
        play = write("c.yaml", "name: c\nsummary: C\nsteps:\n  - agnet: hi\n")
        write("notes.txt", "nothing to check")
        result = run("check", tmp_path)
        assert result.exit_code == 1
        assert {line.split(":")[0] for line in lines(result)} == {str(fine), str(wrong), str(play)}
        assert result.stderr == ""

    def test_of_messages_alone(self, run, write, tmp_path):
        path = write("a.json", '{"type": "KeepAlive"}')
        write("c.yaml", "name: c")
        assert lines(run("check", "--message", tmp_path)) == [f"{path}:1: KeepAlive: ok"]

    def test_with_nothing_to_check(self, run, write, tmp_path):
        (tmp_path / "empty").mkdir()
        path = write("a.json", '{"type": "KeepAlive"}')
        result = run("check", tmp_path / "empty", path)
        assert (result.exit_code, len(lines(result))) == (2, 1)
        assert result.stderr.startswith(
            f"{tmp_path / 'empty'}: expected files to check in the folder (*.json, "
        )
