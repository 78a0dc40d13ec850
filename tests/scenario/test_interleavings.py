"""Every legal interleaving of two golden sessions passes judge and course, and each illegal one is refused.

What is legal is said here by hand, as pairs of what must come before what (message flow, turn and function calling
pages of the vendor); nothing of the implementation is asked. All orders that keep the pairs are tried, and of those
that do not, each that one swap of neighbours, or one event moved anywhere, makes of a legal one.
"""

from dataclasses import dataclass
from itertools import pairwise, permutations, product

import pytest

from mockagent.catalogue import requirements, schemas
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.scenario.course import Course
from mockagent.scenario.duties import Words
from mockagent.scenario.lines import plays_of
from mockagent.scenario.part import Ending

WELCOME = {"type": "Welcome", "request_id": "00000000-0000-4000-8000-000000000000"}
LATENCIES = {"total_latency": 0.4, "tts_latency": 0.2, "ttt_latency": 0.2}
SPEECH = Audio(640, frames=50, largest=640)


def settings(*functions):
    think = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "functions": list(functions)}
    output = {"encoding": "linear16", "sample_rate": 16000}
    audio = {"input": output, "output": output}
    listen = {"provider": {"type": "deepgram", "model": "nova-3"}}
    speak = {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}}
    return {"type": "Settings", "audio": audio, "agent": {"listen": listen, "think": think, "speak": speak}}


def text(role, content):
    return {"type": "ConversationText", "role": role, "content": content}


def history(role, content):
    return {"type": "History", "role": role, "content": content}


def call(number, name):
    return {"id": f"fc_{number}", "name": name, "arguments": '{"location": "Fremont"}', "client_side": True}


def request(number, name):
    return {"type": "FunctionCallRequest", "functions": [call(number, name)]}


def response(number, name, content):
    return {"type": "FunctionCallResponse", "id": f"fc_{number}", "name": name, "content": content}


def completed(number, name, content):
    return {"type": "History", "function_calls": [{**call(number, name), "response": content}]}


@dataclass
class Golden:
    """A session: its play, the events by name, and by hand which of them must come before which.

    What opens and ends it stays where it is. `pairs` is a text of rows "a < b < c"; those of `limits` keep the number
    of orders down, and say nothing of what is legal.
    """

    steps: str
    functions: tuple
    events: dict
    pairs: str
    limits: str = ""

    def is_legal(self, order):
        place = {name: index for index, name in enumerate(order)}
        return all(place[one] < place[other] for one, other in _pairs(self.pairs))

    def legal(self):
        """Every order that keeps the pairs, within the limits; and each that one move makes of the golden one."""
        moved = {order for order in _moved(tuple(self.events)) if self.is_legal(order)}
        return sorted(moved | set(_extensions(tuple(self.events), _pairs(f"{self.pairs}\n{self.limits}"))))

    def illegal(self):
        """Every order that breaks a pair and is one swap of neighbours, or one move of one event, from a legal one."""
        found = set(_moved(tuple(self.events)))
        for order in self.legal():
            found.update(_swapped(order))
        return sorted(order for order in found if not self.is_legal(order))


def _pairs(text):
    rows = [row.split(" < ") for row in text.strip().splitlines()]
    return {pair for row in rows for pair in pairwise(row)}


def _extensions(left, pairs, done=()):
    if not left:
        yield done
    for name in left:
        if not any(other == name and one in left for one, other in pairs):
            yield from _extensions(tuple(each for each in left if each != name), pairs, (*done, name))


def _moved(order):
    for name, index in product(order, range(len(order))):
        rest = [each for each in order if each != name]
        yield (*rest[:index], name, *rest[index:])


def _swapped(order):
    for index in range(len(order) - 1):
        yield (*order[:index], order[index + 1], order[index], *order[index + 2 :])


