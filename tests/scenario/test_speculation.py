"""What the agent does before the user's turn is confirmed, and what becomes of its calls when the user goes on."""

FIND = {"name": "find", "parameters": {"type": "object"}}
BOOK = {"name": "book", "parameters": {"type": "object"}, "defer_until_eot": True}
FLUX = {"type": "deepgram", "version": "v2", "model": "flux-general-en"}
MULTILINGUAL = {"type": "deepgram", "version": "v2", "model": "flux-general-multi", "language_hints": ["de"]}
TYPED = {"type": "InjectUserMessage", "content": "Typed."}
RESUMED = "- user: Hi\n  speculates: {resumed: true, lasts: 0.4 s, call: {find: {}, book: {}}}\n"
CONFIRMED = "- user: Hi\n  speculates: {lasts: 0.4 s, call: {find: {}, book: {}}}\n- agent: Done."


def begun(start, steps, *functions, listen=None, **options):
    driver = start(steps, **options)
    return driver.begin(driver.settings(functions=functions or (FIND, BOOK), listen=listen))


def answer(number, name="find"):
    return {"type": "FunctionCallResponse", "id": f"call-{number}", "name": name, "content": "42"}


class TestResumed:
    """Every line takes a second: half of it is heard when the agent begins to think."""

    def test_the_user_pauses_and_goes_on(self, start):
        driver = begun(start, "- user: Hi\n  speculates: {resumed: true, lasts: 0.4 s}\n- agent: Ho")
        driver.stream(0.5)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.stream(0.3)
        assert driver.take() == []
        driver.stream(0.1)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.stream(0.1)
        assert driver.take() == ["user: Hi"]

    def test_announced_calls_are_cancelled_and_deferred_ones_were_never_made(self, start):
        driver = begun(start, RESUMED)
        driver.stream(0.5)
        assert driver.take() == ["UserStartedSpeaking", "calls find"]
        driver.stream(0.4)
        assert driver.take() == ["UserStartedSpeaking", "FunctionCallCancelled"]
        driver.stream(0.1)
        assert driver.take() == ["user: Hi"]

    def test_a_late_answer_is_dropped(self, start):
        driver = begun(start, RESUMED + "- call: {find: {}}\n- agent: Done.")
        driver.stream(1)
        driver.send(answer(1))
        driver.wait(1)
        assert "calls find" in driver.take()
        driver.send({key: value for key, value in answer(1).items() if key != "id"})
        driver.wait(1)
        assert driver.take()[:1] == ["assistant: Done."]

    def test_a_late_answer_is_dropped_though_nothing_is_called_any_more(self, start):
        driver = begun(start, RESUMED + "- client: {type: FunctionCallResponse}\n")
        driver.stream(1)
        driver.send(answer(1))
        assert driver.player.ending == "unfinished"

    def test_an_answer_in_time_leaves_nothing_to_cancel(self, start):
        driver = begun(start, RESUMED)
        driver.stream(0.6)
        driver.send(answer(1))
        driver.stream(0.4)
        assert driver.take() == ["UserStartedSpeaking", "calls find", "UserStartedSpeaking", "user: Hi"]

    def test_forcing_the_end_confirms_the_turn(self, start):
        driver = begun(start, RESUMED, listen=FLUX)
        driver.stream(0.6)
        driver.send("ForceEndTurn")
        assert driver.take() == ["UserStartedSpeaking", "calls find", "user: Hi", "calls book"]

    def test_forcing_the_end_before_the_pause_leaves_nothing_to_speculate_about(self, start):
        driver = begun(start, RESUMED, listen=FLUX)
        driver.stream(0.3)
        driver.send("ForceEndTurn")
        assert driver.take() == ["UserStartedSpeaking", "user: Hi"]

    def test_what_is_typed_stands_for_the_whole_turn(self, start):
        driver = begun(start, RESUMED)
        driver.send(TYPED)
        assert driver.take() == ["user: Typed."]

    def test_by_speech_the_user_is_heard_to_go_on(self, start):
        driver = begun(start, "- user: Hi\n  when: speech\n  speculates: {resumed: true}\n- agent: Ho")
        driver.heard(True)
        driver.heard(False)
        driver.wait(2)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.heard(True)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.heard(False)
        assert driver.take() == ["user: Hi"]

    def test_by_the_clock_it_takes_its_own_time(self, start):
        driver = begun(start, "- user: Hi\n  when: timer\n  speculates: {resumed: true, lasts: 1 s}")
        driver.wait(1.4)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.wait(0.2)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.wait(0.5)
        assert driver.take() == ["user: Hi"]

    def test_calls_of_the_server_are_dropped_silently(self, start):
        own = FIND | {"endpoint": {"url": "https://example.com/"}}
        driver = begun(start, "- user: Hi\n  speculates: {resumed: true, call: {find: {}}}", own)
        driver.stream(1)
        assert driver.take() == ["UserStartedSpeaking", "calls find", "UserStartedSpeaking", "user: Hi"]

    def test_early_access_has_no_word_for_it(self, start):
        from mockagent.protocol.events import Dialect

        driver = start(
            "- user: Hi\n  speculates: {resumed: true, call: {find: {}}}", dialect=Dialect.EARLY_ACCESS
        )
        driver.begin(driver.settings(functions=[FIND]))
        driver.stream(1)
        assert driver.take() == ["UserStartedSpeaking", "calls find", "UserStartedSpeaking", "user: Hi"]


