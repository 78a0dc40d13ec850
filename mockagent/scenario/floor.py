"""The agent's floor: one reply at a time, the next ones queued, each in the protocol's order of messages.

ConversationText, History, AgentStartedSpeaking, the audio, AgentAudioDone, LatencyReport: only here is that
order written down, whoever wants something said (a scenario, the house agent, an injection).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.injection import Outcome
from mockagent.protocol.messages import Latencies
from mockagent.protocol.switches import Switches
from mockagent.scenario.actions import Action, Hush, Send, Speak
from mockagent.scenario.cues import Cue, ReplyBegan, ReplyEnded
from mockagent.scenario.reply import Reply

_SHARE_OF_SPEECH = 0.4
"""How much of the time to the first audio a reply's AgentStartedSpeaking puts down to speech synthesis."""


@dataclass(slots=True)
class Floor:
    """Who speaks for the agent, and who comes after. Puts what must be done into `out`, and tells of it by cues."""

    dialect: Dialect
    switches: Switches
    out: Callable[[Action], None]
    tell: Callable[[Cue], None]
    keeps_history: bool = True
    current: Reply | None = None
    queue: deque[Reply] = field(default_factory=deque)

    def say(self, reply: Reply, at: float) -> None:
        """Speak now, or after what is being said and queued."""
        if self.current is None:
            self._begin(reply, at)
        else:
            self.queue.append(reply)

    def replace(self, reply: Reply, at: float) -> None:
        """Speak in place of the current reply."""
        self.queue.appendleft(reply)
        self.cut(at)
        if self.current is None:
            self._next(at)

    def inject(self, text: str, outcome: Outcome, at: float) -> None:
        """Do with an injected statement what the protocol has decided; one that says nothing is not spoken."""
        if not text.strip():
            return
        reply = Reply((text,))
        match outcome:
            case Outcome.SPEAK:
                self.say(reply, at)
            case Outcome.WAIT:
                self.queue.append(reply)
            case Outcome.REPLACE:
                self.replace(reply, at)

    def cut(self, at: float) -> None:
        """Stop the current reply; not one more frame of it goes out, and no AgentAudioDone."""
        reply, self.current = self.current, None
        if reply is not None:
            self.out(Hush())
            reply.was_cut = True
            self._over(reply, at)

    def clear(self, at: float) -> None:
        """Stop the current reply and forget the queued ones: the user has the floor."""
        waiting = list(self.queue)
        self.queue.clear()
        self.cut(at)
        for reply in waiting:
            reply.was_cut = True
            self._over(reply, at)

    def spoken(self, at: float) -> None:
        """The audio that was asked for last has all been sent."""
        reply = self.current
        if reply is None:
            return
        reply.said += 1
        if reply.said < len(reply.texts):
            self._state(reply)
            return
        self._send(messages.bare("AgentAudioDone"))
        if reply.asked_at is not None and self.switches.latency_report and self.dialect is Dialect.V1:
            self._send(messages.latency_report(_latencies(reply, reply.asked_at)))
        self.current = None
        self._over(reply, at)
        self._next(at)

    def remember(self, item: JsonObject) -> None:
        """Send a History item, where the session has them."""
        if self.switches.history and self.keeps_history and self.dialect is Dialect.V1:
            self._send(item)

    def _next(self, at: float) -> None:
        if self.current is None and self.queue:
            self._begin(self.queue.popleft(), at)

    def _begin(self, reply: Reply, at: float) -> None:
        self.current = reply
        reply.began_at = at
        self._state(reply, at)
        self.tell(ReplyBegan(at, reply))

    def _state(self, reply: Reply, first_at: float | None = None) -> None:
        text = reply.texts[reply.said]
        behavior = {"conversational_behavior": reply.behavior} if reply.behavior else {}
        self._send(messages.conversation_text("assistant", text, **behavior), reply.breaks)
        self.remember(messages.history_statement("assistant", text))
        if first_at is not None and reply.asked_at is not None and self.switches.agent_started_speaking:
            self._send(messages.agent_started_speaking(_latencies(reply, reply.asked_at)))
        if reply.wav is not None and reply.said + 1 < len(reply.texts):
            reply.said += 1  # one recording holds all the statements
            self._state(reply)
        else:
            self.out(Speak(text, reply.wav, reply.breaks, reply.texts, reply.said))

    def _over(self, reply: Reply, at: float) -> None:
        reply.is_over = True
        self.tell(ReplyEnded(at, reply))

    def _send(self, body: JsonObject, breaks: frozenset[str] = frozenset()) -> None:
        self.out(Send(body, breaks))


def _latencies(reply: Reply, asked_at: float) -> Latencies:
    """The figures of a reply, true to when it was asked for and when it began."""
    total = max(0.0, (reply.began_at or asked_at) - asked_at)
    tts = total * _SHARE_OF_SPEECH
    return Latencies(round(total, 3), round(tts, 3), round(total - tts, 3))
