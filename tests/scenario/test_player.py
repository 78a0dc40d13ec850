"""The player: what the protocol does by itself, and what becomes of the script when things go otherwise."""

from dataclasses import replace

import pytest

from mockagent.errors import NoSuchName
from mockagent.protocol.events import Closed, Dialect, Malformed, Tolerance
from mockagent.protocol.switches import BeforeSettings, Switches
from mockagent.scenario.actions import Close, Send
from mockagent.scenario.outcomes import Returned
from mockagent.scenario.part import Ending, Part
from mockagent.scenario.script import play

ASK = {"type": "InjectUserMessage", "content": "What time is it?"}


def inject(text="Excuse me", behavior=None):
    return {"type": "InjectAgentMessage", "message": text} | ({"behavior": behavior} if behavior else {})


def said(text):
    return [f"assistant: {text}", f"(speaks {text!r})"]


def unmet(driver):
    (found,) = driver.player.unmet
    return str(found)


def test_a_greeting_comes_right_after_settings_applied(start):
    driver = start("- agent: Hello!").begin()
    assert driver.take() == said("Hello!")
    driver.wait(1)
    assert driver.take() == ["AgentAudioDone"]
    assert driver.player.ending is Ending.FINISHED


def test_welcome_waits_for_its_moment(start):
    driver = start("- agent: Hello!")
    driver.wait(0.019)
    assert driver.take() == []
    driver.wait(0.001)
    assert driver.take() == ["Welcome"]


def test_what_comes_before_welcome_is_answered_after_it_in_order(start):
    driver = start("- agent: Hello!\n- client: UpdatePrompt")
    driver.send(driver.settings())
    driver.send({"type": "UpdatePrompt", "prompt": "Be kind."})
    driver.audio(0.5)
    driver.send(inject("And I am Bob."))
    assert driver.take() == []
    driver.to_welcome()
    assert driver.take() == ["Welcome", "SettingsApplied", *said("Hello!"), "PromptUpdated"]
    driver.wait(1)
    assert driver.take() == ["AgentAudioDone", *said("And I am Bob.")]
    driver.wait(1)
    assert driver.player.ending is Ending.FINISHED


def test_after_a_refusal_nothing_that_waited_for_welcome_is_answered(start):
    driver = start("- agent: Hello!")
    driver.send("KeepAlive")
    driver.send("KeepAlive")
    driver.send(driver.settings())
    driver.to_welcome()
    assert driver.take() == ["Welcome", "Error NON_SETTINGS_MESSAGE_BEFORE_SETTINGS", "(closes)"]


def test_a_keep_alive_is_never_answered(start):
    driver = start("- user: Hi").begin()
    for _ in range(4):
        driver.wait(5)
        driver.send("KeepAlive")
    assert driver.take() == []


UPDATES = {
    "UpdatePrompt": {"prompt": "Be kind."},
    "UpdateSpeak": {"speak": {"provider": {"type": "deepgram", "model": "aura-2-zeus-en"}}},
    "UpdateThink": {"think": {"provider": {"type": "open_ai", "model": "gpt-5"}}},
    "UpdateListen": {"listen": {"provider": {"type": "deepgram", "keyterms": ["mock"]}}},
}


@pytest.mark.parametrize(
    ("type", "answer"),
    [
        ("UpdatePrompt", "PromptUpdated"),
        ("UpdateSpeak", "SpeakUpdated"),
        ("UpdateThink", "ThinkUpdated"),
        ("UpdateListen", "ListenUpdated"),
    ],
)
def test_an_update_is_acknowledged_at_once(start, type, answer):
    driver = start("- user: Hi").begin()
    driver.send({"type": type, **UPDATES[type]})
    assert driver.take() == [answer]


@pytest.mark.parametrize(
    "change", [{"type": "other"}, {"version": "v2", "model": "flux-general-en"}, {"model": "nova-2"}]
)
def test_what_is_fixed_of_listen_cannot_be_updated(start, change):
    driver = start("- user: Hi").begin()
    body = {"type": "UpdateListen", "listen": {"provider": {"type": "deepgram", **change}}}
    if change == {"type": "other"}:
        driver.send(body)
        assert driver.take() == ["Error UNPARSABLE_CLIENT_MESSAGE", "(closes)"]
    else:
        driver.send(body)
        assert driver.take() == ["Warning UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED"]