class TestConfirmed:
    def test_deferred_calls_follow_the_users_text_and_all_answers_are_waited_for(self, start):
        driver = begun(start, CONFIRMED)
        driver.stream(1)
        assert driver.take() == ["UserStartedSpeaking", "calls find"]
        driver.send(answer(1))
        driver.wait(0.4)
        assert driver.take() == ["user: Hi", "calls book"]
        driver.wait(1)
        assert driver.take() == []
        driver.send(answer(2, "book"))
        driver.wait(0.1)
        assert driver.take() == ["assistant: Done.", "(speaks 'Done.')"]

    def test_what_was_answered_can_be_quoted(self, start):
        steps = "- user: Hi\n  speculates: {call: {find: {}}, as: found}\n- agent: It is ${found}."
        driver = begun(start, steps)
        driver.stream(1)
        driver.send(answer(1))
        driver.wait(0.6)
        assert "assistant: It is 42." in driver.take()


class TestTalkedOver:
    """The user speaks while the agent waits for an answer, or thinks."""

    CALL = (
        "- user: Hi\n- call: {find: {}, book: {}}\n  interrupted: {INTERRUPTED}\n- user: Wait\n- agent: Yes?"
    )

    def asked(self, start, how, **options):
        driver = begun(start, self.CALL.replace("INTERRUPTED", how), **options)
        driver.stream(1)
        driver.wait(0.25)
        assert driver.take() == ["UserStartedSpeaking", "user: Hi", "calls find, book"]
        return driver

    def test_after_so_long_what_is_not_answered_is_cancelled(self, start):
        driver = self.asked(start, "after: 0.5 s")
        driver.send(answer(1))
        driver.wait(0.5)
        assert driver.take() == ["UserStartedSpeaking", "FunctionCallCancelled"]
        (cancelled,) = [
            each.body
            for each in driver.actions
            if getattr(each, "body", {}).get("type") == "FunctionCallCancelled"
        ]
        assert cancelled["functions"] == [{"id": "call-2", "name": "book"}]
        driver.stream(1)
        driver.wait(0.3)
        assert driver.take() == ["user: Wait", "assistant: Yes?", "(speaks 'Yes?')"]

    def test_by_speech(self, start):
        driver = self.asked(start, "by: speech")
        driver.wait(1)
        driver.heard(True)
        assert driver.take() == ["UserStartedSpeaking", "FunctionCallCancelled"]

    def test_by_text(self, start):
        driver = self.asked(start, "by: text")
        driver.send(TYPED)
        assert driver.take() == ["UserStartedSpeaking", "FunctionCallCancelled", "user: Typed."]

    def test_nobody_interrupts(self, start):
        driver = self.asked(start, "by: speech")
        driver.stream(31)
        (unmet,) = driver.player.unmet
        assert str(unmet).startswith("f.yaml:4: expected the interruption, got nothing like it in time")

    def test_a_reaction_that_takes_a_turn_cancels_the_calls_too(self, start):
        more = "reactions:\n  - on: InjectUserMessage\n    do: [{agent: Ho}]\n"
        driver = begun(start, "- user: Hi\n- call: {find: {}}\n- client: {closes: true}", more=more)
        driver.stream(1)
        driver.wait(0.3)
        driver.take()
        driver.send(TYPED)
        driver.wait(0.3)
        assert driver.take()[:4] == [
            "UserStartedSpeaking",
            "FunctionCallCancelled",
            "user: Typed.",
            "assistant: Ho",
        ]

    def test_a_thought_is_never_said(self, start):
        steps = (
            "- user: Hi\n- agent: Never\n  thinking: Hm\n  interrupted: {after: 0.1 s, during: thinking}\n"
        )
        driver = begun(start, steps + "- user: Wait\n- agent: Yes?")
        driver.stream(1)
        assert driver.take() == ["UserStartedSpeaking", "user: Hi", "thinks 'Hm'"]
        driver.wait(0.1)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.stream(1)
        driver.wait(2)
        assert driver.take() == ["user: Wait", "assistant: Yes?", "(speaks 'Yes?')", "AgentAudioDone"]

    def test_a_thought_that_something_typed_interrupts(self, start):
        steps = "- user: Hi\n- agent: Never\n  interrupted: {by: text, during: thinking}\n- user: Wait"
        driver = begun(start, steps)
        driver.stream(1)
        driver.send(TYPED)
        assert driver.take() == ["UserStartedSpeaking", "user: Hi", "user: Typed."]


