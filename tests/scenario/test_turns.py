"""The user's turn by everything that triggers and ends it, and the agent's, whole and interrupted."""

import pytest

TYPED = {"type": "InjectUserMessage", "content": "What time is it?"}
FLUX = {"type": "deepgram", "version": "v2", "model": "flux-general-en"}


def said(text):
    return [f"assistant: {text}", f"(speaks {text!r})"]


def unmet(driver):
    (found,) = driver.player.unmet
    return str(found)


class TestByAudio:
    """The default: as much audio as the line takes to say, here one second."""

    def test_it_begins_with_the_audio_and_ends_with_enough_of_it(self, start):
        driver = start("- user: Hi").begin()
        driver.audio(0.05)
        assert driver.take() == []
        driver.audio(0.05)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.stream(0.8)
        assert driver.take() == []
        driver.stream(0.1)
        assert driver.take() == ["user: Hi"]

    def test_audio_faster_than_it_is_spoken_will_do(self, start):
        driver = start("- user: Hi").begin()
        driver.audio(5)
        assert driver.take() == ["UserStartedSpeaking", "user: Hi"]

    def test_a_client_that_stops_midway_has_ended_its_turn(self, start):
        driver = start("- user: Hi\n  lasts: 5 s").begin()
        driver.stream(0.5)
        driver.wait(0.9)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.wait(0.1)
        assert driver.take() == ["user: Hi"]

    def test_without_any_audio_the_turn_never_happens(self, start):
        driver = start("- user: Hi\n  lasts: 2 s\n  within: 3 s").begin()
        driver.wait(4.9)
        assert driver.player.unmet == ()
        driver.wait(0.1)
        assert unmet(driver) == (
            "f.yaml:3: expected audio of the user's turn (or an InjectUserMessage), "
            "got nothing like it in time (last came: Settings)"
        )

    def test_audio_of_an_encoding_without_a_rate_is_timed(self, start):
        driver = start("- user: Hi")
        settings = driver.settings()
        driver.begin({**settings, "audio": {**settings["audio"], "input": {"encoding": "opus"}}})
        driver.stream(1.2)
        assert driver.take() == ["UserStartedSpeaking", "user: Hi"]

    def test_audio_in_the_wrong_kind_of_frame_does_not_count(self, start):
        from mockagent.protocol.events import Audio

        driver = start("- user: Hi").begin()
        driver.do(Audio(64_000, json=True))
        assert (driver.take(), driver.findings) == ([], ["MSG-005"])

    def test_what_is_typed_stands_for_the_whole_turn(self, start):
        driver = start("- user: Hi").begin()
        driver.send(TYPED)
        assert driver.take() == ["user: What time is it?"]

    def test_what_is_typed_may_end_what_audio_began(self, start):
        driver = start("- user: Hi").begin()
        driver.stream(0.3)
        driver.send(TYPED)
        assert driver.take() == ["UserStartedSpeaking", "user: What time is it?"]


class TestBySpeech:
    """Detected speech, whatever its length."""

    STEPS = "- user: Hi\n  when: speech"

    def test_it_begins_and_ends_with_the_speech(self, start):
        driver = start(self.STEPS).begin()
        driver.stream(1)
        driver.heard(True)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.stream(3)
        driver.heard(False)
        assert driver.take() == ["user: Hi"]

    def test_speech_that_never_ends(self, start):
        driver = start(self.STEPS + "\n  within: 3 s").begin()
        driver.heard(True)
        driver.wait(4)
        assert "expected speech of the user's turn" in unmet(driver)


class TestByText:
    """An InjectUserMessage, and nothing else."""

    STEPS = "- user: Hi\n  when: text\n  says: ~time"

    def test_it_happens_all_at_once(self, start):
        driver = start(self.STEPS).begin()
        driver.audio(3)
        driver.send(TYPED)
        assert driver.take() == ["user: What time is it?"]

    def test_another_text_will_not_do(self, start):
        driver = start(self.STEPS + "\n  within: 3 s").begin()
        driver.send({"type": "InjectUserMessage", "content": "Hello"})
        driver.wait(5)
        found = unmet(driver)
        assert found.startswith("f.yaml:3: expected an InjectUserMessage, got nothing like it in time")
        assert "; nearest: InjectUserMessage, where /content" in found

    def test_one_that_came_early_will_do(self, start):
        driver = start("- agent: Hello!\n" + self.STEPS).begin()
        driver.send(TYPED)
        driver.wait(1)
        assert driver.take() == [*said("Hello!"), "AgentAudioDone", "user: What time is it?"]

    def test_it_takes_the_floor_from_an_injection(self, start):
        driver = start(self.STEPS).begin()
        driver.send({"type": "InjectAgentMessage", "message": "Look!"})
        driver.send(TYPED)
        expected = ["(hush)", "UserStartedSpeaking", "user: What time is it?"]
        assert driver.take() == [*said("Look!"), *expected]


class TestByTimer:
    """By itself, as long as the line takes."""

    def test_it_needs_no_client(self, start):
        driver = start("- user: Hi\n  when: timer\n  lasts: 2 s").begin()
        driver.wait(0)
        assert driver.take() == ["UserStartedSpeaking"]
        driver.wait(1.9)
        assert driver.take() == []
        driver.wait(0.1)
        assert driver.take() == ["user: Hi"]


