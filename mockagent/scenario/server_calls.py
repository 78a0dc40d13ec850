"""The functions that the server runs: called at their endpoints, or answered by the scenario in their place.

The scenario's own word comes first: a function with a `result`, or one that `fails`, is never really called.
"""

import json
from collections.abc import Callable, Iterable

from mockagent.protocol import configuration, messages
from mockagent.protocol.events import Dialect
from mockagent.protocol.messages import FunctionCall
from mockagent.scenario.actions import CallFunction, DropCall
from mockagent.scenario.cues import CallsAbandoned, FunctionEnded, Script, Want
from mockagent.scenario.model import Call, CallTurn
from mockagent.scenario.outcomes import Failed, Outcome, Returned
from mockagent.scenario.scene import Scene, kind_of_answer

RUNS_FOR = 0.1
"""Seconds that a function with an endpoint seems to take, when its result comes from the scenario."""
NO_RESULT = "{}"
"""What stands for the result of a function that cannot be called, where the scenario gives none."""


def server_answers(
    scene: Scene,
    step: CallTurn,
    calls: Iterable[tuple[FunctionCall, Call]],
    take: Callable[[str, str], None],
) -> Script:
    """All at once; the client of V1 is told what came of each as it comes. `take` gets it with the call's id."""
    own = [(made, call) for made, call in calls if not made.client_side]
    pending = {made.id: made for made, _ in own}
    written = {made.id: outcome for made, call in own if (outcome := _begun(scene, made, call))}
    ready_at, limit = scene.now + RUNS_FOR, scene.now + scene.switches.function_within
    try:
        while pending:
            cue = yield Want(
                lambda cue: (
                    isinstance(cue, CallsAbandoned) or (isinstance(cue, FunctionEnded) and cue.id in pending)
                ),
                until=ready_at if written else limit,
                expects=f"the end of {', '.join(made.name for made in pending.values())}",
                place=step.place,
                must=False,
                pause=True,
            )
            if isinstance(cue, CallsAbandoned):
                return
            if isinstance(cue, FunctionEnded):
                ended = {cue.id: cue.outcome}
            elif written:
                ended, written = written, {}
            else:
                ended = dict.fromkeys(pending, Failed("its endpoint did not answer in time"))
                _drop(scene, ended)
            for id, outcome in ended.items():
                take(id, _told(scene, step, pending.pop(id), outcome))
    finally:
        _drop(scene, pending.keys() - written.keys())


def _begun(scene: Scene, made: FunctionCall, call: Call) -> Outcome | None:
    """What the scenario says comes of it; None once its endpoint is being called."""
    if call.fails is not None:
        return Failed(call.fails)
    function = configuration.functions_of(scene.settings).get(made.name, {})
    endpoint = configuration.endpoint_of(function, scene.dialect)
    if call.result is not None or endpoint is None:
        return Returned(NO_RESULT if call.result is None else call.result)
    scene.out(CallFunction(made, endpoint))
    return None


def _drop(scene: Scene, ids: Iterable[str]) -> None:
    for id in ids:
        scene.out(DropCall(id))


def _told(scene: Scene, step: CallTurn, made: FunctionCall, outcome: Outcome) -> str:
    """Tell the client, where its dialect has a message for it; what the agent has to go on with."""
    is_v1 = scene.dialect is Dialect.V1
    if isinstance(outcome, Failed):
        description = f"The function {made.name} failed: {outcome.reason.rstrip('.')}."
        if is_v1:
            warning = messages.warning("FUNCTION_CALL_FAILED", description)
            scene.send(warning, step.breaks)
            scene.sent_unasked.append(kind_of_answer(warning))
        return json.dumps({"error": description}, ensure_ascii=False)
    content = outcome.content if isinstance(outcome, Returned) else NO_RESULT
    if is_v1:
        scene.send(messages.function_call_response(scene.dialect, made, content), step.breaks)
    return content
