"""A session in memory: the real player and judge, a clock that is moved by hand, and every action in words."""

from itertools import count

import pytest

from mockagent.catalogue import requirements, schemas
from mockagent.protocol import codec
from mockagent.protocol.events import (
    Audio,
    Closed,
    Dialect,
    Elapsed,
    Event,
    Frame,
    Message,
    Opened,
    Side,
    Tolerance,
)
from mockagent.protocol.judge import Judge
from mockagent.protocol.switches import Switches
from mockagent.scenario.actions import CallFunction, Close, DropCall, Hush, Send, Speak
from mockagent.scenario.house import house
from mockagent.scenario.parse import parse
from mockagent.scenario.part import Part, part_of
from mockagent.scenario.player import Player
from mockagent.scenario.reading import Recording, Surroundings
from mockagent.yaml_nodes import load

BYTES_A_SECOND = 32_000
"""Of the client's audio: linear16 at 16,000 samples a second."""

SETTINGS = {
    "type": "Settings",
    "audio": {
        "input": {"encoding": "linear16", "sample_rate": 16000},
        "output": {"encoding": "linear16", "sample_rate": 16000},
    },
    "agent": {
        "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
        "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": "Be brief."},
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    },
}
EARLY_SETTINGS = {
    "type": "SettingsConfiguration",
    "audio": {
        "input": {"encoding": "linear16", "sample_rate": 16000},
        "output": {"encoding": "linear16", "sample_rate": 16000},
    },
    "agent": {
        "listen": {"model": "nova-3"},
        "think": {"provider": {"type": "open_ai"}, "model": "gpt-4o-mini", "instructions": "Be brief."},
        "speak": {"model": "aura-asteria-en"},
    },
}
QUIET = Switches(history=False, latency_report=False, agent_started_speaking=False)
"""Without the messages that only accompany others."""

AROUND = Surroundings(
    read_wav=lambda path: Recording(path.encode(), 2.0),
    speaking_time=lambda text: 1.0,
    problems=lambda dialect, side, body: schemas().problems(dialect, side, body),
    requirement_ids=requirements().keys(),
)


def scenario(steps, more=""):
    """The scenario of these YAML steps; every line takes a second to say."""
    lines = "".join(f"  {line}\n" for line in steps.strip("\n").splitlines())
    return parse(load(f"summary: s\n{more}steps:\n{lines}", "f.yaml"), "f.yaml", AROUND)