def test_updates_in_a_row_are_acknowledged_in_their_order(start):
    driver = start("- user: Hi").begin()
    for type in ("UpdateSpeak", "UpdatePrompt", "UpdatePrompt", "UpdateListen", "UpdateThink"):
        driver.send({"type": type, **UPDATES[type]})
    expected = ["SpeakUpdated", "PromptUpdated", "PromptUpdated", "ListenUpdated", "ThinkUpdated"]
    assert driver.take() == expected


def test_answers_that_the_script_mentions_are_not_sent_again(start):
    steps = """
- client: UpdatePrompt
- client: UpdateSpeak
- server: PromptUpdated
- server: SpeakUpdated
- agent: Done.
"""
    driver = start(steps).begin()
    driver.send({"type": "UpdatePrompt", **UPDATES["UpdatePrompt"]})
    driver.send({"type": "UpdateSpeak", **UPDATES["UpdateSpeak"]})
    assert driver.take() == ["PromptUpdated", "SpeakUpdated", *said("Done.")]


def test_a_warning_of_the_script_is_not_taken_for_one_of_the_protocol(start):
    steps = """
- client: ForceEndTurn
- server: {type: Warning, code: SLOW_THINK_REQUEST, description: It takes long.}
- agent: Done.
"""
    driver = start(steps).begin()
    driver.send("ForceEndTurn")
    expected = ["Warning FORCE_END_TURN_UNSUPPORTED", "Warning SLOW_THINK_REQUEST", *said("Done.")]
    assert driver.take() == expected


class TestInjection:
    """The nine cells of the table: what the client asks for, and who has the floor."""

    @pytest.mark.parametrize("behavior", ["default", "queue", "interrupt", None])
    def test_in_silence_it_is_spoken(self, start, behavior):
        driver = start("- wait: 9 s").begin()
        driver.send(inject("Look!", behavior))
        driver.wait(1)
        assert driver.take() == [*said("Look!"), "AgentAudioDone"]

    @pytest.mark.parametrize("behavior", ["default", "queue"])
    def test_while_the_user_speaks_it_is_refused(self, start, behavior):
        driver = start("- user: Hi\n  when: speech").begin()
        driver.heard(True)
        driver.send(inject("Look!", behavior))
        assert driver.take() == ["UserStartedSpeaking", "InjectionRefused"]

    def test_interrupting_the_user_it_is_spoken(self, start):
        driver = start("- user: Hi\n  when: speech").begin()
        driver.heard(True)
        driver.send(inject("Look!", "interrupt"))
        assert driver.take() == ["UserStartedSpeaking", *said("Look!")]

    def test_while_the_agent_speaks_it_is_refused(self, start):
        driver = start("- agent: Hello!").begin()
        driver.send(inject("Look!"))
        driver.wait(1)
        assert driver.take() == [*said("Hello!"), "InjectionRefused", "AgentAudioDone"]

    def test_queued_it_waits_for_the_agent_each_in_its_turn(self, start):
        driver = start("- agent: Hello!\n- agent: Well?").begin()
        driver.send(inject("One.", "queue"))
        driver.send(inject("Two.", "queue"))
        driver.wait(9)
        done = "AgentAudioDone"
        expected = [*said("Hello!"), done, *said("One."), done, *said("Two."), done, *said("Well?"), done]
        assert driver.take() == expected

    def test_interrupting_the_agent_it_takes_the_place_of_the_reply_and_the_script_goes_on(self, start):
        driver = start("- agent: Hello!\n- user: Hi\n  when: text\n- agent: Ho").begin()
        driver.send(inject("Later.", "queue"))
        driver.wait(0.5)
        driver.send(inject("Stop!", "interrupt"))
        assert driver.take() == [*said("Hello!"), "(hush)", *said("Stop!")]
        driver.wait(1)
        assert driver.take() == ["AgentAudioDone", *said("Later.")]
        driver.wait(1)
        driver.send(ASK)
        driver.wait(1.5)
        expected = ["AgentAudioDone", "user: What time is it?", *said("Ho"), "AgentAudioDone"]
        assert driver.take() == expected

    @pytest.fixture
    def thinking(self, start):
        """A driver whose agent is thinking about its reply."""
        driver = start("- user: Hi\n  when: text\n- agent: Ho").begin()
        driver.send(ASK)
        assert driver.take() == ["user: What time is it?"]
        return driver

    def test_while_the_agent_thinks_it_is_already_replying(self, thinking):
        thinking.send(inject("Look!"))
        assert thinking.take() == ["InjectionRefused"]

    def test_queued_while_the_agent_thinks_it_comes_after_the_reply(self, thinking):
        thinking.send(inject("Look!", "queue"))
        thinking.wait(3)
        assert thinking.take() == [*said("Ho"), "AgentAudioDone", *said("Look!"), "AgentAudioDone"]

    def test_interrupting_while_the_agent_thinks_it_comes_at_once(self, thinking):
        thinking.send(inject("Look!", "interrupt"))
        assert thinking.take() == said("Look!")
        thinking.wait(3)
        assert thinking.take() == ["AgentAudioDone", *said("Ho"), "AgentAudioDone"]

    def test_a_refusal_is_told_by_a_warning_too_where_that_is_switched_on(self, start):
        warned = Switches(injection_warnings=True, history=False)
        refused = "{type: InjectionRefused, message: No.}"
        steps = f"- agent: Hello!\n- client: InjectAgentMessage\n- server: {refused}\n- agent: Well?"
        driver = start(steps, switches=warned).begin()
        driver.send(inject("Look!"))
        driver.wait(2)
        refusal = ["InjectionRefused", "Warning INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH"]
        done = "AgentAudioDone"
        assert driver.take() == [*said("Hello!"), *refusal, done, *said("Well?"), done]

    def test_one_that_says_nothing_is_not_spoken(self, start):
        driver = start("- wait: 9 s").begin()
        driver.send(inject(" "))
        assert driver.take() == []


