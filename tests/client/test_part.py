"""What the client does, and when: the server's events go in, and its acts come out. No socket, no clock."""

import pytest

from mockagent.client.part import (
    MARGIN,
    Act,
    ClientPart,
    FallSilent,
    Leave,
    Rest,
    Say,
    StopTalking,
    Talk,
)
from mockagent.client.sayings import Sayings
from mockagent.protocol.effects import after
from mockagent.protocol.events import Audio, Closed, Content, Event, Message, Opened, Side
from mockagent.protocol.messages import FunctionCall, function_call_requests
from mockagent.protocol.session import Session
from mockagent.scenario.lines import Line
from mockagent.scenario.model import (
    AgentTurn,
    Call,
    CallTurn,
    ClientCloses,
    ClientSends,
    ClientStays,
    ClientStaysSilent,
    ClientStreams,
    Interruption,
    Pause,
    ServerCloses,
    ServerSends,
    Step,
    Trigger,
    UserTurn,
)

EXAMPLES = {"Settings": {"agent": {"think": {}}}}
HELLO = AgentTurn(texts=("Hello.",))
CLOSES = ClientCloses()


class Onlooker:
    """Plays the server to a client's part, and notes what that does."""

    def __init__(self, *steps: Step) -> None:
        self.session = after(Session(), Event(0.0, Side.SERVER, Opened()))
        self.acts: list[Act] = []
        sayings = Sayings(self.session.dialect, lambda type: {"type": type, **EXAMPLES.get(type, {})})
        lines = tuple(Line((index,), step) for index, step in enumerate(steps))
        self.part = ClientPart(lines, sayings, self._do, lambda: self.session)

    def _do(self, act: Act) -> None:
        self.acts.append(act)
        if isinstance(act, Say):
            content = Message(str(act.body["type"]), act.body)
            self.session = after(self.session, Event(0.0, Side.CLIENT, content))

    def hears(self, *contents: Content) -> list[Act]:
        """What the client does when these come."""
        self.acts.clear()
        for content in contents:
            self.session = after(self.session, Event(0.0, Side.SERVER, content))
            self.part.on_event(content)
        return list(self.acts)

    def rested(self) -> list[Act]:
        self.acts.clear()
        self.part.on_rested()
        return list(self.acts)


def says(type: str, **fields: object) -> Message:
    return Message(type, {"type": type, **fields})


DONE = says("AgentAudioDone")
SOUND = Audio(960)


def text(role: str, content: str) -> Message:
    return says("ConversationText", role=role, content=content)


def reply(content: str) -> tuple[Message, Audio, Message]:
    return text("assistant", content), SOUND, DONE


def opened(*steps: Step) -> Onlooker:
    """Everything up to SettingsApplied has been done."""
    onlooker = Onlooker(*steps)
    onlooker.hears(says("Welcome"))
    onlooker.hears(says("SettingsApplied"))
    return onlooker


def test_settings_follow_the_welcome_once():
    onlooker = Onlooker(ClientSends(pattern={"type": "Settings"}), HELLO)
    assert onlooker.acts == []
    assert onlooker.hears(says("Welcome")) == [Say({"type": "Settings", **EXAMPLES["Settings"]})]
    assert onlooker.hears(says("SettingsApplied")) == []


def test_the_opening_is_not_waited_for_again():
    steps = ServerSends(body={"type": "Welcome"}), ServerSends(body={"type": "SettingsApplied"})
    assert opened(*steps, ServerSends(body={"type": "Warning"})).hears(says("Warning")) == [Leave(1000)]


def test_a_second_opening_that_is_a_fault_is_waited_for():
    onlooker = opened(ServerSends(body={"type": "Welcome"}, breaks=frozenset({"OPN-003"})))
    assert onlooker.acts == []
    assert onlooker.hears(says("Welcome")) == [Leave(1000)]


def test_the_client_leaves_when_the_agent_has_spoken():
    onlooker = opened(HELLO, CLOSES)
    assert onlooker.hears(*reply("Hello.")[:2]) == []
    assert onlooker.hears(DONE) == [Leave(1000)]
    assert not onlooker.part.is_over
    onlooker.hears(Closed(1000))
    assert onlooker.part.is_over


