"""The course of a session against a straight play: what is missing, what came wrong, and what is free."""

import pytest

from mockagent.catalogue import bundled_scenarios, load_scenario, requirements
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Opened, Side
from mockagent.scenario.beats import Struck
from mockagent.scenario.course import Course
from mockagent.scenario.duties import Words
from mockagent.scenario.lines import plays_of
from mockagent.scenario.unfold import unfolded

OPENING = (
    (Side.SERVER, Opened()),
    (Side.SERVER, {"type": "Welcome", "request_id": "r"}),
    (Side.CLIENT, {"type": "Settings", "agent": {"greeting": "Hello!"}}),
    (Side.SERVER, {"type": "SettingsApplied"}),
)
DONE = {"type": "AgentAudioDone"}
STARTS = {"type": "UserStartedSpeaking"}
PROMPT = {"type": "UpdatePrompt", "prompt": "Be kind."}
SOUND = Audio(640)


def agent(text):
    return {"type": "ConversationText", "role": "assistant", "content": text}


def user(text):
    return {"type": "ConversationText", "role": "user", "content": text}


def said(text):
    return agent(text), SOUND, DONE


def heard(text):
    return STARTS, user(text)


def calls(number, arguments="{}", type="FunctionCallRequest"):
    called = {"id": f"c{number}", "name": "f", "arguments": arguments, "client_side": True}
    return {"type": type, "functions": [called]}


def answers(number, content="sunny"):
    return Side.CLIENT, {"type": "FunctionCallResponse", "id": f"c{number}", "name": "f", "content": content}


@pytest.fixture
def course(scenario):
    """Gives the course of these steps after these things, of the server unless they name a side."""

    def after(steps, *things, words=Words.EXACT, more="", seconds=0.1):
        found = Course(plays_of(scenario(steps, more))[0], Dialect.V1, words=words)
        for index, thing in enumerate((*OPENING, *things)):
            sender, what = thing if isinstance(thing, tuple) else (Side.SERVER, thing)
            content = Message(what["type"], what) if isinstance(what, dict) else what
            found.see(Event(index * seconds, sender, content))
        return found

    return after


def told(course):
    assert not course.is_complete
    return [str(each) for each in course.unmet]


HELLO = "- agent: Hello!\n- user: Hi\n- agent: How are you?"


def test_what_comes_as_asked_is_complete(course):
    found = course(HELLO, *said("Hello!"), *heard("Hi"), *said("How are you?"))
    assert found.is_complete
    assert found.unmet == ()


def test_what_has_not_come_by_now_is_the_next_thing_only(course):
    came = (
        "got nothing like it (last came: Welcome, SettingsApplied, ConversationText, audio, AgentAudioDone)"
    )
    assert told(course(HELLO, *said("Hello!"))) == [
        f"f.yaml:4: expected UserStartedSpeaking, {came}",
        f"f.yaml:4: expected the user to say 'Hi', {came}",
    ]


def test_other_words_are_told_once_with_the_nearest(course):
    (only,) = told(course(HELLO, *said("Hullo!"), *heard("Hi"), *said("How are you?")))
    assert only.startswith("f.yaml:3: expected the assistant to say 'Hello!', got nothing like it")
    assert only.endswith('nearest: ConversationText, where /content: expected "Hello!", got "Hullo!"')


def test_worded_freely_other_words_are_as_good_and_may_come_in_several(course):
    things = (agent("Good"), agent("day."), SOUND, DONE, *heard("hi"), *said("And you?"))
    assert course(HELLO, *things, words=Words.FREE).is_complete


def test_a_text_may_come_sentence_by_sentence(course):
    steps = "- agent: Hello there! How are you?"
    assert course(steps, agent("Hello there!"), SOUND, agent("How are you?"), DONE).is_complete
    (missing, *_) = told(course(steps, agent("Hello there!"), SOUND, DONE))
    assert missing.startswith("f.yaml:3: expected the assistant to say 'Hello there! How are you?'")
    assert told(course(steps, agent("How are you?"), SOUND, agent("Hello there!"), DONE))


def test_of_a_reply_that_is_cut_the_beginning_will_do(course):
    steps = (
        "- agent: One two three. Four five six.\n  interrupted: {after: 100 ms}\n- user: Stop\n  when: text"
    )
    typed = Side.CLIENT, {"type": "InjectUserMessage", "content": "Stop"}
    assert course(steps, agent("One two three."), SOUND, typed, STARTS, user("Stop")).is_complete
    assert told(course(steps, typed, user("Stop")))


def test_what_comes_too_early_is_told_once_and_the_rest_goes_on(course):
    steps = "- client: UpdatePrompt\n- agent: One.\n- agent: Two."
    early = course(steps, *said("One."), (Side.CLIENT, PROMPT), {"type": "PromptUpdated"}, *said("Two."))
    assert told(early) == [
        "f.yaml:4: expected UpdatePrompt before the assistant to say 'One.', "
        "got ConversationText first (last came: Welcome, SettingsApplied, ConversationText)"
    ]


CALL = "- user: Now?\n- call: {f: {a: 1}}\n  as: it\n- agent: It is ${it}."