BARGE_IN = Golden(
    steps="""
- agent: Hello! How can I help you today?
- user: What's the weather in Fremont?
- agent: Right now in Fremont it is twenty one degrees and sunny, with a light breeze from the west and
  interrupted: {after: 500 ms}
- user: Just the temperature, please.
- client: UpdatePrompt
- agent: Twenty one degrees.
""",
    functions=(),
    events={
        "greets": text("assistant", "Hello! How can I help you today?"),
        "greeting starts": {"type": "AgentStartedSpeaking", **LATENCIES},
        "greeting": SPEECH,
        "greeted": {"type": "AgentAudioDone"},
        "user starts": {"type": "UserStartedSpeaking"},
        "user says": text("user", "What's the weather in Fremont?"),
        "History of it": history("user", "What's the weather in Fremont?"),
        "agent says": text(
            "assistant",
            "Right now in Fremont it is twenty one degrees and sunny, with a light breeze from the west and",
        ),
        "agent starts": {"type": "AgentStartedSpeaking", **LATENCIES},
        "speech": SPEECH,
        "user interrupts": {"type": "UserStartedSpeaking"},
        "user says more": text("user", "Just the temperature, please."),
        "client: prompt": {"type": "UpdatePrompt", "prompt": "Be brief."},
        "prompt updated": {"type": "PromptUpdated"},
        "agent says more": text("assistant", "Twenty one degrees."),
        "agent starts again": {"type": "AgentStartedSpeaking", **LATENCIES},
        "speech again": SPEECH,
        "done": {"type": "AgentAudioDone"},
    },
    pairs="""
greets < greeting starts < greeting < greeted < user starts < user says < agent says < speech < user interrupts
user says < agent starts < speech
user says < History of it
user interrupts < user says more < agent says more < speech again < done
user says more < agent starts again < speech again
client: prompt < prompt updated
client: prompt < agent says more
""",
    limits="user says more < client: prompt",
)
"""The prompt is updated between the interruption and the second reply; the rest is a barge-in as it is documented."""

TWO_CALLS = Golden(
    steps="""
- user: What time is it in Fremont, and how is the weather?
- call: {get_time: {location: Fremont}, get_weather: {location: Fremont}}
- agent: It is a quarter past three and sunny.
""",
    functions=({"name": "get_time"}, {"name": "get_weather"}),
    events={
        "user starts": {"type": "UserStartedSpeaking"},
        "user says": text("user", "What time is it in Fremont, and how is the weather?"),
        "asks for time": request(1, "get_time"),
        "asks for weather": request(2, "get_weather"),
        "client: time": response(1, "get_time", "15:15"),
        "client: weather": response(2, "get_weather", "sunny"),
        "History of time": completed(1, "get_time", "15:15"),
        "agent says": text("assistant", "It is a quarter past three and sunny."),
        "agent starts": {"type": "AgentStartedSpeaking", **LATENCIES},
        "speech": SPEECH,
        "done": {"type": "AgentAudioDone"},
    },
    pairs="""
user starts < user says < agent says < speech < done
user says < agent starts < speech
user starts < asks for time < client: time < agent says
user starts < asks for weather < client: weather < agent says
client: time < History of time
""",
)
"""An agent may call as soon as the user speaks, ahead of the text; it speaks when all answers are there."""


def session(golden, order):
    """The whole session with its events in that order."""
    opening = [(Side.SERVER, Opened()), (Side.SERVER, WELCOME), (Side.CLIENT, settings(*golden.functions))]
    body = [
        (Side.CLIENT if name.startswith("client") else Side.SERVER, golden.events[name]) for name in order
    ]
    whole = [*opening, (Side.SERVER, {"type": "SettingsApplied"}), *body, (Side.CLIENT, Closed(1000))]
    for index, (sender, what) in enumerate(whole):
        yield Event(index / 10, sender, _read(sender, what) if isinstance(what, dict) else what)


def _read(sender, body):
    key = (sender, str(body))
    if key not in _MESSAGES:
        _MESSAGES[key] = Message(body["type"], body, schemas().problems(Dialect.V1, sender, body))
    return _MESSAGES[key]


_MESSAGES = {}


@pytest.fixture
def says_no(scenario):
    """Gives what judge and course have against an order, in words, for exact words and for free ones."""

    def complaints(golden, order):
        lines, judge = _lines(scenario, golden), Judge(requirements())
        courses = [Course(lines, Dialect.V1, words=words) for words in Words]
        broken = []
        for event in session(golden, order):
            broken += judge.observe(event)
            for course in courses:
                course.see(event)
        assert all(course.is_complete == (not course.unmet) for course in courses)
        return [[str(each) for each in (*broken, *course.unmet)] for course in courses]

    return complaints