class TestRefusal:
    """What the live service refuses ends the session with an Error and an empty close; nothing follows it."""

    @pytest.mark.parametrize(
        ("sends", "error"),
        [
            ("Settings", "SETTINGS_ALREADY_APPLIED"),
            ("Bogus", "UNPARSABLE_CLIENT_MESSAGE"),
            (Malformed("JSON", "nonsense", 8), "UNPARSABLE_CLIENT_MESSAGE"),
        ],
    )
    def test_it_ends_the_session_and_hushes_the_agent(self, start, sends, error):
        driver = start("- agent: Hello!").begin()
        if isinstance(sends, Malformed):
            driver.do(sends)
        else:
            driver.send(driver.settings() if sends == "Settings" else sends)
        assert driver.take() == [*said("Hello!"), "(hush)", f"Error {error}", "(closes)"]
        assert f"refused with {error}" in unmet(driver)

    def test_a_script_may_wait_for_what_is_refused(self, start):
        driver = start("- client: Settings\n- client: Settings").begin()
        driver.send(driver.settings())
        assert driver.take() == ["Error SETTINGS_ALREADY_APPLIED", "(closes)"]
        assert driver.player.ending is Ending.FINISHED

    def test_speech_that_cannot_be_made_is_refused_and_never_silence(self, start):
        driver = start("- agent: Hello!").to_welcome()
        driver.send(driver.settings(audio={"output": {"encoding": "mp3", "container": "wav"}}))
        assert driver.take() == ["Welcome", "Error FAILED_TO_SPEAK", "(closes)"]
        assert "mockagent cannot speak mp3 in container 'wav'" in driver.actions[-2].body["description"]
        assert driver.faults == []

    def test_what_the_script_would_say_after_it_is_not_sent(self, start):
        driver = start("- client: Bogus\n- agent: Hello!".replace("Bogus", "InjectAgentMessage")).begin()
        driver.send({"type": "InjectAgentMessage", "message": 3})
        assert driver.take() == ["Error UNPARSABLE_CLIENT_MESSAGE", "(closes)"]
        assert driver.player.ending is Ending.UNFINISHED

    def test_settings_that_are_refused_are_no_settings(self, start):
        driver = start("- agent: Hello!").to_welcome()
        driver.send({"type": "Settings"})
        assert driver.take() == ["Welcome", "Error UNPARSABLE_CLIENT_MESSAGE", "(closes)"]
        assert driver.player.ending is Ending.UNFINISHED
        assert unmet(driver) == (
            "expected Settings that can be applied, got Settings, refused with UNPARSABLE_CLIENT_MESSAGE: Error "
            "parsing client message. Check the agent field against the API spec. (last came: Settings)"
        )

    def test_a_scenario_that_does_not_exist_is_refused_by_its_name(self, start):
        def cast(settings):
            raise NoSuchName("scenario", "lunchtime", ["lunch"])

        driver = start(part=cast).to_welcome()
        driver.send(driver.settings(tags=["scenario:lunchtime"]))
        assert driver.take() == ["Welcome", "Error INVALID_SETTINGS", "(closes)"]
        (error,) = [a.body for a in driver.actions if isinstance(a, Send) and a.body["type"] == "Error"]
        assert error["description"] == "no scenario named 'lunchtime'; did you mean 'lunch'?"
        assert driver.player.ending is Ending.UNFINISHED

    def test_a_departure_is_refused_when_the_server_is_strict(self, start):
        body = {"type": "InjectAgentMessage", "content": "Look!"}
        for tolerance in (Tolerance.LENIENT, Tolerance.FAITHFUL):
            driver = start("- wait: 9 s", tolerance=tolerance).begin()
            driver.send(body)
            assert driver.take() == said("Look!")
        driver = start("- wait: 9 s", tolerance=Tolerance.STRICT).begin()
        driver.send(body)
        assert driver.take() == ["Error UNPARSABLE_CLIENT_MESSAGE", "(closes)"]

    def test_no_settings_in_time(self, start):
        driver = start("- agent: Hello!")
        driver.wait(10)
        assert driver.take() == ["Welcome", "Error CLIENT_MESSAGE_TIMEOUT", "(closes)"]
        assert unmet(driver).startswith(
            "expected Settings that can be applied, got the end of the time for first settings, refused with "
        )

    def test_nothing_from_the_client_for_too_long(self, start):
        driver = start("- client: {silent: true}").begin()
        driver.wait(9)
        driver.send("KeepAlive")
        driver.wait(9.9)
        assert driver.take() == []
        driver.wait(0.1)
        assert driver.take() == ["Error CLIENT_MESSAGE_TIMEOUT", "(closes)"]
        assert driver.player.ending is Ending.FINISHED