def test_it_leaves_with_the_code_that_is_asked_for():
    assert opened(HELLO, ClientCloses(code=4000)).hears(*reply("Hello.")) == [Leave(4000)]


def test_it_leaves_at_the_end_of_a_play_that_nobody_ends():
    assert opened(HELLO).hears(*reply("Hello.")) == [Leave(1000)]


def test_it_talks_until_the_server_says_what_it_heard():
    onlooker = opened(HELLO, UserTurn(text="Hi.", lasts=1.0), HELLO)
    assert onlooker.hears(*reply("Hello.")) == [Talk("Hi.")]
    assert onlooker.hears(says("UserStartedSpeaking")) == []
    assert onlooker.hears(text("user", "Hi.")) == [StopTalking()]


def test_it_types_a_turn_that_is_to_be_typed():
    onlooker = opened(UserTurn(text="Hi.", lasts=1.0, trigger=Trigger.TEXT, pattern="~hi"), HELLO)
    assert onlooker.acts == [Say({"type": "InjectUserMessage", "content": "Hi."})]


def test_a_turn_that_comes_by_itself_needs_nothing_from_it():
    onlooker = opened(UserTurn(text="Hi.", lasts=1.0, trigger=Trigger.TIMER), CLOSES)
    assert onlooker.acts == []
    assert onlooker.hears(says("UserStartedSpeaking"), text("user", "Hi.")) == [StopTalking(), Leave(1000)]


def test_it_talks_on_once_the_server_has_cut_the_reply_short():
    cut = AgentTurn(texts=("Hello.",), interrupted=Interruption(after=1.0))
    onlooker = opened(cut, UserTurn(text="Stop.", lasts=1.0), HELLO)
    assert onlooker.hears(text("assistant", "Hello."), SOUND) == []
    assert onlooker.hears(says("UserStartedSpeaking")) == [Talk("Stop.")]


@pytest.mark.parametrize(
    ("trigger", "act"),
    [
        (Trigger.SPEECH, Talk("Stop.")),
        (Trigger.TEXT, Say({"type": "InjectUserMessage", "content": "Stop."})),
    ],
)
def test_it_interrupts_as_soon_as_it_hears_the_reply(trigger, act):
    cut = AgentTurn(texts=("Hello.",), interrupted=Interruption(by=trigger))
    onlooker = opened(cut, UserTurn(text="Stop.", lasts=1.0, trigger=trigger), HELLO)
    assert onlooker.hears(text("assistant", "Hello.")) == []
    assert onlooker.hears(SOUND, SOUND) == [act]
    assert onlooker.hears(says("UserStartedSpeaking"), text("user", "Stop.")) == [StopTalking()]


def test_it_answers_what_it_runs_itself_and_waits_for_what_the_server_runs():
    calls = CallTurn(calls=(Call("time", {}, answer="~noon"), Call("order", {}, server_side=True)))
    onlooker = opened(calls, CLOSES)
    made = [FunctionCall("fc_1", "time"), FunctionCall("fc_2", "order", client_side=False)]
    [request] = function_call_requests(onlooker.session.dialect, made)
    answer = {"type": "FunctionCallResponse", "id": "fc_1", "name": "time", "content": "noon"}
    assert onlooker.hears(Message("FunctionCallRequest", request)) == [Say(answer)]
    assert onlooker.hears(says("FunctionCallResponse", id="fc_2", name="order", content="{}")) == [
        Leave(1000)
    ]


def injection(behavior: str) -> ClientSends:
    return ClientSends(pattern={"type": "InjectAgentMessage", "behavior": behavior})


def statement(number: int) -> str:
    return f"This is statement {number} of the client."


