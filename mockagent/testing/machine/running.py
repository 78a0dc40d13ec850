"""Hypothesis plays the other side of a peer: it does what the session allows, or one thing that it does not.

The machine decides nothing about the protocol: the table of transitions says what may come, the judge what is wrong,
and `owed` what must still come.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck
from hypothesis import Phase as Stage
from hypothesis import settings as Settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mockagent.errors import TraceError
from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.trace import Trace, read
from mockagent.testing.machine.asked import Peer, dialect_of, opener_of, terms_of
from mockagent.testing.machine.line import Fault, Loop
from mockagent.testing.machine.play import Play
from mockagent.testing.machine.steps import WORDS, Choice

PATIENCE = 5.0
"""Seconds of the wall that a peer has for what it owes."""
STEPS = 20
"""Steps of one run, over one session or several."""
_RUNS = 50
_LONG = st.sampled_from((False, False, False, True))
_NOT_ALWAYS = (
    "The same steps went well when they were done again: what the peer does depends on when they come."
)

_OPENED = st.sampled_from((True, True, True, False))
_ENDS = (*["not yet"] * 4, "hang up", "the service fails")
"""How a session may end; to a server the last two are one."""

choices = st.builds(Choice, st.integers(0, 1023), st.sampled_from(WORDS))


def run_state_machine(
    peer: Peer,
    *,
    dialect: Dialect | str = Dialect.V1,
    settings: Settings | None = None,
    steps: int = STEPS,
    opening: JsonObject | None = None,
    headers: Mapping[str, str] | None = None,
    speed: float = 1.0,
    patience: float = PATIENCE,
    strict: bool = False,
    traces: str | os.PathLike[str] | None = None,
) -> None:
    """Play the other side of `peer` in every way that Hypothesis thinks of; AssertionError says what it does wrong.

    `peer` is a server, by its address or as what `serving` gives, or a client: a function of the address to connect
    to, plain or async, or a command in whose arguments {url} is replaced (its environment has MOCKAGENT_URL too, and
    no key of the user's). A client is started for each session, has one connection, and must end by itself after it.

    `settings` are Hypothesis' own, `steps` the most steps of one run. To a server `opening` is the Settings that are
    sent, `headers` are those of the handshake, and `speed` is how many session seconds pass in one of the wall.
    `patience` is seconds of the wall for what the peer owes; with `strict` a SHOULD counts as a MUST. `traces` is a
    folder for the sessions of the last run that failed, which `replay` plays again. No report and no trace shows a
    key that either side has come in with.

    TypeError, ValueError and CannotStart (of a command) say what is wrong with an argument.
    """
    where, terms = dialect_of(dialect), terms_of(patience, strict)
    opener = opener_of(peer, where, terms, headers=headers, speed=speed, opening=opening)
    chosen = _chosen(settings, steps)
    folder = None if traces is None else Path(traces)
    with Loop() as loop:

        def machine() -> RuleBasedStateMachine:
            return _machine(Play(loop, opener, terms.patience, opening, folder))

        try:
            run_state_machine_as_test(cast(Any, machine), settings=chosen)
        except FlakyFailure as flaky:
            faults = [each for each in flaky.exceptions if isinstance(each, Fault)]
            if not faults:
                raise
            raise Fault(f"{faults[0]}\n{_NOT_ALWAYS}") from None
        finally:
            loop.run(opener.stop())


def replay(
    peer: Peer,
    *traces: str | os.PathLike[str],
    headers: Mapping[str, str] | None = None,
    speed: float = 1.0,
    patience: float = PATIENCE,
    strict: bool = False,
) -> None:
    """Do again what `run_state_machine` has written down, one session after the other; errors as there.

    TraceError says which file is no trace. Text that was no message is not in a trace: another such text stands for
    it, and silence for audio.
    """
    if not traces:
        raise ValueError("expected at least one trace to do again, got none")
    recorded = [_read(Path(each)) for each in traces]
    terms = terms_of(patience, strict)
    opener = opener_of(peer, recorded[0].header.dialect, terms, headers=headers, speed=speed)
    with Loop() as loop:
        play = Play(loop, opener, terms.patience, None, None)
        try:
            for each in recorded:
                play.begin(opened=False)
                for event in each.events:
                    if event.sender is play.side:
                        play.again(event)
            play.check()
        finally:
            loop.run(opener.stop())


def _chosen(settings: Settings | None, steps: int) -> Settings:
    """Those settings, or the usual ones, without what only costs time here: to Hypothesis all faults are one."""
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"expected a whole number of steps above 0, got {steps!r}")
    given = settings or Settings(max_examples=_RUNS, suppress_health_check=[HealthCheck.too_slow])
    return Settings(
        given,
        stateful_step_count=steps,
        deadline=None,
        report_multiple_bugs=False,
        phases=[each for each in given.phases if each is not Stage.explain],
    )


def _read(path: Path) -> Trace:
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            return read(lines, str(path))
    except OSError as error:
        raise TraceError(f"{path}: cannot be read: {error.strerror or error}") from None


def _machine(play: Play) -> RuleBasedStateMachine:
    """The rules for one run of that play.

    None has a precondition: what a peer does in its own time must not decide what Hypothesis may draw.
    """

    class Conversation(RuleBasedStateMachine):
        @initialize(opened=_OPENED)
        def begins(self, opened: bool) -> None:
            play.begin(opened)

        @rule(steps=st.lists(choices, min_size=1, max_size=4))
        def does_what_is_allowed(self, steps: list[Choice]) -> None:
            play.go_on()
            for step in steps:
                play.allowed(step)

        @rule(step=choices)
        def does_what_is_not(self, step: Choice) -> None:
            play.go_on()
            play.barred(step)

        @rule(long=_LONG)
        def lets_time_pass(self, long: bool) -> None:
            play.rest(long)

        @rule(how=st.sampled_from(_ENDS), opened=_OPENED)
        def may_end(self, how: str, opened: bool) -> None:
            if how == "the service fails":
                play.fail()
            if how != "not yet" or not play.is_open:
                play.begin(opened)

        def teardown(self) -> None:
            play.check()

    return Conversation()