def test_what_comes_before_settings_is_ignored_where_that_is_switched_on(start):
    lax = replace(Switches(history=False), before_settings=BeforeSettings.IGNORE)
    driver = start("- client: Settings\n- agent: Hello!", switches=lax).to_welcome()
    driver.send("KeepAlive")
    driver.send({"type": "UpdatePrompt", **UPDATES["UpdatePrompt"]})
    driver.send(inject("Look!"))
    driver.audio(1)
    assert driver.take() == ["Welcome"]
    driver.send(driver.settings())
    assert driver.take() == ["SettingsApplied", *said("Hello!")]
    assert driver.findings.count("SET-001") == 3


class TestEnd:
    """How a session ends, and what is said of a script that was not finished."""

    def test_a_client_may_leave_once_the_last_step_is_done(self, start):
        driver = start("- agent: Hello!").begin()
        driver.wait(1)
        driver.close(1006)
        assert driver.player.ending is Ending.FINISHED

    def test_a_close_ends_its_branch_and_what_waits_for_it_after(self, start):
        driver = start(
            "- either:\n    - - client: UpdateThink\n      - agent: A.\n    - - client: {closes: true}\n"
            "- client: {closes: true}"
        ).begin()
        driver.close()
        assert driver.player.ending is Ending.FINISHED

    def test_a_client_that_leaves_early(self, start):
        driver = start("- agent: Hello!").begin()
        driver.close()
        assert unmet(driver) == (
            "f.yaml:3: expected the end of the agent's speech, got a close (1000) "
            "(last came: Settings, a close (1000))"
        )

    def test_a_client_that_leaves_while_the_agent_thinks(self, start):
        driver = start("- user: Hi\n  when: text\n- agent: Ho").begin()
        driver.send(ASK)
        driver.close()
        assert unmet(driver).startswith("f.yaml:5: expected the pause to pass, got a close (1000)")

    def test_a_client_that_leaves_before_welcome(self, start):
        driver = start("- agent: Hello!")
        driver.send(driver.settings())
        driver.close()
        driver.wait(1)
        assert driver.take() == []
        assert unmet(driver).startswith(
            "expected Settings that can be applied, got a close (1000) (last came: Settings, "
        )

    def test_the_account_names_the_nearest_message(self, start):
        driver = start("- client: {type: UpdatePrompt, prompt: ~formal}\n  within: 2 s").begin()
        driver.send("KeepAlive")
        driver.send({"type": "UpdateSpeak", **UPDATES["UpdateSpeak"]})
        driver.send({"type": "UpdatePrompt", "prompt": "Be kind."})
        driver.wait(2)
        found = unmet(driver)
        assert found.startswith(
            'f.yaml:3: expected UpdatePrompt with {"prompt": "~formal"}, got nothing like it in time '
            "(last came: Settings, KeepAlive, UpdateSpeak, UpdatePrompt); nearest: UpdatePrompt, where "
        )
        assert "Be kind." in found

    def test_only_the_last_few_messages_are_named(self, start):
        driver = start("- client: UpdatePrompt").begin()
        for _ in range(9):
            driver.send("KeepAlive")
            driver.audio()
        driver.close()
        came = "KeepAlive, audio, KeepAlive, audio, a close (1000)"
        assert f"(last came: {came})" in unmet(driver)

    def test_shut_down_while_the_agent_speaks(self, start):
        driver = start("- agent: Hello!").begin()
        driver.shut_down()
        driver.shut_down()
        assert driver.take() == [*said("Hello!"), "(hush)", "Error SERVER_GOING_AWAY", "(closes)"]
        assert "got the server's shutdown" in unmet(driver)
        assert driver.player.wakes_at is None

    def test_shut_down_before_welcome(self, start):
        driver = start("- agent: Hello!")
        driver.send(driver.settings())
        driver.shut_down()
        expected = ["Welcome", "SettingsApplied", *said("Hello!"), "(hush)", "Error SERVER_GOING_AWAY"]
        assert driver.take() == [*expected, "(closes)"]

    def test_an_error_of_the_script_ends_the_session(self, start):
        error = "{type: Error, code: FAILED_TO_THINK, description: No model is there.}"
        driver = start(f"- client: UpdatePrompt\n- server: {error}").begin()
        driver.send({"type": "UpdatePrompt", **UPDATES["UpdatePrompt"]})
        assert driver.take() == ["PromptUpdated", "Error FAILED_TO_THINK", "(closes)"]
        assert driver.player.ending is Ending.FINISHED
        assert driver.actions[-1] == Close()

    def test_an_error_of_a_reaction_leaves_the_script_unfinished(self, start):
        error = "{type: Error, code: FAILED_TO_THINK, description: No model is there.}"
        reaction = f"reactions:\n  - on: UpdatePrompt\n    do: [{{server: {error}}}]\n"
        driver = start("- user: Hi", more=reaction).begin()
        driver.send({"type": "UpdatePrompt", **UPDATES["UpdatePrompt"]})
        assert driver.take() == ["PromptUpdated", "Error FAILED_TO_THINK", "(closes)"]
        assert "got the server's own close" in unmet(driver)

    def test_after_an_error_that_leaves_the_connection_open_the_protocol_is_silent(self, start):
        steps = """
- server: {type: Error, code: FAILED_TO_THINK, description: No model is there.}
- wait: 2 s
  breaks: CLS-002
- server: {closes: 1011}
  breaks: [CLS-002, CLS-003]
"""
        driver = start(steps).begin()
        driver.send({"type": "UpdatePrompt", **UPDATES["UpdatePrompt"]})
        driver.send("Bogus")
        assert driver.take() == ["Error FAILED_TO_THINK"]
        driver.wait(2)
        assert driver.take() == ["(closes 1011)"]
        assert driver.player.ending is Ending.FINISHED

    def test_a_part_without_a_script_has_no_end_to_come_to(self, at_home):
        driver = at_home().begin()
        driver.close()
        assert (driver.player.ending, driver.player.unmet) == (Ending.UNSCRIPTED, ())