def test_what_is_injected_after_an_agents_turn_is_said_during_it_and_heard_to_its_end():
    onlooker = opened(HELLO, injection("queue"), CLOSES)
    acts = onlooker.hears(text("assistant", "Hello."), SOUND)
    body = {"type": "InjectAgentMessage", "message": statement(1), "behavior": "queue"}
    assert acts == [Say(body)]
    assert onlooker.hears(DONE) == []
    assert onlooker.hears(*reply(statement(1))) == [Leave(1000)]


def test_a_refused_injection_is_not_waited_for():
    onlooker = opened(HELLO, injection("default"), CLOSES)
    onlooker.hears(text("assistant", "Hello."), SOUND)
    assert onlooker.hears(says("InjectionRefused", message="No.")) == []
    assert onlooker.hears(DONE) == [Leave(1000)]


def test_it_tells_the_agents_own_words_from_what_it_injected():
    onlooker = opened(Pause(seconds=1.0), injection("default"), HELLO, CLOSES)
    onlooker.rested()
    assert onlooker.hears(*reply(statement(1))) == []
    assert onlooker.hears(*reply("Hello.")) == [Leave(1000)]


def test_it_does_not_leave_before_its_update_is_acknowledged():
    onlooker = opened(ClientSends(pattern={"type": "UpdatePrompt", "prompt": "~formal"}), CLOSES)
    assert onlooker.acts == [Say({"type": "UpdatePrompt", "prompt": "formal"})]
    assert onlooker.hears(says("PromptUpdated")) == [Leave(1000)]


def test_what_comes_during_a_rest_is_looked_at_after_it():
    onlooker = opened(Pause(seconds=1.0), ServerSends(body={"type": "Warning"}), CLOSES)
    assert onlooker.acts == [Rest(1.0 + MARGIN)]
    assert onlooker.hears(says("Warning")) == []
    assert onlooker.rested() == [Leave(1000)]


def test_it_streams_for_as_long_as_it_is_asked_to():
    onlooker = opened(ClientStreams(seconds=2.0), CLOSES)
    assert onlooker.acts == [Talk(""), Rest(2.0 + MARGIN)]
    assert onlooker.rested() == [StopTalking(), Leave(1000)]


def test_it_falls_silent_and_waits_for_the_end():
    onlooker = opened(ClientStaysSilent())
    assert onlooker.acts == [FallSilent()]
    assert onlooker.hears(says("Error"), Closed()) == []
    assert onlooker.part.is_over


@pytest.mark.parametrize("step", [ServerSends(body={"type": "Error"}), ServerCloses(code=1011)])
def test_it_leaves_the_close_to_the_server_where_that_ends_the_play(step):
    onlooker = opened(step)
    assert onlooker.hears(says("Error")) == []
    assert onlooker.hears(Closed(1011)) == []
    assert onlooker.part.is_over


def test_a_close_ends_a_rest():
    onlooker = opened(Pause(seconds=5.0), ServerCloses(code=1011))
    onlooker.hears(Closed(1011))
    assert onlooker.part.is_over


def test_a_close_that_comes_too_soon_leaves_its_part_unfinished():
    onlooker = opened(HELLO, CLOSES)
    onlooker.hears(Closed(1011))
    assert not onlooker.part.is_over


def test_a_client_whose_settings_are_refused_does_not_wait_for_them_to_be_applied():
    refusal = {"type": "Error", "code": "INVALID_AGENT_ID", "description": "x"}
    client = Onlooker(ServerSends(body=refusal))
    client.hears(Message("Welcome", {"type": "Welcome"}))
    client.hears(Message("Error", refusal), Closed(None))
    assert client.part.is_over


@pytest.mark.parametrize("step", [ClientStays(), AgentTurn(texts=("x",), think_fails=float("inf"))])
def test_a_client_waits_for_the_service_to_end_the_session(step):
    client = Onlooker(step)
    client.hears(
        Message("Welcome", {"type": "Welcome"}), Message("SettingsApplied", {"type": "SettingsApplied"})
    )
    client.hears(Message("Warning", {"type": "Warning"}), Message("Error", {"type": "Error"}))
    assert not client.part.is_over
    assert [act for act in client.acts if isinstance(act, Leave)] == []
    client.hears(Closed(None))
    assert client.part.is_over
