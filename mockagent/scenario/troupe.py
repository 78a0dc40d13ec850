"""Runs scripts side by side: hands each cue to whoever waits for it, and keeps what nobody waited for.

A message is taken by one script only; every other cue is heard by all. What a script did not get is thrown into
it as StepFailed; a script that does not catch it fails the one that it is a part of, up to the first that does.
Among alternatives that are not decided yet, one that fails only drops out; the last one fails for all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mockagent.protocol.events import Event, Message
from mockagent.scenario.cues import Cue, FirstOf, Happened, Script, StepFailed, TimeUp, Together, Want

MOST_HELD = 1_000


@dataclass(eq=False, slots=True)
class _Actor:
    """A script that is being played; `want` is what it waits for, unless it waits for its `parts`.

    With `only_first` these are alternatives; `lapsed` tells of those that dropped out before one was chosen.
    """

    script: Script
    whole: "_Actor | None" = None
    want: Want | None = None
    parts: "list[_Actor]" = field(default_factory=list)
    only_first: bool = False
    lapsed: "list[StepFailed]" = field(default_factory=list)


@dataclass(slots=True)
class Troupe:
    """All the scripts of a session. `held` are the client's messages that nothing has waited for yet."""

    held: list[Event]
    failed: Callable[[StepFailed], None]
    now: float = 0.0
    _actors: list[_Actor] = field(default_factory=list)

    def start(self, script: Script) -> None:
        """Begin to play a script."""
        self._start(_Actor(script))

    def unfinished(self, got: str) -> StepFailed | None:
        """What the script that was started first still waits for, as its failure; None when none is played."""
        if not self._actors:
            return None
        first = self._actors[0]
        want = _wants_of(first)[0]
        return StepFailed(want.place, _expected(first), got, want.pattern)

    def take(self, cue: Cue) -> bool:
        """Hand a cue to those who wait for it; whether anybody did."""
        is_message = isinstance(cue, Happened) and isinstance(cue.event.content, Message)
        taken = False
        for actor in list(self._actors):
            if actor in self._actors and actor.want and actor.want.accepts(cue):
                self._fulfil(actor, cue)
                taken = True
                if is_message:
                    break
        return taken

    def pass_time(self, at: float) -> None:
        """Let the time of every want that ends by then be up."""
        self.now = at
        for actor in list(self._actors):
            want = actor.want
            if actor not in self._actors or want is None or want.until is None or want.until > at:
                continue
            if want.must:
                self._disappoint(actor, want)
            else:
                self._fulfil(actor, TimeUp(at))

    @property
    def wakes_at(self) -> float | None:
        """When the next time is up."""
        return min((want.until for want in self.wants if want.until is not None), default=None)

    @property
    def wants(self) -> list[Want]:
        """What is being waited for, in the order in which it was asked for."""
        return [actor.want for actor in self._actors if actor.want]

    def stop(self) -> None:
        """Play no further."""
        self._actors.clear()

    def _start(self, actor: _Actor) -> None:
        self._actors.append(actor)
        self._advance(actor, lambda: next(actor.script))

    def _fulfil(self, actor: _Actor, cue: Cue) -> None:
        actor.want = None
        self._decide(actor)
        self._advance(actor, lambda: actor.script.send(cue))

    def _disappoint(self, actor: _Actor, want: Want) -> None:
        actor.want = None
        failure = StepFailed(want.place, want.expects, "nothing like it in time", want.pattern)
        self._advance(actor, lambda: actor.script.throw(failure))

    def _decide(self, actor: _Actor) -> None:
        """The actor got what it waits for: of the alternatives that it belongs to, the others never happen."""
        part, whole = actor, actor.whole
        while whole:
            if whole.only_first:
                for other in whole.parts:
                    if other is not part:
                        self._drop(other)
                whole.parts, whole.lapsed = [part], []
            part, whole = whole, whole.whole

    def _drop(self, actor: _Actor) -> None:
        for part in actor.parts:
            self._drop(part)
        if actor in self._actors:
            self._actors.remove(actor)
        actor.script.close()

    def _advance(self, actor: _Actor, go_on: Callable[[], Want | Together | FirstOf]) -> None:
        """Let the script go on until it waits for something that is not there yet."""
        try:
            wanted = go_on()
            while isinstance(wanted, Want):
                cue = self._held_for(wanted)
                if cue is None:
                    actor.want = wanted
                    return
                self._decide(actor)
                wanted = actor.script.send(cue)
        except StopIteration:
            self._end(actor)
        except StepFailed as failure:
            self._fail(actor, failure)
        else:
            self._split(actor, wanted)

    def _split(self, actor: _Actor, wanted: Together | FirstOf) -> None:
        actor.only_first = isinstance(wanted, FirstOf)
        actor.parts, actor.lapsed = [_Actor(script, actor) for script in wanted.scripts], []
        for part in list(actor.parts):
            if part in actor.parts:
                self._start(part)

    def _end(self, actor: _Actor) -> None:
        self._actors.remove(actor)
        whole = actor.whole
        if whole is None:
            return
        whole.parts.remove(actor)
        if not whole.parts:
            self._advance(whole, lambda: whole.script.send(TimeUp(self.now)))

    def _fail(self, actor: _Actor, failure: StepFailed) -> None:
        self._drop(actor)
        whole = actor.whole
        if whole is None:
            self.failed(failure)
            return
        whole.parts.remove(actor)
        if whole.only_first:
            whole.lapsed.append(failure)
            if whole.parts:
                return
            failure = _none_of(whole.lapsed)
        for part in whole.parts:
            self._drop(part)
        whole.parts = []
        self._advance(whole, lambda: whole.script.throw(failure))

    def _held_for(self, want: Want) -> Cue | None:
        if not want.takes_held:
            return None
        for event in self.held:
            if want.accepts(Happened(event)):
                self.held.remove(event)
                return Happened(event)
        return None

    def hold(self, event: Event) -> None:
        """Keep a message for a want that may come."""
        if len(self.held) < MOST_HELD:
            self.held.append(event)


def _wants_of(actor: _Actor) -> list[Want]:
    """What the actor waits for: its own want, or those of its parts."""
    return [actor.want] if actor.want else [want for part in actor.parts for want in _wants_of(part)]


def _expected(actor: _Actor) -> str:
    if actor.want:
        return actor.want.expects
    return (" or " if actor.only_first else " and ").join(_expected(part) for part in actor.parts)


def _none_of(failures: Sequence[StepFailed]) -> StepFailed:
    """The failure of all alternatives, told as one."""
    first, last = failures[0], failures[-1]
    expected = " or ".join(failure.expected for failure in failures)
    return StepFailed(first.place, expected, last.got, first.pattern)