WEATHER = {"name": "get_weather", "description": "The weather.", "parameters": {"type": "object"}}
TIME = {"name": "get_time", "description": "The time.", "parameters": {"type": "object"}}
THERE = {**WEATHER, "endpoint": {"url": "https://example.com", "method": "post"}}


class TestCalls:
    """Function calls: answered, and in every way not."""

    def calling(self, start, more="", function=WEATHER, **options):
        steps = "- user: Hi\n  when: text\n- call: {get_weather: {location: Rome}}\n" + more
        driver = start(steps + "\n- agent: Thanks.", **options)
        driver.begin(driver.settings(functions=[function, TIME]))
        driver.send(ASK)
        driver.wait(0.5)
        return driver

    @staticmethod
    def answer(id="call-1", name="get_weather", content="sunny"):
        body = {"type": "FunctionCallResponse", "name": name, "content": content}
        return {**body, "id": id} if id else body

    def test_answered(self, start):
        driver = self.calling(start)
        assert driver.take() == ["user: What time is it?", "calls get_weather"]
        request = driver.actions[-1].body["functions"]
        assert request == [
            {"id": "call-1", "name": "get_weather", "arguments": '{"location": "Rome"}', "client_side": True}
        ]
        driver.send(self.answer())
        assert driver.take() == said("Thanks.")

    def test_answered_by_name_without_an_id(self, start):
        driver = self.calling(start)
        driver.send(self.answer(id=None))
        assert driver.take()[-2:] == said("Thanks.")
        assert driver.findings == ["FUN-005"]

    def test_unanswered(self, start):
        driver = self.calling(start, "  within: 3 s")
        driver.wait(3)
        assert unmet(driver).startswith(
            "f.yaml:5: expected a FunctionCallResponse to 'call-1', got nothing like it in time"
        )

    def test_answered_with_another_content_than_the_script_wants(self, start):
        driver = self.calling(start, "  answer: rainy")
        driver.send(self.answer())
        assert unmet(driver).startswith('f.yaml:5: expected an answer of get_weather: "rainy", got "sunny"')

    def test_answered_to_an_unknown_id(self, start):
        driver = self.calling(start, "  within: 3 s")
        driver.send(self.answer(id="call-9"))
        driver.wait(3)
        assert driver.findings[0] == "FUN-001"
        assert "nearest: FunctionCallResponse" in unmet(driver)

    def test_answered_twice(self, start):
        driver = self.calling(start)
        driver.send(self.answer())
        driver.send(self.answer(content="rainy"))
        assert driver.take()[-2:] == said("Thanks.")
        assert driver.findings == ["FUN-002"]

    def test_answered_unasked(self, start):
        driver = start("- agent: Hello!").begin()
        driver.send(self.answer())
        assert driver.take() == said("Hello!")
        assert driver.findings == ["FUN-001"]

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    def test_two_at_once_in_either_order(self, start, order):
        steps = "- user: Hi\n  when: text\n- call: {get_weather: {}, get_time: {}}\n- agent: Thanks."
        driver = start(steps, switches=Switches(latency_report=False, agent_started_speaking=False))
        driver.begin(driver.settings(functions=[WEATHER, TIME]))
        driver.send(ASK)
        driver.wait(0.5)
        assert driver.take()[-1] == "calls get_weather, get_time"
        names = {1: "get_weather", 2: "get_time"}
        for number in order:
            driver.send(self.answer(f"call-{number}", names[number], f"r{number}"))
        expected = ["History of get_weather = r1, get_time = r2", "assistant: Thanks.", "History: Thanks."]
        assert driver.take() == [*expected, "(speaks 'Thanks.')"]

    def test_run_by_the_server(self, start):
        driver = self.calling(start, "  result: cloudy\n  as: sky", function=THERE)
        expected = ["user: What time is it?", "calls get_weather", "result cloudy", *said("Thanks.")]
        assert driver.take() == expected

    def test_a_function_that_settings_do_not_define(self, start):
        other = {**WEATHER, "name": "get_whether"}
        driver = self.calling(start, function=other)
        expected = ["user: What time is it?", "Error NON_EXISTENT_FUNCTION_CALLED", "(closes)"]
        assert driver.take() == expected
        assert unmet(driver).startswith(
            "f.yaml:5: expected Settings with a function 'get_weather', "
            "got Settings where it defines one of 'get_whether', 'get_time'"
        )

    @pytest.mark.parametrize(
        ("function", "asked", "wanted"), [(WEATHER, "true", "with"), (THERE, "false", "without")]
    )
    def test_settings_that_have_it_run_on_the_other_side(self, start, function, asked, wanted):
        driver = self.calling(start, f"  server_side: {asked}", function=function)
        assert driver.take() == ["user: What time is it?"]
        assert f"expected 'get_weather' defined {wanted} an endpoint" in unmet(driver)

    def test_a_stored_agent_may_know_any_function(self, start):
        driver = start("- user: Hi\n  when: text\n- call: {get_weather: {}}")
        driver.begin({**driver.settings(), "agent": "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6"})
        driver.send(ASK)
        driver.wait(0.5)
        assert driver.take() == ["user: What time is it?", "calls get_weather"]

    def test_without_any_functions(self, start):
        driver = start("- user: Hi\n  when: text\n- call: {get_weather: {}}").begin()
        driver.send(ASK)
        driver.wait(0.5)
        assert "got Settings where it defines none" in unmet(driver)

    def test_a_function_that_an_update_defines(self, start):
        steps = "- client: UpdateThink\n- user: Hi\n  when: text\n- call: {get_weather: {}}\n- agent: Ho"
        driver = start(steps).begin()
        think = {"provider": {"type": "open_ai", "model": "gpt-5"}, "functions": [WEATHER]}
        driver.send({"type": "UpdateThink", "think": think})
        driver.send(ASK)
        driver.wait(0.5)
        assert driver.take() == ["ThinkUpdated", "user: What time is it?", "calls get_weather"]


