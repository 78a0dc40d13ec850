"""The ideal play: the order of each kind of turn, who is cut off when, and that no valid scenario is too much."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.catalogue import bundled_scenarios, find_scenario, load_scenario, requirements, schemas
from mockagent.protocol.events import Audio, Closed, Elapsed, Message, Side
from mockagent.scenario.parse import parse
from mockagent.scenario.reading import Recording, Surroundings
from mockagent.scenario.unfold import unfolded
from mockagent.yaml_nodes import load

AROUND = Surroundings(
    read_wav=lambda path: Recording(path.encode(), 1.0),
    speaking_time=lambda text: len(text) / 10,
    problems=lambda *_: (),
    requirement_ids=requirements().keys(),
)
OPENING = ["< Welcome", "> Settings", "< SettingsApplied"]
QUIET = "switches: {history: false, latency_report: false, agent_started_speaking: false}\n"


def plays(steps, more=QUIET):
    text = f"summary: s\n{more}steps:\n" + "".join(f"  {line}\n" for line in steps.strip().splitlines())
    return unfolded(parse(load(text, "f.yaml"), "f.yaml", AROUND), requirements())


def told(play):
    """A play as one word a beat, without the opening."""
    words = [f"{'<' if beat.sender is Side.SERVER else '>'} {_word(beat)}" for beat in play.beats]
    assert words[:3] == OPENING
    return words[3:]


def _word(beat):
    match beat.content:
        case Message(type="ConversationText", body=body):
            return f"{body['role']}: {body['content']}"
        case Message(type=type):
            return type
        case Audio():
            return f"audio {beat.lasts:.1f}{' cut' if beat.was_cut else ''}"
        case Closed(code=code):
            return f"closes {code}"
        case Elapsed(limit=limit):
            return f"{limit} is over"


def story(steps, more=QUIET):
    (play,) = plays(steps, more)
    assert play.unmet == ()
    assert play.unreached is None
    return told(play)


def test_a_whole_exchange_with_everything_in_it():
    assert story(
        """
- agent: Hello
- user: How are you?
- agent: Fine, thanks
  thinking: A greeting
- client: {closes: true}
""",
        "",
    ) == [
        "< assistant: Hello",
        "< History",
        "< audio 0.5",
        "< AgentAudioDone",
        "> audio 1.2",
        "< UserStartedSpeaking",
        "< user: How are you?",
        "< History",
        "< AgentThinking",
        "< assistant: Fine, thanks",
        "< History",
        "< AgentStartedSpeaking",
        "< audio 1.2",
        "< AgentAudioDone",
        "< LatencyReport",
        "> closes 1000",
    ]


def test_settings_are_sent_once_whether_they_are_written_or_not():
    assert story("- client: Settings\n- agent: Hi") == story("- agent: Hi")


def test_an_interrupted_reply_has_no_end_and_its_rest_is_not_sent():
    assert story("- agent: A long reply that goes on\n  interrupted: {after: 1.5 s}\n- user: Stop") == [
        "< assistant: A long reply that goes on",
        "< audio 1.5 cut",
        "< UserStartedSpeaking",
        "> audio 0.4",
        "< user: Stop",
    ]


def test_a_reply_interrupted_by_speech_is_cut_when_the_user_is_heard():
    (play,) = plays(
        "- agent: A long reply that goes on\n  interrupted: {by: speech}\n- user: Stop now\n  when: speech"
    )
    assert [word.split(":")[0] for word in told(play)] == [
        "< assistant",
        "< audio 1.4 cut",
        "> audio 0.8",
        "< UserStartedSpeaking",
        "< user",
    ]


def test_a_reply_interrupted_by_text_is_cut_when_it_comes():
    found = story("- agent: A long reply that goes on\n  interrupted: {by: text}\n- user: Stop\n  when: text")
    assert found[1].endswith("cut")
    assert found[2:4] == ["> InjectUserMessage", "< UserStartedSpeaking"]
    assert found[4] == "< user: Stop"


def test_the_beats_of_an_interruption_belong_to_the_user():
    (play,) = plays("- agent: A long reply that goes on\n  interrupted: {after: 1 s}\n- user: Stop")
    started = next(beat for beat in play.beats if _word(beat) == "UserStartedSpeaking")
    assert started.line.step.text == "Stop"


def test_several_statements_are_one_reply():
    assert story("- agent: [One, Two]") == [
        "< assistant: One",
        "< audio 0.3",
        "< assistant: Two",
        "< audio 0.3",
        "< AgentAudioDone",
    ]


def test_calls_of_both_sides():
    assert story(
        """