class TestForcedEnd:
    """ForceEndTurn: obeyed by listen v2, refused by a Warning otherwise, ignored where no turn runs."""

    @pytest.mark.parametrize("how", ["audio", "speech"])
    def test_it_ends_the_turn_of_listen_v2(self, start, how):
        driver = start(f"- user: Hi\n  when: {how}\n  lasts: 9 s")
        driver.begin(driver.settings(listen=FLUX))
        driver.stream(0.5)
        driver.heard(True)
        driver.send("ForceEndTurn")
        assert driver.take() == ["UserStartedSpeaking", "user: Hi"]

    def test_it_is_unsupported_otherwise(self, start):
        driver = start("- user: Hi\n  lasts: 9 s").begin()
        driver.stream(0.5)
        driver.send("ForceEndTurn")
        assert driver.take() == ["UserStartedSpeaking", "Warning FORCE_END_TURN_UNSUPPORTED"]

    def test_it_is_ignored_where_no_turn_runs(self, start):
        driver = start("- agent: Hello!\n- user: Hi")
        driver.begin(driver.settings(listen=FLUX))
        driver.send("ForceEndTurn")
        driver.wait(1)
        assert driver.take() == [*said("Hello!"), "AgentAudioDone"]


class TestBargeIn:
    """The user talks over the agent, which falls silent first and says it is done with nothing."""

    STEPS = "- agent: A long tale\n  interrupted: {INTERRUPTED}\n- user: Stop\n- agent: All right."
    TOLD = (*said("A long tale"), "(hush)", "UserStartedSpeaking")

    def test_after_so_much_speech(self, start):
        driver = start(self.STEPS.replace("INTERRUPTED", "after: 0.5 s")).begin()
        driver.wait(0.4)
        assert driver.take() == said("A long tale")
        driver.wait(0.1)
        assert driver.take() == ["(hush)", "UserStartedSpeaking"]
        driver.stream(0.9)
        assert driver.take() == ["user: Stop"]
        driver.wait(1.5)
        assert driver.take() == [*said("All right."), "AgentAudioDone"]

    def test_by_speech(self, start):
        driver = start(self.STEPS.replace("INTERRUPTED", "by: speech")).begin()
        driver.send(TYPED | {"content": "not this"})
        driver.wait(0.7)
        driver.heard(True)
        assert driver.take() == [*self.TOLD, "user: not this"]

    def test_by_text(self, start):
        driver = start(self.STEPS.replace("INTERRUPTED", "by: text")).begin()
        driver.heard(True)
        driver.send(TYPED)
        assert driver.take() == [*self.TOLD, "user: What time is it?"]

    def test_a_reply_that_waits_for_another_is_interrupted_in_its_own_time(self, start):
        driver = start("- wait: 1 s\n" + self.STEPS.replace("INTERRUPTED", "after: 0.5 s")).begin()
        driver.wait(0.5)
        driver.send({"type": "InjectAgentMessage", "message": "Look!"})
        driver.wait(1.4)
        assert driver.take() == [*said("Look!"), "AgentAudioDone", *said("A long tale")]
        driver.wait(0.1)
        assert driver.take() == ["(hush)", "UserStartedSpeaking"]

    def test_a_reply_that_ends_before_it_is_interrupted(self, start):
        driver = start(self.STEPS.replace("INTERRUPTED", "by: speech")).begin()
        driver.wait(1)
        assert driver.take() == [*said("A long tale"), "AgentAudioDone"]

    def test_what_was_queued_is_forgotten(self, start):
        driver = start(self.STEPS.replace("INTERRUPTED", "after: 0.5 s")).begin()
        driver.send({"type": "InjectAgentMessage", "message": "Look!", "behavior": "queue"})
        driver.stream(3)
        assert "assistant: Look!" not in driver.take()

    def test_a_client_that_was_quiet_before_has_time_to_speak(self, start):
        driver = start("- user: Hi\n" + self.STEPS.replace("INTERRUPTED", "after: 0.5 s")).begin()
        driver.stream(1)
        driver.wait(0.75)
        assert driver.take()[-1] == "UserStartedSpeaking"
        driver.wait(0.8)
        assert driver.take() == []
        driver.stream(0.8)
        assert driver.take() == []
        driver.stream(0.1)
        assert driver.take() == ["user: Stop"]

    def test_a_client_that_stays_quiet_has_said_all(self, start):
        driver = start("- user: Hi\n" + self.STEPS.replace("INTERRUPTED", "after: 0.5 s")).begin()
        driver.stream(1)
        driver.wait(1.75)
        assert driver.take()[-2:] == ["UserStartedSpeaking", "user: Stop"]


class TestAgent:
    """The agent's turn: thinking, statements, a recording."""

    def test_it_thinks_as_long_as_it_takes(self, start):
        driver = start("- user: Hi\n  when: text\n- agent: Ho\n  thinking: Hm, ${greeting}").begin()
        driver.send(TYPED)
        assert driver.take() == [
            "user: What time is it?",
            "thinks 'Hm, Hello! How can I help you today?'",
        ]
        driver.wait(0.24)
        assert driver.take() == []
        driver.wait(0.01)
        assert driver.take() == said("Ho")

    def test_it_does_not_think_before_it_is_asked(self, start):
        driver = start("- agent: Hello!\n  thinking: Hm").begin()
        assert driver.take() == said("Hello!")

    def test_a_recording_is_played_in_place_of_the_speech(self, start):
        driver = start("- agent: Hello!\n  wav: hello.wav").begin()
        assert driver.take() == ["assistant: Hello!", "(plays hello.wav)"]

    def test_several_statements_are_one_reply(self, start):
        driver = start("- agent: [One., Two.]").begin()
        driver.wait(2)
        assert driver.take() == [*said("One."), *said("Two."), "AgentAudioDone"]