class TestAccompaniment:
    """History, latencies and the rest: with every switch on, and each switched off where it can be."""

    STEPS = "- user: Hi\n  when: text\n- agent: [One., Two.]"
    HISTORY = ("History: What time is it?", "History: One.", "History: Two.")

    def played(self, start, switches, **settings):
        driver = start(self.STEPS, switches=switches)
        driver.begin(driver.settings(**settings))
        driver.send(ASK)
        driver.wait(3)
        return driver.take()

    WHOLE = (
        "user: What time is it?",
        "History: What time is it?",
        "assistant: One.",
        "History: One.",
        "AgentStartedSpeaking",
        "(speaks 'One.')",
        "assistant: Two.",
        "History: Two.",
        "(speaks 'Two.')",
        "AgentAudioDone",
        "LatencyReport",
    )

    def test_everything(self, start):
        assert self.played(start, Switches()) == list(self.WHOLE)

    @pytest.mark.parametrize(
        ("switch", "left_out"),
        [
            ("history", HISTORY),
            ("latency_report", ("LatencyReport",)),
            ("agent_started_speaking", ("AgentStartedSpeaking",)),
        ],
    )
    def test_switched_off(self, start, switch, left_out):
        played = self.played(start, replace(Switches(), **{switch: False}))
        assert played == [word for word in self.WHOLE if word not in left_out]

    @pytest.mark.parametrize(
        "flags", [{"flags": {"history": False}}, {"settings": {"flags": {"history": False}}}]
    )
    def test_history_is_off_when_settings_say_so(self, start, flags):
        played = self.played(start, Switches(), **flags)
        assert played == [word for word in self.WHOLE if word not in self.HISTORY]

    def test_the_latencies_are_true_to_the_pause_before_the_reply(self, start):
        driver = start(self.STEPS, switches=Switches(think_for=0.5)).begin()
        driver.send(ASK)
        driver.wait(3)
        bodies = {a.body["type"]: a.body for a in driver.actions if isinstance(a, Send)}
        told = {"total_latency": 0.5, "tts_latency": 0.2, "ttt_latency": 0.3}
        assert bodies["AgentStartedSpeaking"] == {"type": "AgentStartedSpeaking", **told}
        report = {"ttt_text_latency": 0.3, "tts_latency": 0.2, "total_latency": 0.5}
        assert bodies["LatencyReport"] == {"type": "LatencyReport", **report}


