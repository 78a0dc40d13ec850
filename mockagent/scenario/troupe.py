"""Runs scripts side by side: hands each cue to whoever waits for it, and keeps what nobody waited for.

A message is taken by one script only; every other cue is heard by all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from mockagent.protocol.events import Event, Message
from mockagent.scenario.cues import Cue, FirstOf, Happened, Script, StepFailed, TimeUp, Together, Want

MOST_HELD = 1_000


@dataclass(eq=False, slots=True)
class _Actor:
    """A script that is being played; `want` is what it waits for, unless it waits for its `parts`."""

    script: Script
    whole: "_Actor | None" = None
    want: Want | None = None
    parts: "list[_Actor]" = field(default_factory=list)
    only_first: bool = False


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
                self._fail(actor, StepFailed(want.place, want.expects, "nothing like it in time"))
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

    @property
    def is_idle(self) -> bool:
        """Whether every script has come to its end."""
        return not self._actors

    def stop(self) -> None:
        """Play no further."""
        self._actors.clear()

    def _start(self, actor: _Actor) -> None:
        self._actors.append(actor)
        self._advance(actor, None)

    def _fulfil(self, actor: _Actor, cue: Cue) -> None:
        actor.want = None
        whole = actor.whole
        if whole and whole.only_first:
            for part in whole.parts:
                if part is not actor:
                    self._drop(part)
            whole.parts = [actor]
        self._advance(actor, cue)

    def _drop(self, actor: _Actor) -> None:
        for part in actor.parts:
            self._drop(part)
        if actor in self._actors:
            self._actors.remove(actor)
        actor.script.close()

    def _advance(self, actor: _Actor, cue: Cue | None) -> None:
        """Let the script go on until it waits for something that is not there yet."""
        while True:
            try:
                wanted = next(actor.script) if cue is None else actor.script.send(cue)
            except StopIteration:
                self._end(actor)
                return
            except StepFailed as failure:
                self._fail(actor, failure)
                return
            if not isinstance(wanted, Want):
                self._split(actor, wanted)
                return
            cue = self._held_for(wanted)
            if cue is None:
                actor.want = wanted
                return
            self._chosen(actor)

    def _chosen(self, actor: _Actor) -> None:
        """A held message decides between alternatives as one that comes does."""
        whole = actor.whole
        if whole and whole.only_first:
            for part in [part for part in whole.parts if part is not actor]:
                self._drop(part)
            whole.parts = [actor]

    def _split(self, actor: _Actor, wanted: Together | FirstOf) -> None:
        actor.only_first = isinstance(wanted, FirstOf)
        actor.parts = [_Actor(script, actor) for script in wanted.scripts]
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
            self._advance(whole, TimeUp(self.now))

    def _fail(self, actor: _Actor, failure: StepFailed) -> None:
        top = actor
        while top.whole:
            top = top.whole
        self._drop(top)
        self.failed(failure)

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
