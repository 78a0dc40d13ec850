"""Near-misses of a client, sent through real sockets to mockagent's own server, in this process."""

import asyncio

from mockagent import catalogue
from mockagent.catalogue import scenario_of
from mockagent.fuzz.near_miss import Kind
from mockagent.fuzz.sending import Await, fault_of
from mockagent.fuzzing.campaign import Tried, campaign
from mockagent.fuzzing.server import Server as Peer
from mockagent.protocol.events import Dialect, Side
from mockagent.server.app import Server
from mockagent.server.options import Options

KEY = "a-key-that-must-not-come-back"
AT_ANY_TIME = (Kind.AUDIO, Kind.SCHEMA, Kind.TEXT, Kind.FRAME, Kind.ORDER)
"""What is not wrong in time; audio first, since one of it is a pause of two seconds."""
AT_ONCE = 48
HEAD = "name: play\nsummary: s\nsteps:\n  - client: Settings\n"
TURN = "  - user: Hi there\n    when: timer\n"
LONG = " ".join(["word"] * 300)
PLAYS = {
    "call": HEAD + TURN + "  - call: {get_weather: {location: Fremont}}\n  - wait: 60 s\n",
    "reply": HEAD + TURN + f"  - agent: {LONG}\n  - wait: 60 s\n",
    "error": HEAD + "  - error: INTERNAL_SERVER_ERROR\n",
}
"""What gets a session to where a client cannot by itself."""


def play_for(near_miss):
    awaited = {step.type for step in fault_of(near_miss).sending.steps if isinstance(step, Await)}
    if "Error" in awaited:
        return "error"
    if "FunctionCallRequest" in awaited:
        return "call"
    return "reply" if "UserStartedSpeaking" in awaited else ""


async def sent(near_misses, play="", speed=1.0):
    """What came of each, by id, and what else the server did: what it left in the loop, and its failures."""
    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
    before = asyncio.all_tasks()
    plays = [scenario_of(PLAYS[play], "play.yaml")] if play else []
    server = Server(plays, Options(speed=speed, journal=False))
    ready = await server.start()
    outcomes = {}

    def tell(told):
        if isinstance(told, Tried):
            outcomes[told.fault.origin] = told.outcome

    peers = [Peer(ready.url, KEY, speed=speed, within=20.0) for _ in range(min(AT_ONCE, len(near_misses)))]
    await campaign([fault_of(each) for each in near_misses], peers, tell, shrinks_for=0.0)
    await server.stop()
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    return outcomes, failures, left, dict(server.guests)


def near_misses(*kinds):
    corpus = catalogue.corpus()
    return [each for kind in kinds for each in corpus.near_misses(Dialect.V1, Side.CLIENT, kind=kind)]
