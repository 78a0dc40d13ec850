"""Documents to scenarios: what each form of each step becomes, and that nothing but ScenarioError is raised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.errors import ScenarioError
from mockagent.protocol.events import Dialect, Problem
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.switches import BeforeSettings, Switches
from mockagent.scenario import model
from mockagent.scenario.model import Interruption, Place, Trigger
from mockagent.scenario.nodes import ListNode, MappingNode, ScalarNode
from mockagent.scenario.parse import SWITCH_KEYS, TOP_KEYS, parse
from mockagent.scenario.parse_steps import MODIFIERS
from mockagent.scenario.reading import Recording, Surroundings
from mockagent.yaml_nodes import load


def read_wav(path):
    if path != "hello.wav":
        raise ValueError(f"expected a WAV file, got {path!r}")
    return Recording(b"RIFF", 2.5)


def problems(dialect, side, body):
    known = body["type"] in TYPES[dialect, side]
    return () if known else (Problem("/type", "type-name", "a type", repr(body["type"])),)


AROUND = Surroundings(
    read_wav=read_wav,
    speaking_time=lambda text: len(text) / 10,
    problems=problems,
    requirement_ids=("AUD-007", "AUD-008"),
)


def parsed(text):
    return parse(load(text, "plays/one.yaml"), "plays/one.yaml", AROUND)


def step(text, more=""):
    """The first step of a scenario, without its place."""
    body = "".join(f"    {line}\n" for line in text.splitlines())
    found = parsed(f"summary: s\nsteps:\n  -\n{body}{more}").steps[0]
    assert found.place.line == 4
    return found


def flaws(text):
    with pytest.raises(ScenarioError) as raised:
        parsed(text)
    return [str(flaw) for flaw in raised.value.flaws]


def at(line, column=5):
    return Place("plays/one.yaml", line, column)


def test_a_scenario_without_a_name_is_called_like_its_file():
    scenario = parsed("summary: ' What happens '\nsteps: [{client: Settings}]\n")
    assert scenario == model.Scenario(
        name="one",
        summary="What happens",
        steps=(model.ClientSends(pattern={"type": "Settings"}, place=at(2, 9)),),
        place=at(1, 1),
    )


def test_everything_at_the_top():
    scenario = parsed(
        "name: a.b-c_1\nsummary: s\ndialect: early-access\ntags: [x, y]\n"
        "switches: {history: false, think_for: 0 s, silence_for: 3 s, before_settings: ignore}\n"
        "steps: [{agent: Hi}]\n"
        "reactions:\n  - on: {type: InjectAgentMessage, message: ~now}\n    do: [{agent: Now}]\n"
    )
    assert (scenario.name, scenario.dialect, scenario.tags) == ("a.b-c_1", Dialect.EARLY_ACCESS, ("x", "y"))
    assert scenario.switches == Switches(
        history=False, think_for=0.0, silence_for=3.0, before_settings=BeforeSettings.IGNORE
    )
    assert scenario.reactions == (
        model.Reaction(
            pattern={"type": "InjectAgentMessage", "message": "~now"},
            steps=(model.AgentTurn(texts=("Now",), lasts=0.3, place=at(9, 10)),),
            place=at(8),
        ),
    )


def test_user_turns_says_what_triggers_them():
    scenario = parsed("summary: s\nuser_turns: speech\nsteps: [{user: a}, {user: b, when: timer}]\n")
    assert [each.trigger for each in scenario.steps] == [Trigger.SPEECH, Trigger.TIMER]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("client: KeepAlive", model.ClientSends(pattern={"type": "KeepAlive"})),
        (
            "client: {type: UpdatePrompt, prompt: ~x}\nwithin: 5 s\ncapture: {p: /prompt, all: ''}",
            model.ClientSends(
                pattern={"type": "UpdatePrompt", "prompt": "~x"},
                captures={"p": "/prompt", "all": ""},
                within=5.0,
            ),
        ),
        ("client: {audio: 2 s}\nwithin: 9 s", model.ClientStreams(seconds=2.0, within=9.0)),
        ("client: {closes: true}", model.ClientCloses()),
        ("client: {closes: 1000}\nwithin: 1 s", model.ClientCloses(code=1000, within=1.0)),
        ("client: {silent: true}", model.ClientStaysSilent()),
        ("server: UserStartedSpeaking", model.ServerSends(body={"type": "UserStartedSpeaking"})),
        (
            "server: {type: ConversationText, role: user, content: '${greeting}'}",
            model.ServerSends(body={"type": "ConversationText", "role": "user", "content": "${greeting}"}),
        ),
        (
            "server: {type: Nonsense}\nbreaks: [AUD-007, AUD-008]",
            model.ServerSends(body={"type": "Nonsense"}, breaks=frozenset({"AUD-007", "AUD-008"})),
        ),
        ("server: {closes: true}", model.ServerCloses()),
        ("server: {closes: 1011, reason: broken}", model.ServerCloses(code=1011, reason="broken")),
        ("user: Hello there", model.UserTurn(text="Hello there", lasts=1.1)),
        (
            "user: Hello\nwhen: text\nsays: /hel/\nlasts: 3 s\nwithin: 4 s",
            model.UserTurn(text="Hello", trigger=Trigger.TEXT, pattern="/hel/", lasts=3.0, within=4.0),
        ),
        ("user: Hello\nwav: hello.wav", model.UserTurn(text="Hello", lasts=2.5, wav=b"RIFF")),
        ("agent: Hello", model.AgentTurn(texts=("Hello",), lasts=0.5)),
        (
            "agent: [Hello, there]\nthinking: Hm\nbreaks: AUD-007",
            model.AgentTurn(
                texts=("Hello", "there"), lasts=1.0, thinking="Hm", breaks=frozenset({"AUD-007"})
            ),
        ),
        ("agent: Hello\nwav: hello.wav", model.AgentTurn(texts=("Hello",), lasts=2.5, wav=b"RIFF")),
        (
            "call: {f: {a: 1}}",
            model.CallTurn(calls=(model.Call(name="f", arguments={"a": 1}),)),
        ),
        (
            "call: {f: {}}\nanswer: ~ok\nas: kept\nserver_side: true\nresult: yes\nthinking: Hm\nwithin: 2 s",
            model.CallTurn(
                calls=(
                    model.Call(
                        name="f", arguments={}, answer="~ok", capture="kept", result="yes", server_side=True
                    ),
                ),
                thinking="Hm",
                within=2.0,
            ),
        ),
        (
            "call: {f: {}, g: }\nanswers: {g: '*x'}\nresults: {f: one}",
            model.CallTurn(
                calls=(
                    model.Call(name="f", arguments={}, result="one"),
                    model.Call(name="g", arguments={}, answer="*x"),
                )
            ),
        ),
        ("wait: 200 ms", model.Pause(seconds=0.2)),
    ],
)
def test_each_form_of_a_step(text, expected):
    found = step(text)
    assert found == type(expected)(
        **{
            name: at(4) if name == "place" else getattr(expected, name)
            for name in expected.__dataclass_fields__
        }
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{after: 500 ms}", Interruption(after=0.5)),
        ("{by: speech}", Interruption(by=Trigger.SPEECH)),
        ("{by: text}", Interruption(by=Trigger.TEXT)),
    ],
)
def test_interruptions(text, expected):
    assert step(f"agent: Hello there\ninterrupted: {text}", "  - user: Stop\n").interrupted == expected


def test_steps_inside_steps():
    scenario = parsed(
        "summary: s\nsteps:\n"
        "  - either: [[{client: KeepAlive}], [{user: Hi}, {agent: Ho}]]\n"
        "  - any_order: [[{client: UpdateThink}], [{client: UpdateListen}]]\n"
        "  - repeat: {times: 3, steps: [{user: Hi}]}\n"
    )
    either, any_order, repeat = scenario.steps
    assert [[type(each) for each in branch] for branch in either.branches] == [
        [model.ClientSends],
        [model.UserTurn, model.AgentTurn],
    ]
    assert [len(part) for part in any_order.parts] == [1, 1]
    assert (repeat.times, [each.text for each in repeat.steps]) == (3, ["Hi"])


def test_a_greeting_in_a_text_lasts_as_long_as_the_usual_one():
    assert step("agent: ${greeting}").lasts == 3.2


def test_a_name_is_known_after_the_step_that_captures_it():
    text = "call: {f: {}}\nas: kept"
    assert step(text, "  - agent: ${kept.a} and ${request_id}\n")


def test_a_name_that_every_branch_captures_is_known_after_them():
    branch = "[{client: {type: %s}, capture: {kept: /prompt}}]"
    parsed(
        "summary: s\nsteps:\n"
        f"  - either: [{branch % 'UpdatePrompt'}, {branch % 'UpdateThink'}]\n"
        "  - agent: ${kept}\n"
    )


def test_after_an_error_a_close_may_be_worded_and_rules_may_be_broken():
    error = "  - server: {type: Error, code: X, description: Y}\n"
    failed, closes = parsed(f"summary: s\nsteps:\n{error}  - server: {{closes: 1011}}\n").steps
    assert (failed.stays_open, closes.code) == (True, 1011)
    assert not parsed(f"summary: s\nsteps:\n{error}").steps[0].stays_open
    assert len(parsed(f"summary: s\nsteps:\n{error}  - agent: Hi\n    breaks: AUD-007\n").steps) == 2


def test_all_flaws_are_told_in_the_order_of_the_file():
    found = flaws("name: a b\nsteps:\n  - user: 1\n  - wait: soon\n    within: 1 s\nswitches: {x: 1}\n")
    assert [flaw.split(": ")[0] for flaw in found] == [
        f"plays/one.yaml:{place}" for place in ("1:1", "1:7", "3:11", "4:11", "5:5", "6:12")
    ]


def test_a_flaw_in_a_list_of_ids_is_at_its_item():
    text = "summary: s\nsteps:\n  - agent: Hi\n    breaks: [AUD-007, AUD-088]\n"
    assert flaws(text) == ["plays/one.yaml:4:23: unknown requirement 'AUD-088'; did you mean 'AUD-008'?"]


WORDS = sorted(
    {
        *TOP_KEYS,
        *SWITCH_KEYS,
        *MODIFIERS,
        *(key for keys in MODIFIERS.values() for key in keys),
        *(
            "type",
            "audio",
            "closes",
            "silent",
            "reason",
            "after",
            "by",
            "times",
            "on",
            "do",
            "speech",
            "text",
        ),
        *("Settings", "UpdatePrompt", "Error", "Warning", "KeepAlive", "1 s", "~x", "/(/", "*", "${x}", "v1"),
    }
)
SCALARS = st.builds(
    ScalarNode,
    st.sampled_from(WORDS)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(),
    st.integers(1, 99),
    st.integers(1, 99),
)


def as_list(items):
    return ListNode(tuple(items), [item.value for item in items], 1, 1)


def as_mapping(entries):
    keys = {key: ScalarNode(key, 1, 1) for key in entries}
    return MappingNode(entries, keys, {key: child.value for key, child in entries.items()}, 1, 1)


def containers(inner):
    mappings = st.dictionaries(st.sampled_from(WORDS), inner, max_size=4).map(as_mapping)
    return st.lists(inner, max_size=4).map(as_list) | mappings


NODES = st.recursive(SCALARS, containers, max_leaves=25)
STEPS = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(MODIFIERS, NODES)).map(as_mapping) | NODES,
    max_size=4,
).map(as_list)
DOCUMENTS = (
    st.fixed_dictionaries(
        {"summary": SCALARS, "steps": STEPS},
        optional={word: NODES for word in TOP_KEYS if word not in ("summary", "steps")},
    ).map(as_mapping)
    | NODES
)


@settings(max_examples=400)
@given(DOCUMENTS)
def test_no_document_raises_anything_but_a_scenario_error(document):
    try:
        scenario = parse(document, "f.yaml", AROUND)
    except ScenarioError as error:
        assert error.flaws
        assert all("\n" not in flaw.text for flaw in error.flaws)
    else:
        assert scenario.steps
