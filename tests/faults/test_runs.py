"""Faults of whole runs over real sockets: repeatable by the seed, each at its opportunity, excused, and told."""

import asyncio
import json
import random

import pytest
from raw_client import RawClient
from talks import conversation

from mockagent.scenario.faults.flags import standing
from mockagent.server.app import Server
from mockagent.server.options import Options

FLAGS = ["unknown_type:0.4", "duplicated:0.3", "fragmented:0.3", "odd_audio:0.5", "no_welcome:0.5"]


def story(played):
    """What a run did to its clients, without what a clock or an id makes differ."""
    inflicted = [(notice.number, notice.fault) for notice in played.of("fault")]
    return inflicted, [
        [frame.data for frame in seen.texts if b"_latency" not in frame.data] for seen in played.all_seen
    ]


def test_the_same_seed_and_the_same_clients_give_the_same_faults(plays):
    one, other = (story(plays(conversation(), faults=FLAGS, seed=11, times=3)) for _ in range(2))
    assert one == other
    assert len({fault for _, fault in one[0]}) >= 3


def test_another_seed_gives_other_faults(plays):
    one, other = (story(plays(conversation(), faults=FLAGS, seed=seed, times=3))[0] for seed in (1, 2))
    assert one != other


def test_refusals_are_drawn_for_each_connection(plays):
    played = plays(conversation(), faults=["refused_503:0.5"], seed=4, times=8)
    statuses = [seen.status for seen in played.all_seen]
    dice = [random.Random(f"4, connection {number}").random() for number in range(1, 9)]
    assert statuses == [503 if each < 0.5 else 101 for each in dice]
    assert {503, 101} == set(statuses)
    assert len(played.of("turned_away")) == statuses.count(503)
    assert len(played.of("session_closed")) == statuses.count(101)


def test_a_chance_of_nothing_is_no_fault(plays):
    played = plays(conversation(), faults=["tcp_reset:0", "malformed_json:0", "refused_401:0"])
    assert played.inflicted == []
    assert played.seen.types.count("AgentAudioDone") == 2


def test_parameters_of_a_flag_hold(plays):
    played = plays(conversation(), faults=["refused_429,retry_after=90 s"])
    assert (played.seen.status, played.seen.headers["retry-after"]) == (429, "9")  # at ten times the speed
    closed = plays(conversation(), faults=["close,code=1013"]).seen
    assert closed.frames[-1].data == (1013).to_bytes(2, "big")


def test_the_opening_of_a_run_may_be_slow_refused_and_silent_at_once(plays):
    played = plays(conversation(), faults=["slow_handshake", "refused_403", "refused_503", "no_welcome"])
    assert (played.seen.status, "retry-after" in played.seen.headers) == (403, False)
    assert played.inflicted == ["slow_handshake", "refused_403"]
    assert played.seen.shook_for >= 0.2


@pytest.mark.parametrize("fault", ["tcp_reset", "tcp_close", "close", "half_open"])
def test_a_session_that_a_fault_of_the_run_ends_is_not_held_against_its_client(fault, plays):
    played = plays(conversation(), faults=[fault])
    (closed,) = played.of("session_closed")
    assert (closed.ending, closed.unmet, closed.is_clean) == ("faulted", (), True)
    assert json.loads(played.trace.read_text("utf-8").splitlines()[-1])["outcome"] == "faulted"


def test_a_session_that_a_fault_of_its_own_script_ends_is_finished(plays):
    played = plays(conversation("- fault: tcp_reset", after=[]))
    assert [closed.ending for closed in played.of("session_closed")] == ["finished"]


def test_a_server_that_ends_does_not_wait_for_a_slow_handshake():
    async def run():
        server = Server(options=Options(faults=(standing("slow_handshake,seconds=20 min"),)))
        ready = await server.start()
        client = asyncio.create_task(RawClient(int(ready.url.split(":")[2].split("/")[0])).play(1.0))
        while not server.arrivals:
            await asyncio.sleep(0.01)
        async with asyncio.timeout(60):
            await server.stop()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client

    asyncio.run(run())


def test_what_the_script_breaks_itself_is_still_held_against_it(plays):
    """A fault excuses what comes of it; a stray AgentAudioDone that the script names is excused by the script alone."""
    text = conversation("- fault: malformed_json", "- server: AgentAudioDone", "  breaks: AUD-008")
    played = plays(text)
    excused = [line["breaks"] for line in played.lines if "breaks" in line]
    assert excused == [["MSG-006"], ["AUD-008"]]


def test_a_fault_is_told_with_what_it_hit(plays):
    text = conversation("- fault: {delayed: {seconds: 500 ms, type: ConversationText}}")
    played = plays(
        text, faults=["duplicated,type=Welcome", "unknown_field,type=SettingsApplied", "late_audio"]
    )
    told = {notice.fault: (notice.hit, notice.parameters, notice.place) for notice in played.of("fault")}
    assert told["delayed"] == (
        "ConversationText",
        {"seconds": 0.5, "type": "ConversationText"},
        "talk.yaml:6",
    )
    assert told["late_audio"] == ("speech", {"seconds": 2.0}, "")