class TestSideways:
    """What is said without taking the floor, and what is told beside a text."""

    def test_a_backchannel_leaves_the_agent_speaking(self, start):
        from mockagent.protocol.switches import Switches

        switches = Switches(
            history=False, latency_report=False, agent_started_speaking=False, think_live=True
        )
        driver = begun(
            start, "- agent: A long tale\n  backchannel: Mhm.\n  behavior: filler", switches=switches
        )
        assert driver.actions[-2].body["conversational_behavior"] == "filler"
        driver.wait(0.5)
        assert driver.take()[-1] == "user: Mhm."
        assert driver.actions[-1].body["conversational_behavior"] == "backchannel"
        driver.wait(0.5)
        assert driver.take() == ["AgentAudioDone"]

    def test_languages_are_told_by_the_model_that_hears_them(self, start):
        driver = begun(start, "- user: Hallo\n  languages: de", listen=MULTILINGUAL)
        driver.stream(1)
        body = driver.actions[-1].body
        assert (body["languages_hinted"], body["languages"]) == (["de"], ["de"])

    def test_and_by_no_other(self, start):
        driver = begun(start, "- user: Hallo\n  languages: de", listen=FLUX)
        driver.stream(1)
        assert set(driver.actions[-1].body) == {"type", "role", "content"}

    def test_each_sentence_is_a_statement_of_its_own(self, start):
        from mockagent.protocol.switches import Switches

        switches = Switches(
            history=False, latency_report=False, agent_started_speaking=False, text_by_sentence=True
        )
        steps = "- agent: One. Two! Three?\n  interrupted: {by: speech}\n- user: Stop"
        driver = begun(start, steps, switches=switches)
        driver.wait(1.5)
        driver.heard(True)
        assert driver.take() == [
            *("assistant: One.", "(speaks 'One.')"),
            *("assistant: Two!", "(speaks 'Two!')"),
            *("(hush)", "UserStartedSpeaking"),
        ]