def test_a_reply_waits_for_the_answer_and_quotes_it(course):
    asked = (*heard("Now?"), calls(1, '{"a": 1}'))
    assert course(CALL, *asked, answers(1), *said("It is sunny.")).is_complete
    assert told(course(CALL, *asked, answers(1), *said("It is rainy.")))
    assert told(course(CALL, *asked, *said("It is sunny."), answers(1)))
    free = course(CALL, *asked, *said("One moment."), answers(1), *said("Sun!"), words=Words.FREE)
    assert free.is_complete


def test_arguments_count_unless_worded_freely(course):
    things = (*heard("Now?"), calls(1, '{"a": 2}'), answers(1), *said("It is sunny."))
    assert "a call of f" in told(course(CALL, *things))[0]
    assert course(CALL, *things, words=Words.FREE).is_complete


def test_an_agent_may_call_ahead_of_the_users_text(course):
    things = (STARTS, calls(1, '{"a": 1}'), user("Now?"), answers(1), *said("It is sunny."))
    assert course(CALL, *things).is_complete


def test_what_is_cancelled_has_to_be_called_again(course):
    cancelled = calls(1, type="FunctionCallCancelled")
    ahead = (STARTS, calls(1, '{"a": 1}'), STARTS, cancelled, user("Now?"))
    again = (calls(2, '{"a": 1}'), answers(2), *said("It is sunny."))
    assert course(CALL, *ahead, *again).is_complete
    assert "a call of f" in told(course(CALL, *ahead))[0]


def test_an_update_is_to_be_acknowledged_whenever(course):
    steps = "- client: UpdatePrompt\n- agent: Yes."
    assert course(steps, (Side.CLIENT, PROMPT), *said("Yes."), {"type": "PromptUpdated"}).is_complete
    (missing,) = told(course(steps, (Side.CLIENT, PROMPT), *said("Yes.")))
    assert missing.startswith("f.yaml:3: expected PromptUpdated, got nothing like it")


def test_an_injection_is_to_be_spoken_and_stands_for_nothing_else(course):
    steps = "- client: InjectAgentMessage\n- agent: Yes."
    injected = Side.CLIENT, {"type": "InjectAgentMessage", "message": "Mind the gap."}
    for words in Words:
        assert course(steps, injected, *said("Mind the gap."), *said("Yes."), words=words).is_complete
        assert told(course(steps, injected, *said("Yes."), words=words))
        assert told(course(steps, injected, *said("Mind the gap."), words=words))


def test_a_message_that_moves_no_turn_may_come_anywhere(course):
    warning = {"type": "Warning", "code": "SLOW_THINK_REQUEST", "description": "d"}
    steps = HELLO + "\n- warning: SLOW_THINK_REQUEST\n  description: d"
    whole = (*said("Hello!"), *heard("Hi"), *said("How are you?"))
    for index in range(len(whole) + 1):
        assert course(steps, *whole[:index], warning, *whole[index:]).is_complete
    assert "Warning with" in told(course(steps, *whole))[0]


def test_an_error_and_the_close_after_it(course):
    error = {"type": "Error", "code": "INTERNAL_SERVER_ERROR", "description": "d"}
    steps = "- agent: Hello!\n- error: INTERNAL_SERVER_ERROR\n  description: d"
    assert course(steps, *said("Hello!"), error, Closed(None)).is_complete
    assert "the close of the server" in told(course(steps, *said("Hello!"), error))[0]
    assert told(course(steps, error, Closed(None)))


NEVER = """
- agent: Hello!
- never: {server: {type: Warning, code: SLOW_THINK_REQUEST}}
  during:
    - user: Hi
- agent: How are you?
"""


def test_what_must_never_come_counts_from_the_first_step_of_its_stretch_to_the_last(course):
    warning = {"type": "Warning", "code": "SLOW_THINK_REQUEST", "description": "d"}
    whole = (*said("Hello!"), *heard("Hi"), *said("How are you?"))
    wrong = [i for i in range(len(whole) + 1) if course(NEVER, *whole[:i], warning, *whole[i:]).unmet]
    assert wrong == [3, 4]
    (only,) = told(course(NEVER, *whole[:3], warning, warning, *whole[3:]))
    assert only.startswith(
        'f.yaml:4: expected no Warning with {"code": "SLOW_THINK_REQUEST"} of the server, got Warning'
    )


def test_never_in_the_whole_play_holds_after_its_end_too(course):
    whole = (*said("Hello!"), *heard("Hi"), *said("How are you?"))
    assert told(
        course(
            HELLO, *whole, *said("More."), more="never: {server: {type: ConversationText, content: ~more}}\n"
        )
    )


def test_a_server_may_be_asked_to_keep_silent_for_a_while(course):
    steps = "- never: {server: {audio: true}}\n  during: [wait: 1 s]\n- agent: Hello!"
    assert told(course(steps, *said("Hello!")))
    assert course(steps, Audio(0), agent("Hello!"), SOUND, DONE, seconds=0.3).unmet
    late = [(Side.CLIENT, SOUND)] * 12
    assert course(steps, *late, *said("Hello!")).is_complete


@pytest.mark.parametrize("path", bundled_scenarios(), ids=lambda path: path.stem)
def test_every_bundled_play_is_as_its_own_course_has_it(path):
    scenario = load_scenario(path)
    for play in unfolded(scenario, requirements()):
        course = Course(play.lines, scenario.dialect, words=Words.FREE)
        for beat in play.beats:
            if not isinstance(beat.content, Struck):
                course.see(Event(beat.at, beat.sender, beat.content))
        assert course.unmet == ()
        assert course.is_complete