- user: Go
- call: {f: {}, g: {a: 1}}
- call: {h: {}}
  server_side: true
  result: done
- agent: Done
"""
    )[3:] == [
        "< FunctionCallRequest",
        "> FunctionCallResponse",
        "> FunctionCallResponse",
        "< FunctionCallRequest",
        "< FunctionCallResponse",
        "< assistant: Done",
        "< audio 0.4",
        "< AgentAudioDone",
    ]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("client: {type: UpdatePrompt, prompt: ~x}", ["> UpdatePrompt", "< PromptUpdated"]),
        ("client: UpdateThink", ["> UpdateThink", "< ThinkUpdated"]),
        ("client: KeepAlive", ["> KeepAlive"]),
        ("client: {audio: 2 s}", ["> audio 2.0"]),
        ("client: {closes: 4000}", ["> closes 4000"]),
        ("client: {silent: true}", ["> silence is over", "< Error", "< closes None"]),
        ("server: {closes: true}", ["< closes None"]),
        ("server: {closes: 1011}", ["< closes 1011"]),
        ("server: {type: Error, code: X, description: y}", ["< Error", "< closes None"]),
        ("server: {type: Warning, code: X, description: y}", ["< Warning"]),
        ("user: Hello\n  when: text", ["> InjectUserMessage", "< user: Hello"]),
        ("user: Hello\n  when: text\n  says: ~hel", ["> InjectUserMessage", "< user: hel"]),
        ("user: Hello\n  when: timer", ["< UserStartedSpeaking", "< user: Hello"]),
        ("user: Hello\n  when: speech", ["> audio 0.5", "< UserStartedSpeaking", "< user: Hello"]),
    ],
)
def test_single_steps(step, expected):
    assert story(f"- {step}") == expected


def test_an_acknowledgement_that_is_written_is_the_same_one():
    assert story("- client: UpdatePrompt\n- server: PromptUpdated") == ["> UpdatePrompt", "< PromptUpdated"]


def test_an_injection_right_after_a_reply_comes_during_it():
    assert story("- agent: A long reply\n- client: InjectAgentMessage") == [
        "< assistant: A long reply",
        "< audio 1.2",
        "> InjectAgentMessage",
        "< InjectionRefused",
        "< AgentAudioDone",
    ]


def test_each_reply_may_have_injections_of_its_own():
    once = "- agent: [A long reply, in two parts]\n- client: InjectAgentMessage\n"
    found = story(f"{once}- wait: 1 s\n{once}")
    assert [word for word in found if "Inject" in word] == ["> InjectAgentMessage", "< InjectionRefused"] * 2


def test_an_injection_after_a_pause_is_spoken():
    found = story("- agent: Hi\n- wait: 1 s\n- client: {type: InjectAgentMessage, message: Still there?}")
    assert found[3:] == [
        "> InjectAgentMessage",
        "< assistant: Still there?",
        "< audio 1.0",
        "< AgentAudioDone",
    ]


def test_time_passes_as_long_as_things_take():
    (play,) = plays("- agent: Hello\n- wait: 3 s\n- agent: Bye")
    times = [beat.at for beat in play.beats if _word(beat).startswith("assistant")]
    assert times[1] - times[0] == pytest.approx(3.5)


def test_times_never_go_back():
    for path in bundled_scenarios():
        for play in unfolded(load_scenario(path), requirements()):
            times = [beat.at for beat in play.beats]
            assert times == sorted(times), path.stem


def test_captured_names_are_shown_as_such():
    found = story("- user: Go\n- call: {f: {}}\n  as: kept\n- agent: It is ${kept.a}, ${kept}")
    assert "< assistant: It is ‹kept.a›, ‹kept›" in found


def test_each_branch_is_played():
    first, second = plays("- either:\n  - - user: Hello\n  - - client: UpdatePrompt\n- agent: Bye")
    assert "< user: Hello" in told(first)
    assert "> UpdatePrompt" in told(second)
    assert told(first)[-1] == told(second)[-1] == "< AgentAudioDone"


@pytest.mark.parametrize("name", ["barge_in", "everyday_call", "early_access_conversation"])
def test_the_server_breaks_nothing_in_a_bundled_scenario(name):
    for play in unfolded(
        load_scenario(find_scenario(name)), requirements(), lambda *each: schemas().problems(*each)
    ):
        assert [beat.broken for beat in play.beats if beat.sender is Side.SERVER and beat.broken] == []


SIMPLE_STEPS = st.sampled_from(
    [
        "client: Settings",
        "client: UpdatePrompt",
        "client: UpdateSpeak",
        "client: KeepAlive",
        "client: {type: InjectAgentMessage, behavior: queue}",
        "client: {type: InjectAgentMessage, behavior: interrupt}",
        "client: InjectAgentMessage",
        "client: InjectUserMessage",
        "client: ForceEndTurn",
        "client: FunctionCallResponse",
        "client: {audio: 40 s}",
        "server: UserStartedSpeaking",
        "server: AgentAudioDone",
        "server: PromptUpdated",
        "server: {type: Warning, code: X, description: y}",
        "server: {type: ConversationText, role: user, content: x}",
        "server: {type: ConversationText, role: assistant, content: x}",
        "user: Hello",
        "{user: Hello, when: speech}",
        "{user: Hello, when: text}",
        "{user: Hello, when: timer}",
        "{user: Hello, lasts: 1 ms}",
        "agent: Hello there",
        "agent: [One, Two, Three]",
        "{agent: Hello, thinking: Hm}",
        "call: {f: {}}",
        "call: {f: {}, g: {}}",
        "{call: {f: {}}, server_side: true, result: x}",
        "wait: 15 s",
    ]
)
INTERRUPTED = st.builds(
    "{{agent: A long reply that goes on, interrupted: {{{}}}}}\n- {{user: Stop, when: {}}}".format,
    st.sampled_from(["after: 100 ms", "after: 1 s", "by: speech", "by: text"]),
    st.sampled_from(["audio", "speech", "text", "timer"]),
)


def _indented(steps, by):
    return "\n".join(" " * by + line for step in steps for line in f"- {step}".splitlines())


def _composed(parts):
    kind, one, other, after = parts
    if kind == "repeat":
        return [f"repeat:\n    times: 2\n    steps:\n{_indented(one, 6)}", *after]
    first = f"- {kind}:\n    -\n{_indented(['user: Hello', *one], 6)}"
    second = f"    -\n{_indented(['client: UpdateThink', *other], 6)}"
    return [f"{first}\n{second}".removeprefix("- "), *after]


STEP_LISTS = st.recursive(
    st.lists(SIMPLE_STEPS | INTERRUPTED, min_size=1, max_size=5),
    lambda inner: st.tuples(
        st.sampled_from(["either", "any_order", "repeat"]), inner, inner, st.lists(SIMPLE_STEPS, max_size=2)
    ).map(_composed),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(STEP_LISTS)
def test_every_scenario_can_be_unfolded(steps):
    for play in plays(_indented(steps, 0)):
        times = [beat.at for beat in play.beats]
        assert times == sorted(times)