class Driver:
    """Plays one session. What the server does is put into words; `take` hands over those not taken before.

    Speech takes a second a statement. A server that breaks a rule without meaning to is told by `faults`.
    """

    def __init__(self, part, *, dialect=Dialect.V1, switches=QUIET, tolerance=Tolerance.FAITHFUL):
        self.now = 0.0
        self.actions = []
        self.faults = []
        self.findings = []
        self.is_over = False
        self._words = []
        self._spoken_at = None
        ids = count(1)
        self.judge = Judge(requirements(), switches, dialect)
        self.dialect = dialect
        self.player = Player(
            part if callable(part) else lambda settings: part,
            request_id="00000000-0000-4000-8000-000000000000",
            new_id=lambda: f"call-{next(ids)}",
            dialect=dialect,
            switches=switches,
            tolerance=tolerance,
        )
        self.judge.observe(Event(0.0, Side.SERVER, Opened(dialect)))

    def settings(self, *, functions=(), listen=None, agent=(), **more):
        """A Settings of the dialect, with these functions and whatever else it is to say."""
        found = SETTINGS if self.dialect is Dialect.V1 else EARLY_SETTINGS
        agent = {**found["agent"], **dict(agent)}
        if functions:
            agent["think"] = {**agent["think"], "functions": list(functions)}
        if listen:
            agent["listen"] = {"provider": listen}
        return {**found, "agent": agent, **more}

    def take(self):
        """What the server did since the last look, in words."""
        words, self._words = self._words, []
        return words

    def to_welcome(self):
        self.wait(self.judge.session.switches.welcome_after)
        return self

    def begin(self, body=None):
        """Open, and send Settings after Welcome; both are checked here, so that tests begin after them."""
        self.to_welcome()
        assert self.take() == ["Welcome"]
        self.send(body or self.settings())
        words = self.take()
        assert words[:1] == ["SettingsApplied"], words
        self._words = words[1:]
        return self

    def send(self, body):
        """The client sends a message (a mapping, or a type alone)."""
        body = {"type": body} if isinstance(body, str) else body
        content = codec.decode(Frame(codec.encode(body).data))
        assert isinstance(content, Message)
        problems = schemas().problems(self.dialect, Side.CLIENT, body)
        self.do(Message(content.type, content.body, problems))

    def audio(self, seconds=0.1):
        """The client sends audio of that length, all at once."""
        self.do(Audio(int(seconds * BYTES_A_SECOND)))

    def stream(self, seconds):
        """The client sends audio in real time, a tenth of a second a frame."""
        for _ in range(round(seconds * 10)):
            self.wait(0.1)
            self.audio(0.1)

    def close(self, code=1000):
        self.do(Closed(code))

    def heard(self, started):
        self._carry_out(self.player.on_heard(self.now, started))

    def ends(self, id, outcome):
        """The function of that call has ended."""
        self._carry_out(self.player.on_function_ended(self.now, id, outcome))

    def shut_down(self):
        self._carry_out(self.player.on_shutdown(self.now))

    def do(self, content):
        if self.is_over:
            return
        event, before = Event(self.now, Side.CLIENT, content), self.judge.session
        violations = self.judge.observe(event)
        self.findings += [violation.requirement.id for violation in violations]
        self._carry_out(self.player.on_event(event, before, violations))
        self.is_over = self.is_over or isinstance(content, Closed)

    def wait(self, seconds):
        """Let time pass, with all that falls due in it."""
        until = self.now + seconds
        while not self.is_over:
            at, happen = min(self._due(), default=(until + 1, None), key=lambda due: due[0])
            if at > until + 1e-9:
                break
            self.now = max(self.now, at)
            happen()
        self.now = max(self.now, until)

    def _due(self):
        deadline = self.judge.session.deadline
        if deadline:
            yield deadline[0], lambda: self.do(Elapsed(deadline[1]))
        if self.player.wakes_at is not None:
            yield self.player.wakes_at, lambda: self._carry_out(self.player.on_time(self.now))
        if self._spoken_at is not None:
            yield self._spoken_at, self._end_speech

    def _end_speech(self):
        self._spoken_at = None
        self._carry_out(self.player.on_spoken(self.now))

    def _carry_out(self, actions):
        self.actions += actions
        for action in actions:
            self._words.append(words(action))
            match action:
                case Send(body=body, breaks=breaks):
                    problems = schemas().problems(self.dialect, Side.SERVER, body)
                    self._serve(Message(body["type"], body, problems), breaks)
                case Speak(breaks=breaks):
                    self._spoken_at = self.now + 1.0
                    self._serve(Audio(640, largest=640), breaks)
                case Hush():
                    self._spoken_at = None
                case Close(code=code, reason=reason, breaks=breaks):
                    self._serve(Closed(code, reason), breaks)
                    self.is_over = True

    def _serve(self, content, breaks):
        for violation in self.judge.observe(Event(self.now, Side.SERVER, content)):
            if violation.requirement.id not in breaks:
                self.faults.append(str(violation))


def words(action):
    """An action in a few words."""
    match action:
        case Hush():
            return "(hush)"
        case Speak(text=text, wav=wav):
            return f"(speaks {text!r})" if wav is None else f"(plays {wav.decode()})"
        case Close(code=code):
            return f"(closes{f' {code}' if code else ''})"
        case CallFunction(call=call, endpoint=endpoint):
            return f"({endpoint.method} for {call.id})"
        case DropCall(id=id):
            return f"(drops {id})"
        case Send(body=body):
            return _said(body)


def _said(body):
    match body:
        case {"type": "ConversationText"}:
            return f"{body['role']}: {body['content']}"
        case {"type": "History", "function_calls": calls}:
            return f"History of {', '.join(call['name'] + ' = ' + call['response'] for call in calls)}"
        case {"type": "History"}:
            return f"History: {body['content']}"
        case {"type": "FunctionCallRequest", "functions": functions}:
            return f"calls {', '.join(each['name'] for each in functions)}"
        case {"type": "FunctionCallRequest"}:
            return f"calls {body['function_name']}"
        case {"type": "FunctionCallResponse"}:
            return f"result {body['content']}"
        case {"type": "Error" | "Warning", "code": code}:
            return f"{body['type']} {code}"
        case {"type": "AgentThinking"}:
            return f"thinks {body['content']!r}"
    return body["type"]


@pytest.fixture
def start():
    """Gives a driver for YAML steps (or `part`); afterwards no server may have broken a rule without saying so."""
    drivers = []

    def begin(steps="", *, more="", part=None, switches=QUIET, **options):
        if part is None:
            part = part_of(scenario(steps, more), switches)
        drivers.append(Driver(part, switches=switches, **options))
        return drivers[-1]

    yield begin
    assert [fault for driver in drivers for fault in driver.faults] == []


@pytest.fixture
def at_home(start):
    """Gives a driver for the house agent."""

    def begin(switches=QUIET, **options):
        return start(part=Part(house, switches, is_scripted=False), switches=switches, **options)

    return begin


@pytest.fixture(name="scenario")
def fixture_scenario():
    return scenario