_LINES = {}


def _lines(scenario, golden):
    if golden.steps not in _LINES:
        steps = f"- client: Settings\n{golden.steps.strip()}\n- client: {{closes: true}}"
        _LINES[golden.steps] = plays_of(scenario(steps))[0]
    return _LINES[golden.steps]


GOLDEN = pytest.mark.parametrize("golden", [BARGE_IN, TWO_CALLS], ids=["barge-in", "two calls"])


@GOLDEN
def test_the_golden_order_is_legal_and_there_are_many_others(golden):
    assert golden.is_legal(tuple(golden.events))
    assert len(golden.legal()) > 200
    assert len(golden.illegal()) > 500


@GOLDEN
def test_every_legal_interleaving_passes(golden, says_no):
    assert [order for order in golden.legal() if any(says_no(golden, order))] == []


@GOLDEN
def test_every_illegal_interleaving_is_refused(golden, says_no):
    assert [order for order in golden.illegal() if not all(says_no(golden, order))] == []


@GOLDEN
def test_a_session_that_lacks_what_the_play_asks_for_is_refused(golden, says_no):
    accompany = {"History of it", "History of time", "greeting starts", "agent starts", "agent starts again"}
    for name in golden.events:
        complaints = says_no(golden, [each for each in golden.events if each != name])
        assert any(complaints) is all(complaints) is (name not in accompany), name


SERVED = """
- any_order:
    - - client: UpdatePrompt
        before:
          - client: UpdateSpeak
    - - client: UpdateThink
- user: Now?
  when: text
- never: {client: KeepAlive}
  during:
    - call: {a: {}, b: {}, c: {}}
      order: [c, a]
- client: {closes: true}
"""
CLIENT = {
    "prompt": {"type": "UpdatePrompt", "prompt": "Be kind."},
    "speak": {"type": "UpdateSpeak", "speak": settings()["agent"]["speak"]},
    "think": {"type": "UpdateThink", "think": {"provider": {"type": "open_ai", "model": "gpt-5"}}},
    "user": {"type": "InjectUserMessage", "content": "Now?"},
    "a": {"type": "FunctionCallResponse", "id": "call-1", "name": "a", "content": "1"},
    "b": {"type": "FunctionCallResponse", "id": "call-2", "name": "b", "content": "1"},
    "c": {"type": "FunctionCallResponse", "id": "call-3", "name": "c", "content": "1"},
    "alive": {"type": "KeepAlive"},
}


def orders_of_the_client():
    """Everything in every order, but that nobody can answer before being asked."""
    for first, second in product(permutations(("prompt", "speak", "user", "think")), permutations("abc")):
        whole = (*first, *second)
        for index in range(len(whole) + 1):
            yield (*whole[:index], "alive", *whole[index:])


def may_be(order):
    """What the script asks of the client, by hand."""
    place = {name: index for index, name in enumerate(order)}
    asked_at = max(place[name] for name in ("prompt", "speak", "user", "think"))
    answered_at = max(place[name] for name in "abc")
    is_quiet = not asked_at < place["alive"] < answered_at
    return place["prompt"] < place["speak"] and place["c"] < place["a"] and is_quiet


def test_a_served_scenario_takes_every_order_that_it_leaves_open_and_no_other(start):
    functions = [{"name": name, "parameters": {}} for name in "abc"]
    think = {"provider": {"type": "open_ai", "model": "gpt-5"}, "functions": functions}
    bodies = {**CLIENT, "think": {"type": "UpdateThink", "think": think}}
    taken = []
    for order in orders_of_the_client():
        driver = start(SERVED)
        driver.begin(driver.settings(functions=functions))
        for name in order:
            driver.send(bodies[name])
            driver.wait(0.3)
        driver.close()
        is_followed = driver.player.ending is Ending.FINISHED
        assert is_followed is (not driver.player.unmet)
        assert is_followed is may_be(order), (order, driver.player.unmet)
        taken.append(is_followed)
    assert len(taken) == 24 * 6 * 8
    assert sum(taken) == 12 * 3 * 5
