"""Servers that are bad in one way each: what each verdict is given for."""

import asyncio
import json

import pytest
import websockets

from mockagent import catalogue
from mockagent.fuzz.outcomes import Verdict
from mockagent.fuzz.sending import fault_of
from mockagent.fuzzing.campaign import campaign
from mockagent.fuzzing.peer import PeerFailed
from mockagent.fuzzing.server import Server, is_live

BROKEN = "v1/client/InjectUserMessage#text:truncated"
KEY = "a-key-that-must-not-come-back"


def serving(how):
    """A server that answers what is right, and what is not in that way."""

    async def serve(socket):
        await socket.send('{"type":"Welcome"}')
        async for frame in socket:
            try:
                body = json.loads(frame)
            except ValueError:
                if await wrong(socket):
                    return
                continue
            if body["type"] == "Settings":
                await socket.send('{"type":"SettingsApplied"}')
            if body["type"] == "UpdatePrompt":
                await socket.send('{"type":"PromptUpdated"}')

    async def wrong(socket):
        match how:
            case "error":
                await socket.send('{"type":"Error","code":"UNPARSABLE_CLIENT_MESSAGE","description":"no"}')
                return True
            case "internal":
                await socket.send('{"type":"Error","code":"INTERNAL_SERVER_ERROR","description":"no"}')
                return True
            case "raises":
                raise KeyError("type")
            case "drops":
                socket.transport.abort()
            case "hangs":
                await asyncio.sleep(2)
            case "tells":
                await socket.send(
                    json.dumps({"type": "Warning", "description": socket.request.headers["Authorization"]})
                )
        return False

    return serve


def fuzzed(how, *ids, key=KEY, tell=lambda told: None, **more):
    async def run():
        async with websockets.serve(serving(how), "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/agent/converse"
            faults = [fault_of(catalogue.corpus().get(each)) for each in ids]
            peer = Server(url, key, **{"within": 5.0, **more})
            return await campaign(faults, [peer], tell, shrinks_for=0.0)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("how", "verdict", "detail"),
    [
        ("", Verdict.SURVIVED, "answered with PromptUpdated"),
        ("error", Verdict.REFUSED, "Error UNPARSABLE_CLIENT_MESSAGE, closed with 1000"),
        ("internal", Verdict.CRASHED, "Error INTERNAL_SERVER_ERROR"),
        ("raises", Verdict.CRASHED, "closed with 1011"),
        ("drops", Verdict.CRASHED, "the connection broke without a close frame"),
        ("hangs", Verdict.HUNG, "UpdatePrompt was not answered in 1 s"),
        ("tells", Verdict.LEAKED, "the API key came back in a frame"),
    ],
)
def test_what_a_server_is_said_to_have_done(how, verdict, detail):
    results = fuzzed(how, BROKEN, within=1.0 if how == "hangs" else 5.0)
    assert dict(results.counts) == {verdict: 1}
    if verdict not in (Verdict.SURVIVED, Verdict.REFUSED):
        (found,) = results.found
        assert found.outcome.detail == detail
    assert results.failed == (verdict not in (Verdict.SURVIVED, Verdict.REFUSED))


def test_a_key_that_is_short_may_come_back_by_chance():
    results = fuzzed("tells", BROKEN, key="token")
    assert dict(results.counts) == {Verdict.SURVIVED: 1}


def test_what_a_server_never_sends_is_waited_for_once():
    never = set()
    ids = ("v1/client/FunctionCallResponse/name#required", "v1/client/FunctionCallResponse/content#required")
    details = []
    results = fuzzed("", *ids, within=0.5, never=never, tell=lambda told: details.append(told.outcome.detail))
    assert dict(results.counts) == {Verdict.NOT_REACHED: 2}
    assert never == {"UserStartedSpeaking"}
    assert details == ["no UserStartedSpeaking came", "the server sends no UserStartedSpeaking"]


def test_what_is_not_reached_is_neither_lived_through_nor_failed():
    results = fuzzed("", "v1/client/FunctionCallResponse/name#required", within=0.5)
    assert (dict(results.counts), results.tried, results.failed) == ({Verdict.NOT_REACHED: 1}, 0, 0)


def test_a_server_that_is_not_there_is_said():
    peer = Server("ws://127.0.0.1:9/v1/agent/converse", KEY)
    fault = fault_of(catalogue.corpus().get(BROKEN))
    with pytest.raises(PeerFailed, match="cannot be reached, before any fault"):
        asyncio.run(campaign([fault], [peer]))


def test_a_server_that_goes_ends_the_campaign_but_not_its_results():
    async def run():
        server = await websockets.serve(serving("error"), "127.0.0.1", 0)
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/agent/converse"

        def faults():
            yield fault_of(catalogue.corpus().get(BROKEN))
            server.close()
            yield fault_of(catalogue.corpus().get(BROKEN))

        return await campaign(faults(), [Server(url, KEY)])

    results = asyncio.run(run())
    assert (results.tried, "after the faults so far" in results.lost) == (1, True)


@pytest.mark.parametrize(
    ("url", "live"),
    [
        ("wss://agent.deepgram.com/v1/agent/converse", True),
        ("wss://api.eu.deepgram.com/v1/agent/converse", True),
        ("ws://127.0.0.1:8080/v1/agent/converse", False),
        ("wss://deepgram.com.example.org/", False),
    ],
)
def test_the_live_service_is_known(url, live):
    assert is_live(url) is live
