"""The journal over real sockets, during a session and after: what is answered, when, to whom, and what never is."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockagent.cli.check import command as check
from mockagent.protocol import trace
from mockagent.server.journal import book, desk, gate
from mockagent.server.journal import kept as kept_module
from mockagent.websocket import WebSocket

KEY = "dg-key-0123456789"
CALL = """
- user: And the weather?
  when: timer
- call: {get_weather: {location: Fremont}}
- agent: Sunny.
- client: {closes: true}
"""
FUNCTION = {"name": "get_weather", "parameters": {"type": "object"}}
LITTLE = 0.02
"""Seconds: too short for anything to come by itself, long enough for a wait to be one."""


def agent(settings, **more):
    return settings()["agent"] | more


def with_a_function(settings):
    think = {
        "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
        "prompt": "Be brief.",
        "functions": [FUNCTION],
    }
    return settings(agent=agent(settings, think=think))


async def answered(client):
    """The client answers the call that the server asks for."""
    request = await client.until("FunctionCallRequest")
    (call,) = request["functions"]
    answer = {"type": "FunctionCallResponse", "id": call["id"], "name": call["name"], "content": "sunny"}
    await client.send(answer)
    return answer


class TestAnswers:
    def test_the_health_of_a_server(self, serving, scenario, ask):
        async def run():
            async with serving(scenario("lunch", "- agent: Hi")) as running:
                seen = []
                async with running.client() as client:
                    await client.until("Welcome")
                    seen.append((await ask(running, "/health")).json)
                await running.closed()
                seen.append((await ask(running, "/health")).json)
            assert [each["sessions"] for each in seen] == [{"open": 1, "closed": 0}, {"open": 0, "closed": 1}]
            assert (seen[0]["status"], seen[0]["scenarios"]) == ("ok", ["lunch"])

        asyncio.run(run())

    def test_every_answer_is_for_once_and_for_its_own_origin(self, serving, ask):
        async def run():
            async with serving() as running:
                for path in ("/health", "/sessions", "/sessions/7x", "/nothing", "/sessions/1/wait?type=x"):
                    headers = (await ask(running, path)).headers
                    assert headers["Cache-Control"] == "no-store"
                    assert headers["X-Content-Type-Options"] == "nosniff"
                    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
                    assert not [name for name in headers if name.lower().startswith("access-control")]

        asyncio.run(run())

    def test_a_session_by_id_number_and_as_the_latest_while_it_goes_on_and_after(
        self, serving, scenario, settings, ask
    ):
        async def run():
            async with serving(scenario("weather", CALL), speed=10.0) as running:
                async with running.client() as client:
                    await client.send(with_a_function(settings))
                    await client.until("FunctionCallRequest")
                    await client.send({"type": "UpdatePrompt", "prompt": "Be kind."})
                    await client.until("PromptUpdated")
                    id = running.of("session_opened")[0].session
                    names = (id, "1", "latest")
                    during = [(await ask(running, f"/sessions/{name}")).json for name in names]
                    listed = (await ask(running, "/sessions")).json["sessions"]
                    call = during[0]["pending_calls"][0]
                    answer = {"type": "FunctionCallResponse", "name": "get_weather", "content": "sunny"}
                    await client.send(answer | {"id": call["id"]})
                    await client.until("AgentAudioDone")
                await running.closed()
                after = [(await ask(running, f"/sessions/{name}")).json for name in names]
                listed += (await ask(running, "/sessions")).json["sessions"]

            assert {each["id"] for each in during + after + listed} == {id}
            assert after[0] == after[1] == after[2]
            now, then = during[0], after[0]
            assert (now["state"], now["phase"], now["ending"]) == ("open", "active", "open")
            assert (then["state"], then["phase"], then["ending"]) == ("closed", "closed", "finished")
            assert now["prompt"] == then["prompt"] == "Be brief.\nBe kind."
            assert now["settings"]["agent"]["think"]["functions"] == [FUNCTION]
            assert (call["name"], json.loads(call["arguments"])) == ("get_weather", {"location": "Fremont"})
            assert then["pending_calls"] == []
            assert now["messages"]["client"] == {"Settings": 1, "UpdatePrompt": 1}
            assert then["messages"]["client"]["FunctionCallResponse"] == 1
            kinds = [set(each) - {"at"} for each in then["history"]]
            assert kinds == [{"role", "content"}, {"function_calls"}, {"role", "content"}]
            assert then["history"][1]["function_calls"][0]["response"] == "sunny"
            assert [then["history"][at]["content"] for at in (0, 2)] == ["And the weather?", "Sunny."]
            assert [each["state"] for each in listed] == ["open", "closed"]
            assert set(listed[0]) < set(now)

        asyncio.run(run())

    def test_context_is_accepted_and_shown(self, serving, settings, ask):
        messages = [
            {"type": "History", "role": "user", "content": "What is the weather?"},
            {"type": "History", "role": "assistant", "content": "Where?"},
        ]

        async def run():
            async with serving() as running, running.client() as client:
                await client.send(
                    settings(agent=agent(settings, context={"messages": messages}, greeting="Hi."))
                )
                await client.until("ConversationText")
                seen = (await ask(running, "/sessions/latest")).json
            assert seen["context"] == messages
            assert [each["content"] for each in seen["history"]] == ["Hi."]
            assert running.findings() == []

        asyncio.run(run())

    def test_context_of_early_access(self, serving, early_settings, ask):
        messages = [{"role": "user", "content": "What is the weather?"}]

        async def run():
            async with serving() as running, running.client("early") as client:
                await client.send(early_settings | {"context": {"messages": messages, "replay": False}})
                await client.until("SettingsApplied")
                seen = (await ask(running, "/sessions/latest")).json
            assert (seen["dialect"], seen["context"], seen["prompt"]) == (
                "early-access",
                messages,
                "Be brief.",
            )

        asyncio.run(run())

    def test_audio_is_counted_to_the_newest_frame_each_way(self, serving, settings, ask, waiting):
        async def run():
            async with serving() as running:
                async with running.client() as client:
                    await client.send(settings(agent=agent(settings, greeting="Hello there.")))
                    await client.until("AgentAudioDone")
                    for _ in range(7):
                        await client.send(bytes(640))
                    await client.send({"type": "KeepAlive"})
                    await ask(running, "/sessions/latest/wait?type=KeepAlive")
                    for _ in range(3):
                        await client.send(bytes(640))
                    while (seen := (await ask(running, "/sessions/latest")).json)["audio"]["client"][
                        "frames"
                    ] < 10:
                        pass
                (closed,) = await running.closed()
                after = (await ask(running, "/sessions/latest")).json
            assert seen["audio"]["client"] == {"bytes": 6400, "frames": 10, "seconds": 0.2}
            assert after["audio"]["client"]["seconds"] == pytest.approx(closed.heard)
            assert after["audio"]["server"]["seconds"] > 0.3

        asyncio.run(run())

    @pytest.mark.parametrize("is_traced", [False, True])
    def test_a_journal_alone_does_not_have_audio_looked_at_frame_by_frame(
        self, serving, settings, tmp_path, is_traced
    ):
        async def run():
            async with serving(trace=tmp_path if is_traced else None) as running, running.client() as client:
                await client.send(settings())
                await client.until("SettingsApplied")
                for _ in range(100):
                    await client.send(bytes(640))
                await client.send({"type": "UpdatePrompt", "prompt": "x"})
                await client.until("PromptUpdated")
                (guest,) = running.server.guests.values()
                assert (guest.connection.judge.events > 100) is is_traced

        asyncio.run(run())

    def test_findings_and_steps_that_were_not_met_are_told(self, serving, scenario, settings, ask):
        async def run():
            async with serving(scenario("lunch", "- agent: Hi\n- client: KeepAlive")) as running:
                async with running.client() as client:
                    await client.send(settings())
                    await client.until("AgentAudioDone")
                    await client.send(bytes(641))
                await running.closed()
                seen = (await ask(running, "/sessions/1")).json
            assert seen["found"] == {"AUD-002": 1}
            assert seen["findings"][0]["got"] == "641 bytes"
            assert seen["unmet"][0]["place"] == "lunch.yaml:5"
            assert seen["ending"] == "unfinished"

        asyncio.run(run())

    def test_the_trace_is_what_check_accepts_with_a_footer_once_the_session_is_over(
        self, serving, scenario, settings, ask, tmp_path
    ):
        async def run():
            async with serving(scenario("weather", CALL), speed=10.0, trace=tmp_path / "traces") as running:
                async with running.client() as client:
                    await client.send(with_a_function(settings))
                    await client.until("FunctionCallRequest")
                    during = await ask(running, "/sessions/latest/trace")
                    await ask(running, "/sessions/latest/wait?type=FunctionCallRequest&side=server")
                    (call,) = client.messages[-1]["functions"]
                    answer = {"type": "FunctionCallResponse", "id": call["id"], "name": call["name"]}
                    await client.send(answer | {"content": "sunny"})
                    await client.until("AgentAudioDone")
                (closed,) = await running.closed()
                after = await ask(running, "/sessions/1/trace")
            return during, after, closed

        during, after, closed = asyncio.run(run())
        assert after.headers["Content-Type"] == "application/jsonl"
        assert after.headers["x-mockagent-dropped"] == "0"
        unfinished = trace.read(during.text.splitlines(keepends=True))
        assert (unfinished.header.scenario, unfinished.footer) == ("weather", None)
        answered = trace.read(after.text.splitlines(keepends=True))
        with Path(closed.trace).open(encoding="utf-8") as file:
            written = trace.read(file)
        assert answered.footer.outcome == written.footer.outcome == "finished"
        assert answered.header == written.header

        def without_audio(recorded):
            return [event for event in recorded.events if not hasattr(event.content, "frames")]

        assert without_audio(answered) == without_audio(written)
        assert sum(e.content.size for e in answered.events if hasattr(e.content, "frames")) == sum(
            e.content.size for e in written.events if hasattr(e.content, "frames")
        )
        path = tmp_path / "asked.jsonl"
        path.write_text(after.text, "utf-8")
        with pytest.raises(SystemExit) as ended:
            check.main([str(path)], standalone_mode=True)
        assert ended.value.code == 0

    def test_older_events_that_were_dropped_are_told(self, serving, settings, ask, monkeypatch):
        monkeypatch.setattr(kept_module, "MOST_EVENTS", 5)

        async def run():
            async with serving() as running:
                async with running.client() as client:
                    await client.send(settings())
                    for _ in range(20):
                        await client.send({"type": "KeepAlive"})
                    waited = await ask(running, "/sessions/1/wait?type=KeepAlive&count=20")
                await running.closed()
                seen = (await ask(running, "/sessions/1")).json["events"]
                told = await ask(running, "/sessions/1/trace")
            assert (waited.status, waited.json["count"]) == (200, 20)
            assert 1 <= len(waited.json["messages"]) <= 5
            assert seen["kept"] == 5
            assert seen["dropped"] == int(told.headers["x-mockagent-dropped"]) > 10
            lines = [json.loads(line) for line in told.text.splitlines()]
            assert lines[1]["n"] == seen["dropped"] + 1
            assert lines[-1]["events"] == seen["dropped"] + 5

        asyncio.run(run())

    def test_an_answer_greater_than_what_may_wait_for_a_client_comes_whole(self, serving, settings, ask):
        async def run():
            async with serving() as running, running.client() as client:
                await client.send(settings())
                for _ in range(20):
                    await client.send({"type": "UpdatePrompt", "prompt": "ä" * 170_000})
                    await client.until("PromptUpdated")
                return await ask(running, "/sessions/1/trace")

        told = asyncio.run(run())
        assert len(told.text) > 15_000_000
        assert told.text.count('"message":{"type":"UpdatePrompt"') == 20

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("/sessions/lates", "no session named 'lates'; did you mean 'latest'?"),
            ("/sessions/latest/trace", "there has been no session yet"),
            ("/sessions/3", "there has been no session 3; there have been 0"),
            ("/sessions/0/wait?type=KeepAlive", "there has been no session 0; there have been 0"),
            ("/sessions/x/wait?type=KeepAlive", "no session named 'x'"),
        ],
    )
    def test_a_session_that_there_is_not(self, serving, ask, path, said):
        async def run():
            async with serving() as running:
                answer = await ask(running, path)
            assert (answer.status, answer.json) == (404, {"error": said})

        asyncio.run(run())

    def test_a_misspelt_id_is_told_the_nearest(self, serving, ask):
        async def run():
            async with serving(seed=1) as running, running.client() as client:
                id = (await client.until("Welcome"))["request_id"]
                answer = await ask(running, f"/sessions/{id[:-1]}")
            assert (answer.status, answer.json["error"].endswith(f"did you mean {id!r}?")) == (404, True)

        asyncio.run(run())

    def test_sessions_beyond_the_last_are_no_longer_kept(self, serving, ask, monkeypatch):
        monkeypatch.setattr(book, "MOST_CLOSED", 2)

        async def run():
            async with serving() as running:
                for count in range(1, 6):
                    async with running.client() as client:
                        await client.until("Welcome")
                    await running.closed(count)
                listed = (await ask(running, "/sessions")).json["sessions"]
                gone = await ask(running, "/sessions/1")
                health = (await ask(running, "/health")).json
            assert [each["number"] for each in listed] == [4, 5]
            assert (gone.status, "no longer kept" in gone.json["error"]) == (404, True)
            assert health["sessions"] == {"open": 0, "closed": 5}

        asyncio.run(run())


class TestWait:
    @pytest.mark.parametrize("comes_first", ["message", "request"])
    def test_it_is_fulfilled_by_what_came_before_and_by_what_comes(
        self, serving, scenario, settings, ask, waiting, comes_first
    ):
        path = "/sessions/latest/wait?type=FunctionCallResponse&timeout=60"

        async def run():
            async with serving(scenario("weather", CALL), speed=10.0) as running, running.client() as client:
                await client.send(with_a_function(settings))
                if comes_first == "message":
                    answer = await answered(client)
                    await client.until("AgentAudioDone")
                    told = await ask(running, path)
                else:
                    asking = asyncio.create_task(ask(running, path))
                    await waiting(running.server)
                    answer = await answered(client)
                    told = await asking
                assert not running.server._journal.watchers
            assert told.status == 200
            assert [each["message"] for each in told.json["messages"]] == [answer]
            assert (told.json["count"], told.json["number"]) == (1, 1)

        asyncio.run(run())

    def test_so_many_are_waited_for_and_no_fewer(self, serving, settings, ask, waiting):
        async def run():
            async with serving() as running, running.client() as client:
                await client.send(settings())
                asking = asyncio.create_task(
                    ask(running, "/sessions/1/wait?type=KeepAlive&count=3&timeout=60")
                )
                await waiting(running.server)
                for _ in range(2):
                    await client.send({"type": "KeepAlive"})
                await client.send({"type": "UpdatePrompt", "prompt": "x"})
                await client.until("PromptUpdated")
                assert len(running.server._desk._waits) == 1
                await client.send({"type": "KeepAlive"})
                told = await asking
            assert (told.status, told.json["count"], len(told.json["messages"])) == (200, 3, 3)

        asyncio.run(run())

    def test_what_the_server_sends_can_be_waited_for(self, serving, settings, ask):
        async def run():
            async with serving() as running, running.client() as client:
                await client.send(settings())
                told = await ask(running, "/sessions/1/wait?type=Welcome&side=server&timeout=60")
            assert (told.status, told.json["messages"][0]["message"]["type"]) == (200, "Welcome")

        asyncio.run(run())

    def test_one_that_is_not_fulfilled_in_time_tells_what_came(self, serving, settings, ask):
        async def run():
            async with serving() as running, running.client() as client:
                await client.send(settings())
                await client.send({"type": "KeepAlive"})
                await ask(running, "/sessions/1/wait?type=KeepAlive")
                told = await ask(running, f"/sessions/1/wait?type=KeepAlive&count=2&timeout={LITTLE}")
                assert (running.server._desk._waits, running.server._journal.watchers) == ({}, set())
            assert (told.status, told.json["count"], len(told.json["messages"])) == (408, 1, 1)
            assert told.json["error"] == (
                f"time is up after {LITTLE} s: expected 2 KeepAlive of the client, got 1"
            )

        asyncio.run(run())

    @pytest.mark.parametrize("is_over", ["before", "meanwhile"])
    def test_one_whose_session_is_over_is_gone(self, serving, settings, ask, waiting, is_over):
        async def run():
            async with serving() as running:
                async with running.client() as client:
                    await client.until("Welcome")
                    asking = asyncio.create_task(ask(running, "/sessions/1/wait?type=KeepAlive&timeout=60"))
                    await waiting(running.server)
                if is_over == "meanwhile":
                    told = await asking
                else:
                    await asking
                    told = await ask(running, "/sessions/1/wait?type=KeepAlive&timeout=60")
            assert (told.status, told.json["count"]) == (410, 0)
            assert told.json["error"] == "the session is over: expected 1 KeepAlive of the client, got 0"

        asyncio.run(run())

    @pytest.mark.parametrize(("name", "number"), [("latest", 1), ("1", 1), ("2", 2)])
    def test_a_session_that_has_not_begun_can_be_waited_for(
        self, serving, settings, ask, waiting, name, number
    ):
        async def run():
            async with serving() as running:
                asking = asyncio.create_task(ask(running, f"/sessions/{name}/wait?type=Settings&timeout=60"))
                await waiting(running.server)
                for _ in range(number):
                    async with running.client() as client:
                        await client.send(settings())
                        await client.until("SettingsApplied")
                told = await asking
            assert (told.status, told.json["number"]) == (200, number)

        asyncio.run(run())

    def test_one_for_a_session_that_never_begins_says_so(self, serving, ask):
        async def run():
            async with serving() as running:
                told = await ask(running, f"/sessions/latest/wait?type=Settings&timeout={LITTLE}")
            assert (told.status, told.json["session"]) == (408, None)
            assert "the session has not begun" in told.json["error"]

        asyncio.run(run())

    def test_a_client_that_goes_away_leaves_nothing_behind(self, serving, waiting):
        async def run():
            async with serving() as running:
                url = urlsplit(running.of("ready")[0].http_url)
                _, writer = await asyncio.open_connection(url.hostname, url.port)
                writer.write(
                    b"GET /__mockagent/sessions/latest/wait?type=Settings&timeout=60 HTTP/1.1\r\n"
                    b"Host: localhost\r\n\r\n"
                )
                await waiting(running.server)
                (wait,) = running.server._desk._waits.values()
                timer = wait._timer
                tasks = asyncio.all_tasks()
                writer.close()
                await waiting(running.server, 0)
                assert timer.cancelled()
                assert not running.server._journal.watchers
                assert not running.server._sockets
                assert asyncio.all_tasks() <= tasks

        asyncio.run(run())

    def test_noise_after_the_request_of_a_wait_does_not_spoil_its_answer(self, serving, settings, waiting):
        async def run():
            async with serving() as running:
                url = urlsplit(running.of("ready")[0].http_url)
                reader, writer = await asyncio.open_connection(url.hostname, url.port)
                writer.write(
                    b"GET /__mockagent/sessions/1/wait?type=Settings HTTP/1.1\r\nHost: localhost\r\n\r\n"
                )
                await waiting(running.server)
                writer.write(b"noise" * 100)
                async with running.client() as client:
                    await client.send(settings())
                    await client.until("SettingsApplied")
                    assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
                writer.close()

        asyncio.run(run())

    def test_a_server_that_ends_says_so_to_who_waits(self, serving, ask, waiting):
        async def run():
            async with serving() as running:
                asking = asyncio.create_task(ask(running, "/sessions/latest/wait?type=Settings&timeout=60"))
                await waiting(running.server)
            told = await asking
            assert (told.status, "shutting down" in told.json["error"]) == (503, True)

        asyncio.run(run())


class TestWhoMayAsk:
    @pytest.mark.parametrize(
        "path", ["/health", "/sessions", "/sessions/1", "/sessions/1/wait?type=KeepAlive", "/x"]
    )
    @pytest.mark.parametrize(
        ("headers", "said"),
        [
            ({"Host": "evil.example"}, "one Host header"),
            ({"Host": "127.0.0.1.evil.example:80"}, "one Host header"),
            ({"Origin": "http://evil.example"}, "another origin"),
            ({"Origin": "null"}, "another origin"),
            ({"Origin": "http://localhost:3000"}, "another origin"),
        ],
    )
    def test_not_by_a_name_of_somebody_else_nor_from_another_page(self, serving, ask, path, headers, said):
        async def run():
            async with serving() as running:
                answer = await ask(running, path, headers)
            assert (answer.status, said in answer.json["error"]) == (403, True)

        asyncio.run(run())

    def test_a_page_of_the_same_origin_may(self, serving, ask):
        async def run():
            async with serving() as running:
                origin = running.of("ready")[0].http_url
                answer = await ask(running, "/health", {"Origin": origin})
            assert answer.status == 200

        asyncio.run(run())

    def test_not_from_another_machine(self, serving, ask, monkeypatch):
        monkeypatch.setattr(WebSocket, "peer", property(lambda self: "192.168.1.20"))

        async def run():
            async with serving(host="0.0.0.0") as running:
                answer = await ask(running, "/health")
            assert (answer.status, "another address" in answer.json["error"]) == (403, True)

        asyncio.run(run())

    def test_the_peer_of_a_socket_is_its_own_address(self, serving, ask, monkeypatch):
        peers = []
        monkeypatch.setattr(gate, "is_loopback", lambda address: bool(peers.append(address)) or True)

        async def run():
            async with serving(host="0.0.0.0") as running:
                assert (await ask(running, "/health")).status == 200

        asyncio.run(run())
        assert peers[0] == "127.0.0.1"

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
    def test_only_by_get(self, serving, ask, method):
        async def run():
            async with serving() as running:
                answer = await ask(running, "/health", method=method)
            assert (answer.status, answer.headers["Allow"]) == (405, "GET")
            if method != "HEAD":
                assert answer.headers["Content-Type"] == "application/json"
                assert answer.json == {"error": f"expected GET, got {method}"}

        asyncio.run(run())

    def test_without_a_journal_there_is_nothing_but_what_is_elsewhere(self, serving, ask, settings):
        async def run():
            async with serving(journal=False) as running:
                async with running.client() as client:
                    await client.send(settings())
                    await client.until("SettingsApplied")
                    for path in ("/health", "/sessions", "/sessions/1/wait?type=Settings"):
                        answer = await ask(running, path)
                        assert (answer.status, answer.json["err_code"]) == (404, "NOT_FOUND")
                assert running.of("ready")[0].journal_url is None
                assert running.server._journal is None

        asyncio.run(run())


class TestSecrets:
    SECRETS = (
        "dg-key-0123456789",
        "sk-provider",
        "aws-secret",
        "basic-pass",
        "endpoint-token",
        "query-token",
    )

    def test_none_is_in_any_answer(self, serving, settings, ask):
        think = {
            "provider": {
                "type": "aws_bedrock",
                "model": "anthropic/claude",
                "credentials": {
                    "type": "iam",
                    "region": "us",
                    "access_key_id": "sk-provider",
                    "secret_access_key": "aws-secret",
                },
            },
            "endpoint": {
                "url": "https://user:basic-pass@llm.example/x?token=query-token",
                "headers": {"authorization": "Bearer endpoint-token"},
            },
            "prompt": f"Never say {KEY}.",
        }

        async def run():
            async with serving() as running:
                paths = (
                    "",
                    "/1",
                    "/1/trace",
                    "/1/wait?type=Settings",
                    f"/1/wait?type=KeepAlive&timeout={LITTLE}",
                )
                paths += ("/1/wait?type=UpdateThink",)
                texts = []
                async with running.client(key=KEY) as client:
                    await client.send(
                        settings(agent=agent(settings, think=think, greeting=f"My key is {KEY}"))
                    )
                    await client.until("SettingsApplied")
                    await client.send({"type": "UpdateThink", "think": think})
                    await client.until("ThinkUpdated")
                    texts += [(await ask(running, f"/sessions{path}")).text for path in paths]
                await running.closed()
                texts += [(await ask(running, f"/sessions{path}")).text for path in paths]
            return texts

        texts = asyncio.run(run())
        assert [secret for secret in self.SECRETS for text in texts if secret in text] == []
        assert sum("[redacted]" in text for text in texts) >= 8

    def test_a_key_that_json_writes_otherwise_is_hidden_as_well(self, serving, settings, ask):
        key = 'quote"and\\backslash'

        async def run():
            async with serving() as running, running.client(key=key) as client:
                await client.send(settings(agent=agent(settings, greeting=f"My key is {key}")))
                await client.until("SettingsApplied")
                seen = await ask(running, "/sessions/1")
            assert "backslash" not in seen.text
            assert seen.json["settings"]["agent"]["greeting"] == "My key is [redacted]"

        asyncio.run(run())


def test_what_came_of_a_session_is_let_go_when_it_is_over(serving, settings, ask):
    async def run():
        async with serving() as running:
            async with running.client() as client:
                await client.send(settings())
                await client.until("SettingsApplied")
                (guest,) = running.server.guests.values()
            await running.closed()
            (kept,) = running.server._journal.sessions
            assert guest not in vars(kept).values()
            assert desk.DROPPED in (await ask(running, "/sessions/1/trace")).headers

    asyncio.run(run())


def test_no_socket_is_left_of_many_answers(serving, ask):
    async def run():
        async with serving() as running:
            for _ in range(20):
                assert (await ask(running, "/health")).status == 200
            async with asyncio.timeout(60):
                while running.server._sockets:
                    await asyncio.sleep(0.01)

    asyncio.run(run())
