"""Every other kind of step, from the server's side: single messages, waiting, alternatives, repeats, reactions."""

from mockagent.protocol.events import Audio
from mockagent.scenario.part import Ending

PROMPT = {"type": "UpdatePrompt", "prompt": "Be kind."}
SPEAK = {"type": "UpdateSpeak", "speak": {"provider": {"type": "deepgram", "model": "aura-2-zeus-en"}}}


def said(text):
    return [f"assistant: {text}", f"(speaks {text!r})"]


def unmet(driver):
    (found,) = driver.player.unmet
    return str(found)


def test_a_message_that_fits_is_waited_for(start):
    driver = start("- client: {type: UpdatePrompt, prompt: ~kind}\n- agent: Yes.").begin()
    driver.send({**PROMPT, "prompt": "Be formal."})
    assert driver.take() == ["PromptUpdated"]
    driver.send(PROMPT)
    assert driver.take() == ["PromptUpdated", *said("Yes.")]


def test_a_message_that_came_early_is_kept(start):
    driver = start("- agent: Hello!\n- client: UpdatePrompt\n- agent: Yes.").begin()
    driver.send(PROMPT)
    assert driver.take() == [*said("Hello!"), "PromptUpdated"]
    driver.wait(1)
    assert driver.take() == ["AgentAudioDone", *said("Yes.")]


def test_a_keep_alive_that_came_early_is_not_kept(start):
    driver = start("- agent: Hello!\n- client: KeepAlive\n- agent: Yes.").begin()
    driver.send("KeepAlive")
    driver.wait(1)
    assert driver.take() == [*said("Hello!"), "AgentAudioDone"]
    driver.send("KeepAlive")
    assert driver.take() == said("Yes.")


def test_what_is_captured_is_put_into_later_texts(start):
    steps = """
- client: UpdatePrompt
  capture: {wish: /prompt}
- client: UpdateSpeak
  capture: {voice: /speak/provider/model, speak: /speak}
- agent: "${wish} in the voice of ${voice} (${speak.provider.type})"
- client: {type: UpdatePrompt, prompt: "${wish}"}
"""
    driver = start(steps).begin()
    driver.send(PROMPT)
    driver.send(SPEAK)
    driver.wait(1)
    assert said("Be kind. in the voice of aura-2-zeus-en (deepgram)")[0] in driver.take()
    driver.send(PROMPT)
    assert driver.player.ending is Ending.FINISHED


def test_a_capture_of_an_element_of_an_array(start):
    driver = start("- client: UpdateSpeak\n  capture: {a: /speak/1/provider/model}\n- agent: ${a}").begin()
    second = {"provider": {"type": "deepgram", "model": "aura-2-hera-en"}}
    driver.send({**SPEAK, "speak": [SPEAK["speak"], second]})
    assert "assistant: aura-2-hera-en" in driver.take()


def test_a_capture_of_what_is_not_there(start):
    driver = start("- client: UpdatePrompt\n  capture: {a: /prompt/0/x}").begin()
    driver.send(PROMPT)
    assert unmet(driver).startswith(
        "f.yaml:3: expected UpdatePrompt with something at /prompt/0/x, got nothing there"
    )


def test_a_template_that_stands_for_nothing_is_a_step_that_failed(start):
    steps = "- client: UpdateSpeak\n  capture: {a: /speak}\n- agent: ${a.provider.voice}\n- agent: Hello!"
    driver = start(steps).begin()
    driver.send(SPEAK)
    assert driver.take() == ["SpeakUpdated"]
    assert unmet(driver).startswith(
        "f.yaml:5: expected something for ${a.provider.voice}, got there is no 'voice' in the captured value"
    )


def test_so_much_audio_is_waited_for(start):
    driver = start("- client: {audio: 2 s}\n- agent: Thanks.").begin()
    driver.audio(1.5)
    assert driver.take() == []
    driver.audio(0.5)
    assert driver.take() == said("Thanks.")


def test_too_little_audio(start):
    driver = start("- client: {audio: 2 s}\n  within: 1 s").begin()
    driver.do(Audio(100))
    driver.wait(3)
    assert unmet(driver).startswith("f.yaml:3: expected 2 s of audio, got nothing like it in time")


def test_the_close_of_the_client_is_waited_for(start):
    driver = start("- client: {closes: true}").begin()
    driver.wait(1)
    driver.close(1006)
    assert driver.player.ending is Ending.FINISHED


def test_the_close_of_the_client_may_need_a_code(start):
    driver = start("- client: {closes: 1000}").begin()
    driver.close(1000)
    assert driver.player.ending is Ending.FINISHED
    driver = start("- client: {closes: 1000}").begin()
    driver.close(None)
    assert unmet(driver).startswith("f.yaml:3: expected a close with code 1000, got code none")


def test_a_client_that_does_not_close(start):
    driver = start("- client: {closes: 1000}\n  within: 2 s").begin()
    driver.wait(2)
    assert unmet(driver).startswith("f.yaml:3: expected the close of the client with code 1000, got nothing")


def test_the_server_closes(start):
    driver = start("- server: {closes: 1011, reason: broken}").begin()
    assert driver.take() == ["(closes 1011)"]
    assert (driver.actions[-1].reason, driver.player.ending) == ("broken", Ending.FINISHED)


def test_silence_is_waited_for(start):
    driver = start("- client: {silent: true}").begin()
    driver.wait(8)
    driver.audio()
    driver.close()
    assert unmet(driver).startswith("f.yaml:3: expected no message at all, got a close (1000)")