class TestEarlyAccess:
    """The older dialect: no acknowledgement, no history, no codes."""

    def early(self, start, steps, **options):
        more = "dialect: early-access\n"
        driver = start(steps, more=more, dialect=Dialect.EARLY_ACCESS, switches=Switches(), **options)
        return driver, driver.begin(driver.settings(functions=options.get("functions", ())))

    def test_a_turn(self, start):
        driver, _ = self.early(start, "- client: UpdateInstructions\n- user: Hi\n- agent: Ho")
        driver.send({"type": "UpdateInstructions", "instructions": "Be kind."})
        driver.stream(1)
        driver.wait(2)
        expected = ["UserStartedSpeaking", "user: Hi", "assistant: Ho", "AgentStartedSpeaking"]
        assert driver.take() == [*expected, "(speaks 'Ho')", "AgentAudioDone"]

    def test_one_request_a_function_and_no_word_of_the_servers_own(self, start):
        driver = start(
            "- user: Hi\n- call: {f: {a: 1}, g: {}}\n- agent: Ho",
            dialect=Dialect.EARLY_ACCESS,
            switches=Switches(),
        )
        here = {"name": "f", "description": "F.", "parameters": {"type": "object"}}
        there = {**here, "name": "g", "url": "https://example.com", "method": "post"}
        driver.begin(driver.settings(functions=[here, there]))
        driver.stream(1.1)
        driver.wait(1)
        assert driver.take() == ["UserStartedSpeaking", "user: Hi", "calls f", "calls g", "(POST for call-2)"]
        driver.ends("call-2", Returned("2"))
        driver.send({"type": "FunctionCallResponse", "function_call_id": "call-1", "output": "1"})
        assert driver.take()[0] == "assistant: Ho"

    def test_an_error_has_a_message_and_no_code(self, start):
        driver, _ = self.early(start, "- agent: Hello!")
        driver.send("Bogus")
        (error,) = [a.body for a in driver.actions if isinstance(a, Send) and a.body["type"] == "Error"]
        expected = "Text message received from client did not match any of the formats we expect."
        assert error == {"type": "Error", "message": expected}


def test_only_who_waits_for_speech_has_it_detected(start):
    driver = start("- user: Hi\n- user: Ho\n  when: speech").begin()
    assert not driver.player.listens
    driver.stream(1)
    assert driver.player.listens


def test_a_message_after_the_close_changes_nothing(start):
    driver = start("- agent: Hello!").begin()
    driver.shut_down()
    driver.is_over = False
    driver.take()
    driver.send(ASK)
    driver.do(Closed(1000))
    assert driver.take() == []


def test_the_part_decides_the_switches(start):
    quick = replace(
        Switches(), think_for=0.0, history=False, latency_report=False, agent_started_speaking=False
    )

    def script(scene):
        yield from play(scene, ())

    driver = start(part=Part(script, quick), switches=Switches()).begin()
    assert driver.player.part.switches is quick
