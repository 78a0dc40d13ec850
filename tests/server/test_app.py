"""The whole server over real sockets of the loopback: handshakes, order, tolerance, limits, many sessions at once."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from mockagent.errors import ServerError
from mockagent.protocol import trace
from mockagent.protocol.events import Message, Side, Tolerance
from mockagent.server.app import Server
from mockagent.server.options import Options

FAST = 100.0
"""Times as fast as life: ten seconds of silence take a tenth of one."""
NOT_EXPECTED = "Text message received from client did not match any of the formats we expect."


def check_field(name):
    return f"Error parsing client message. Check the {name} field against the API spec."


async def refused(connecting):
    """The HTTP answer in place of the upgrade: status, error code of the body."""
    with pytest.raises(InvalidStatus) as raised:
        async with connecting:
            pass
    response = raised.value.response
    body = json.loads(response.body)
    assert response.headers["dg-error"].isascii()
    assert response.headers["dg-request-id"] == body["request_id"]
    assert response.headers["Content-Type"] == "application/json"
    return response.status_code, body["err_code"]


class TestHandshake:
    def test_refusals(self, serving, scenario):
        async def run():
            options = {"api_keys": {"good", "bad"}, "forbidden_keys": {"bad"}}
            async with serving(scenario("lunch", "- agent: Hi"), **options) as running:
                connect = running.connect
                assert await refused(connect(key=None)) == (401, "INVALID_AUTH")
                assert await refused(connect(key="other")) == (401, "INVALID_AUTH")
                assert await refused(connect(key="bad")) == (403, "FORBIDDEN")
                assert await refused(connect(key="good", query="/more")) == (404, "NOT_FOUND")
                assert await refused(connect("early", key="good")) == (404, "NO_SCENARIO")
                wish = {"headers": {"x-mockagent-scenario": "lunhc"}}
                assert await refused(connect(key="good", **wish)) == (404, "NO_SUCH_SCENARIO")
            assert running.server.closed == []

        asyncio.run(run())

    def test_who_is_turned_away_is_told(self, serving):
        async def run():
            async with serving(api_keys={"good"}) as running:
                await refused(running.connect(key="other"))
            (told,) = running.of("turned_away")
            assert (told.status, told.code) == (401, "INVALID_AUTH")

        asyncio.run(run())

    def test_too_many_at_once(self, serving):
        async def run():
            async with serving(max_sessions=1) as running:
                async with running.client() as client:
                    await client.until("Welcome")
                    assert await refused(running.connect()) == (429, "TOO_MANY_REQUESTS")
                await running.closed()
                async with running.client() as client:
                    await client.until("Welcome")

        asyncio.run(run())

    def test_none_comes_in_while_the_server_ends(self, serving):
        async def run():
            async with serving() as running:
                running.server._is_ending = True
                assert await refused(running.connect()) == (503, "SERVICE_UNAVAILABLE")

        asyncio.run(run())

    def test_the_id_of_the_session_is_in_the_answer_in_welcome_and_in_the_notices(self, serving):
        async def run():
            async with serving() as running, running.client() as client:
                welcome = await client.until("Welcome")
                id = client.socket.response.headers["dg-request-id"]
                assert (welcome["request_id"], running.of("session_opened")[0].session) == (id, id)
                assert list(running.server.guests) == [id]

        asyncio.run(run())

    def test_exactly_one_subprotocol_is_echoed_and_none_where_none_is_offered(self, serving):
        async def run():
            async with serving() as running:
                offered = ["token", "KEY", "x-deepgram-session-id", "0c5d"]
                async with running.connect(key=None, subprotocols=offered) as socket:
                    assert socket.response.headers.get_all("Sec-WebSocket-Protocol") == ["token"]
                async with running.connect() as socket:
                    assert "Sec-WebSocket-Protocol" not in socket.response.headers

        asyncio.run(run())

    def test_a_plain_request_is_told_to_upgrade(self, serving):
        async def run():
            async with serving() as running:
                url = running.of("ready")[0].http_url + "/v1/agent/converse"
                request = urllib.request.Request(url, headers={"Authorization": "Token KEY"})
                with pytest.raises(urllib.error.HTTPError) as raised:
                    await asyncio.to_thread(urllib.request.urlopen, request, timeout=60)
                raised.value.close()
                assert raised.value.code == 426
                assert raised.value.headers["dg-request-id"]

        asyncio.run(run())

    def test_the_think_models_need_no_credentials(self, serving):
        def get(url):
            with urllib.request.urlopen(url, timeout=60) as response:
                return response.headers["dg-request-id"], json.load(response)

        async def run():
            async with serving() as running:
                url = running.of("ready")[0].http_url + "/v1/agent/settings/think/models"
                id, body = await asyncio.to_thread(get, url)
                assert id
                assert all(set(model) == {"id", "name", "provider"} for model in body["models"])
                assert {model["provider"] for model in body["models"]} >= {"open_ai", "anthropic", "google"}

        asyncio.run(run())

    def test_a_port_that_is_taken(self, serving):
        async def run():
            async with serving() as running:
                port = int(running.of("ready")[0].http_url.rsplit(":", 1)[1])
                with pytest.raises(ServerError, match=f"cannot listen on 127.0.0.1 port {port}: "):
                    await Server(options=Options(port=port)).start()

        asyncio.run(run())


class TestOrder:
    @pytest.mark.parametrize("speed", [1.0, 1000.0])
    def test_welcome_is_the_first_frame_and_not_too_early(self, serving, settings, tmp_path, speed):
        async def run():
            async with serving(trace=tmp_path, speed=speed) as running:
                async with running.client() as client:
                    await client.send(settings())
                    await client.until("SettingsApplied")
                    assert client.words[:2] == ["Welcome", "SettingsApplied"]
                (closed,) = await running.closed()
            with Path(closed.trace).open(encoding="utf-8") as file:
                events = trace.read(file).events
            (welcome,) = [e for e in events if isinstance(e.content, Message) and e.content.type == "Welcome"]
            first = next(e for e in events if e.sender is Side.SERVER and isinstance(e.content, Message))
            assert first is welcome
            assert welcome.at / speed >= 0.02
            assert "OPN-002" not in closed.findings

        asyncio.run(run())

    def test_a_whole_turn(self, serving, settings, scenario):
        async def run():
            steps = "- agent: Hello!\n- user: Hi\n- agent: Ho\n- client: {closes: true}"
            async with serving(scenario("lunch", steps), speed=20.0) as running:
                async with running.client() as client:
                    await client.send(settings(flags={"history": False}))
                    await client.until("AgentAudioDone")
                    await client.send(bytes(64_000))
                    await client.until("LatencyReport")
                assert client.words == [
                    *("Welcome", "SettingsApplied", "ConversationText", "audio", "AgentAudioDone"),
                    *("UserStartedSpeaking", "ConversationText", "ConversationText", "AgentStartedSpeaking"),
                    *("audio", "AgentAudioDone", "LatencyReport"),
                ]
                (closed,) = await running.closed()
            assert (closed.scenario, closed.ending, closed.findings) == ("lunch", "finished", {})
            assert closed.is_clean

        asyncio.run(run())

    def test_audio_before_settings_applied_is_accepted(self, serving, settings):
        async def run():
            async with serving() as running:
                async with running.client() as client:
                    await client.send(settings())
                    await client.send(bytes(640))
                    await client.until("SettingsApplied", "ConversationText")
                await running.closed()
            assert running.findings() == ["SET-007"]

        asyncio.run(run())

    @pytest.mark.parametrize(
        ("sends", "code", "description", "requirement"),
        [
            ([{"type": "KeepAlive"}], "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS", None, "SET-001"),
            ([bytes(640)], "BINARY_MESSAGE_BEFORE_SETTINGS", None, "SET-002"),
            (["again"], "SETTINGS_ALREADY_APPLIED", None, "SET-003"),
            (["{"], "UNPARSABLE_CLIENT_MESSAGE", NOT_EXPECTED, "MSG-001"),
            (["[]"], "UNPARSABLE_CLIENT_MESSAGE", NOT_EXPECTED, "MSG-001"),
            ([""], "UNPARSABLE_CLIENT_MESSAGE", NOT_EXPECTED, "MSG-001"),
            (["[" * 20_000], "UNPARSABLE_CLIENT_MESSAGE", NOT_EXPECTED, "MSG-001"),
            ([{"type": "Bogus"}], "UNPARSABLE_CLIENT_MESSAGE", NOT_EXPECTED, "MSG-002"),
            ([{"type": "audio"}], "UNPARSABLE_CLIENT_MESSAGE", NOT_EXPECTED, "MSG-002"),
            ([{"type": "Settings"}], "UNPARSABLE_CLIENT_MESSAGE", check_field("agent"), "MSG-003"),
        ],
    )
    def test_a_fatal_error_and_an_empty_close(self, serving, settings, sends, code, description, requirement):
        async def run():
            async with serving() as running:
                async with running.client() as client:
                    for message in [settings(), settings()] if sends == ["again"] else sends:
                        await client.send(message)
                    assert await client.to_end() == 1005
                error = client.messages[-1]
                assert (error["type"], error["code"]) == ("Error", code)
                assert description in (None, error["description"])
                (closed,) = await running.closed()
            assert requirement in closed.broken
            assert not closed.is_clean

        asyncio.run(run())

    def test_the_field_at_fault_is_named(self, serving, settings):
        async def run():
            body = settings()
            body["agent"] = {**body["agent"], "think": {"provider": {"type": "open_ai"}}}
            async with serving() as running, running.client() as client:
                await client.send(body)
                assert await client.to_end() == 1005
                assert client.messages[-1]["description"] == check_field("agent.think")

        asyncio.run(run())

    def test_what_comes_before_settings_may_be_ignored(self, serving, settings, scenario):
        async def run():
            lax = scenario("lax", "- agent: Hi", "switches: {before_settings: ignore}\n")
            async with serving(lax) as running, running.client() as client:
                await client.send({"type": "KeepAlive"})
                await client.send(bytes(640))
                await client.send(settings())
                await client.until("ConversationText")
                assert client.words[:2] == ["Welcome", "SettingsApplied"]
                assert running.findings() == ["SET-001", "SET-002"]

        asyncio.run(run())

    @pytest.mark.parametrize(
        ("sends_settings", "words"), [(False, "'Settings' message"), (True, "binary messages")]
    )
    def test_the_words_for_silence_before_and_after_settings(self, serving, settings, sends_settings, words):
        async def run():
            async with serving(speed=FAST) as running, running.client() as client:
                if sends_settings:
                    await client.send(settings())
                assert await client.to_end() == 1005
                assert client.messages[-1]["code"] == "CLIENT_MESSAGE_TIMEOUT"
                assert words in client.messages[-1]["description"]

        asyncio.run(run())

    def test_even_at_a_great_speed_a_client_has_time_for_its_settings(self, serving, settings):
        async def run():
            async with serving(speed=2000.0) as running, running.client() as client:
                await client.send(settings())
                await client.until("Welcome", "SettingsApplied")

        asyncio.run(run())


class TestTolerance:
    @pytest.mark.parametrize(
        ("message", "refused_from"),
        [
            ({"type": "InjectAgentMessage", "content": "Look!"}, Tolerance.STRICT),
            ({"type": "KeepAlive", "more": 1}, Tolerance.STRICT),
            (
                {
                    "type": "UpdateThink",
                    "think": {"provider": {"type": "open_ai", "model": "gpt-5", "temperature": "0.5"}},
                },
                Tolerance.FAITHFUL,
            ),
        ],
    )
    @pytest.mark.parametrize("tolerance", Tolerance)
    def test_each_level_refuses_what_it_should(self, serving, settings, message, refused_from, tolerance):
        async def run():
            async with serving(tolerance=tolerance) as running, running.client() as client:
                await client.send(settings())
                await client.until("SettingsApplied")
                await client.send(message)
                await client.send({"type": "UpdatePrompt", "prompt": "Be kind."})
                if tolerance >= refused_from:
                    assert await client.to_end() == 1005
                    assert client.messages[-1]["code"] == "UNPARSABLE_CLIENT_MESSAGE"
                else:
                    await client.until("PromptUpdated")
                assert any(finding.startswith("MSG-") for finding in running.findings())

        asyncio.run(run())


class TestFrames:
    def test_a_text_of_more_than_a_mebibyte(self, serving, settings):
        async def run():
            async with serving() as running, running.client() as client:
                await client.send(settings())
                await client.until("SettingsApplied")
                await client.send({"type": "KeepAlive", "more": "x" * 1_048_576})
                assert await client.to_end() == 1009

        asyncio.run(run())

    @pytest.mark.parametrize(
        ("data", "requirement"),
        [(b'{"type": "KeepAlive"}', "MSG-005"), (b"", "AUD-001"), (b"abc", "AUD-002")],
    )
    def test_a_wrong_binary_frame_is_a_finding(self, serving, settings, data, requirement):
        async def run():
            async with serving() as running, running.client() as client:
                await client.send(settings())
                await client.until("SettingsApplied")
                await client.send(data)
                await client.send({"type": "UpdatePrompt", "prompt": "Be kind."})
                await client.until("PromptUpdated")
                assert running.findings() == [requirement]

        asyncio.run(run())


class TestChoice:
    """Many scenarios on one server: asked for in each way, and in turn."""

    @pytest.fixture
    def two(self, scenario):
        return scenario("lunch", "- agent: Soup."), scenario("tea", "- agent: Cake.")

    @pytest.mark.parametrize(
        ("asks", "tags"),
        [
            ({"key": "tea"}, []),
            ({"headers": {"x-mockagent-scenario": "tea"}}, []),
            ({"query": "?scenario=tea"}, []),
            ({}, ["friday", "scenario:tea"]),
        ],
    )
    def test_by_key_header_query_and_tag(self, serving, settings, two, asks, tags):
        async def run():
            async with serving(*two) as running:
                for _ in range(2):
                    async with running.client(**asks) as client:
                        await client.send(settings(tags=tags))
                        assert (await client.until("ConversationText"))["content"] == "Cake."
                assert {closed.scenario for closed in await running.closed(2)} == {"tea"}

        asyncio.run(run())

    def test_in_turn(self, serving, settings, two):
        async def run():
            async with serving(*two) as running:
                said = []
                for _ in range(3):
                    async with running.client() as client:
                        await client.send(settings())
                        said.append((await client.until("ConversationText"))["content"])
                assert said == ["Soup.", "Cake.", "Soup."]

        asyncio.run(run())

    @pytest.mark.parametrize("count", [1, 2])
    def test_a_tag_that_names_nothing(self, serving, settings, two, count):
        async def run():
            async with serving(*two[:count]) as running:
                async with running.client() as client:
                    await client.send(settings(tags=["scenario:lunhc"]))
                    assert await client.to_end() == 1005
                error = client.messages[-1]
                assert error["code"] == "INVALID_SETTINGS"
                assert error["description"] == "no v1 scenario named 'lunhc'; did you mean 'lunch'?"
                (closed,) = await running.closed()
            assert (closed.ending, closed.is_clean) == ("unfinished", False)

        asyncio.run(run())

    @pytest.mark.parametrize(
        "asks", [{"headers": {"x-mockagent-scenario": "lunhc"}}, {"query": "?scenario=lunhc"}]
    )
    def test_a_wish_that_names_nothing(self, serving, two, asks):
        async def run():
            async with serving(*two) as running:
                assert await refused(running.connect(**asks)) == (404, "NO_SUCH_SCENARIO")

        asyncio.run(run())

    def test_both_dialects_on_one_server(self, serving, settings, early_settings, scenario):
        async def run():
            old = scenario("old", "- agent: Soup of old.", "dialect: early-access\n")
            async with serving(scenario("new", "- agent: Soup."), old) as running:
                async with running.client("early") as client:
                    await client.send(early_settings)
                    assert (await client.until("ConversationText"))["content"] == "Soup of old."
                    assert set(client.messages[0]) == {"type", "session_id"}
                async with running.client() as client:
                    await client.send(settings())
                    assert (await client.until("ConversationText"))["content"] == "Soup."
                assert [opened.dialect for opened in running.of("session_opened")] == ["early-access", "v1"]

        asyncio.run(run())

    def test_two_sessions_at_once_do_not_mix(self, serving, settings, two):
        async def run():
            async with serving(*two) as running, running.client(key="lunch") as lunch:
                async with running.client(key="tea") as tea:
                    for client in (lunch, tea):
                        await client.send(settings())
                    assert (await tea.until("ConversationText"))["content"] == "Cake."
                    assert (await lunch.until("ConversationText"))["content"] == "Soup."
                    await tea.send("{")
                    assert await tea.to_end() == 1005
                await lunch.send({"type": "UpdatePrompt", "prompt": "Be kind."})
                await lunch.until("PromptUpdated")
                assert lunch.messages[0]["request_id"] != tea.messages[0]["request_id"]
                (closed,) = await running.closed()
                assert (closed.scenario, running.findings()) == ("tea", ["MSG-001"])

        asyncio.run(run())


class TestEnd:
    def test_the_server_goes_away(self, serving, settings):
        async def run():
            async with serving() as running:
                async with running.client() as client:
                    await client.send(settings())
                    await client.until("SettingsApplied", "audio")
                    await running.server.stop()
                    assert await client.to_end() == 1005
                assert client.messages[-1]["code"] == "SERVER_GOING_AWAY"
                assert client.words[-1] == "Error"
                assert len(running.server.closed) == 1
                assert running.server.guests == {}

        asyncio.run(run())

    def test_after_so_many_sessions_the_server_has_had_enough(self, serving, settings, scenario):
        async def run():
            async with serving(scenario("lunch", "- agent: Soup."), sessions=2, speed=20.0) as running:
                waiting = asyncio.ensure_future(running.server.wait())
                for number in (1, 2):
                    async with running.client() as client:
                        await client.send(settings())
                        await client.until("AgentAudioDone")
                    await running.closed(number)
                    assert running.server._has_had_all.is_set() is (number == 2)
                await asyncio.wait_for(waiting, 60)
                assert all(closed.is_clean for closed in running.server.closed)

        asyncio.run(run())

    def test_enough_is_enough_whatever_is_open(self, serving):
        async def run():
            async with serving() as running:
                running.server.enough()
                await asyncio.wait_for(running.server.wait(), 60)

        asyncio.run(run())

    @pytest.mark.parametrize("options", [{"sessions": 1}, {"gives_up": True}], ids=str)
    def test_a_script_that_failed_ends_a_session_that_is_counted(self, serving, settings, scenario, options):
        async def run():
            play = scenario("lunch", "- client: UpdatePrompt\n  within: 1 s\n- agent: Soup.")
            async with serving(play, speed=20.0, **options) as running:
                async with running.client() as client:
                    await client.send(settings())
                    assert await client.to_end() == 1005
                assert client.messages[-1]["code"] == "SERVER_GOING_AWAY"
                (closed,) = await running.closed()
            assert (closed.ending, closed.is_clean) == ("unfinished", False)
            assert str(closed.unmet[0]).startswith("lunch.yaml:4: expected UpdatePrompt, got nothing like it")

        asyncio.run(run())

    def test_a_script_that_failed_leaves_other_sessions_open(self, serving, settings, scenario):
        async def run():
            play = scenario("lunch", "- client: UpdatePrompt\n  within: 1 s\n- agent: Soup.")
            async with serving(play, speed=20.0) as running, running.client() as client:
                await client.send(settings())
                await client.until("SettingsApplied")
                guest = next(iter(running.server.guests.values()))
                while not guest.connection.player.unmet:
                    await client.send({"type": "UpdateSpeak", "speak": settings()["agent"]["speak"]})
                    await client.until("SpeakUpdated")
                await client.send({"type": "UpdatePrompt", "prompt": "Be kind."})
                await client.until("PromptUpdated")

        asyncio.run(run())


class TestTrace:
    def test_traces_and_audio_are_written_without_the_key(self, serving, settings, tmp_path):
        async def run():
            async with serving(trace=tmp_path / "traces", trace_audio=True, speed=20.0, seed=7) as running:
                async with running.client(key="dg-0123456789") as client:
                    await client.send(settings(tags=["dg-0123456789"]))
                    await client.until("SettingsApplied")
                    await client.send(bytes(640))
                    await client.until("AgentAudioDone")
                (closed,) = await running.closed()
            with Path(closed.trace).open(encoding="utf-8") as file:
                found = trace.read(file)
            assert (found.header.session, found.header.seed) == (closed.session, 7)
            assert (found.footer.outcome, len(found.events)) == ("unscripted", found.footer.events)
            text = (tmp_path / "traces").joinpath(closed.trace.rsplit("/", 1)[-1]).read_text("utf-8")
            assert "dg-0123456789" not in text
            names = sorted(
                path.name.removeprefix(f"0001-{closed.session}") for path in (tmp_path / "traces").iterdir()
            )
            assert names == [".client.wav", ".jsonl", ".server.wav"]

        asyncio.run(run())

    def test_a_folder_that_cannot_be_written_is_said_and_the_session_goes_on(
        self, serving, settings, tmp_path
    ):
        async def run():
            folder = tmp_path / "traces"
            async with serving(trace=folder) as running:
                folder.rmdir()
                folder.write_text("in the way")
                async with running.client() as client:
                    await client.send(settings())
                    await client.until("ConversationText")
                await running.closed()
            (trouble,) = running.of("trouble")
            assert "cannot be written" in trouble.text

        asyncio.run(run())

    def test_a_folder_that_cannot_be_written_is_refused_before_the_port_opens(self, serving, tmp_path):
        (tmp_path / "file").write_text("in the way")

        async def run():
            async with serving(trace=tmp_path / "file"):
                pass

        with pytest.raises(ServerError, match="cannot write traces to"):
            asyncio.run(run())

    def test_a_seed_makes_ids_repeatable(self, serving):
        async def run():
            ids = []
            for _ in range(2):
                async with serving(seed=7) as running, running.client() as client:
                    ids.append((await client.until("Welcome"))["request_id"])
            assert ids[0] == ids[1]

        asyncio.run(run())


def test_an_address_of_ip_version_6_is_written_in_brackets():
    async def run():
        ready = Server(options=Options(host="::1"))._ready(80)
        assert ready.url == "ws://[::1]:80/v1/agent/converse"

    asyncio.run(run())


class TestOwnFaults:
    """What the server itself breaks, unless its scenario means to, is no clean session either."""

    @pytest.mark.parametrize(("more", "broken"), [("", ("AUD-008",)), ("\n  breaks: AUD-008", ())])
    def test_a_server_that_breaks_a_rule_is_not_clean(self, serving, scenario, settings, more, broken):
        async def run():
            play = scenario("stray", f"- server: AgentAudioDone{more}")
            async with serving(play) as running:
                async with running.client() as client:
                    await client.send(settings())
                    await client.until("AgentAudioDone")
                await running.closed()
            (closed,) = running.of("session_closed")
            assert (closed.broken, closed.is_clean) == (broken, not broken)

        asyncio.run(run())