def test_a_pause_passes_by_itself(start):
    driver = start("- wait: 2 s\n- agent: Hello!").begin()
    driver.send(PROMPT)
    driver.wait(1.9)
    assert driver.take() == ["PromptUpdated"]
    driver.wait(0.1)
    assert driver.take() == said("Hello!")


def test_when_the_server_says_that_the_user_speaks_the_agent_is_hushed(start):
    steps = "- wait: 1 s\n- server: UserStartedSpeaking\n- user: Hi"
    driver = start(steps).begin()
    driver.wait(0.5)
    driver.send({"type": "InjectAgentMessage", "message": "Look!"})
    driver.wait(0.5)
    assert driver.take() == [*said("Look!"), "(hush)", "UserStartedSpeaking"]
    driver.audio(1)
    assert driver.take() == ["user: Hi"]


def test_what_breaks_a_requirement_on_purpose_says_so(start):
    driver = start("- server: AgentAudioDone\n  breaks: AUD-008").begin()
    assert driver.take() == ["AgentAudioDone"]
    assert driver.actions[-1].breaks == {"AUD-008"}


def test_of_alternatives_the_first_to_come_is_played(start):
    steps = """
- either:
    - [client: UpdatePrompt, agent: A prompt.]
    - [client: UpdateSpeak, agent: A voice.]
- agent: Over.
"""
    driver = start(steps).begin()
    driver.send(SPEAK)
    driver.send(PROMPT)
    driver.wait(2)
    played = ["SpeakUpdated", *said("A voice."), "PromptUpdated", "AgentAudioDone", *said("Over.")]
    assert driver.take() == [*played, "AgentAudioDone"]


def test_of_alternatives_one_that_came_early_is_played(start):
    steps = """
- agent: Hello!
- either:
    - [client: UpdatePrompt, agent: A prompt.]
    - [client: UpdateSpeak, agent: A voice.]
"""
    driver = start(steps).begin()
    driver.send(SPEAK)
    driver.wait(1)
    assert driver.take() == [*said("Hello!"), "SpeakUpdated", "AgentAudioDone", *said("A voice.")]


def test_alternatives_that_do_not_come_are_all_named(start):
    steps = """
- either:
    - - client: UpdatePrompt
        within: 1 s
    - - client: UpdateSpeak
        within: 2 s
"""
    driver = start(steps).begin()
    driver.wait(1.5)
    assert driver.player.unmet == ()
    driver.wait(1)
    assert unmet(driver).startswith("f.yaml:4: expected UpdatePrompt or UpdateSpeak, got nothing like it")


def test_parts_in_any_order(start):
    steps = """
- any_order:
    - [client: UpdatePrompt]
    - [client: UpdateSpeak]
- agent: Both.
"""
    for order in ((PROMPT, SPEAK), (SPEAK, PROMPT)):
        driver = start(steps).begin()
        driver.send(order[0])
        assert len(driver.take()) == 1
        driver.send(order[1])
        assert driver.take()[1:] == said("Both.")
    driver = start(steps).begin()
    driver.close()
    assert unmet(driver).startswith("f.yaml:4: expected UpdatePrompt and UpdateSpeak, got a close (1000)")


def test_steps_are_repeated(start):
    driver = start("- repeat: {times: 3, steps: [client: UpdatePrompt, agent: Yes.]}\n- agent: Over.").begin()
    for _ in range(3):
        driver.send(PROMPT)
        driver.wait(1)
    driver.wait(1)
    once = ["PromptUpdated", *said("Yes."), "AgentAudioDone"]
    assert driver.take() == [*once * 3, *said("Over."), "AgentAudioDone"]


REACTION = """reactions:
  - on: {type: UpdatePrompt, prompt: ~kind}
    do:
      - agent: I am kind.
"""


def test_a_reaction_is_played_whenever_no_step_waits_for_it(start):
    driver = start("- client: UpdateSpeak\n- client: UpdatePrompt", more=REACTION).begin()
    driver.send(PROMPT)
    driver.wait(1)
    assert driver.take() == ["PromptUpdated", *said("I am kind."), "AgentAudioDone"]
    driver.send({**PROMPT, "prompt": "Be formal."})
    driver.send(SPEAK)
    assert driver.take() == ["PromptUpdated", "SpeakUpdated"]
    assert driver.player.ending is Ending.FINISHED


def test_a_step_that_waits_comes_before_a_reaction(start):
    driver = start("- client: UpdatePrompt\n- wait: 2 s", more=REACTION).begin()
    driver.send(PROMPT)
    assert driver.take() == ["PromptUpdated"]
    driver.send(PROMPT)
    assert driver.take() == ["PromptUpdated", *said("I am kind.")]


def test_what_is_typed_for_a_reaction_is_a_turn_of_the_user(start):
    more = "reactions:\n  - on: {type: InjectUserMessage, content: ~time}\n    do: [agent: Late.]\n"
    driver = start("- agent: Hello!\n- wait: 9 s", more=more).begin()
    driver.send({"type": "InjectUserMessage", "content": "What time is it?"})
    driver.wait(1.5)
    driver.send({"type": "InjectUserMessage", "content": "The time?"})
    expected = ["(hush)", "UserStartedSpeaking", "user: What time is it?", *said("Late."), "AgentAudioDone"]
    assert driver.take() == [*said("Hello!"), *expected, "user: The time?"]
