"""Order in scenarios when they are served: before, within, in order, never; and that nothing else is lost."""

import pytest

from mockagent.protocol.events import Side
from mockagent.scenario.model import Ban, Never
from mockagent.scenario.part import Ending

PROMPT = {"type": "UpdatePrompt", "prompt": "Be kind."}
SPEAK = {"type": "UpdateSpeak", "speak": {"provider": {"type": "deepgram", "model": "aura-2-zeus-en"}}}
THINK = {"type": "UpdateThink", "think": {"provider": {"type": "open_ai", "model": "gpt-5"}}}
ASK = {"type": "InjectUserMessage", "content": "What time is it?"}
FUNCTIONS = [{"name": name} for name in "abc"]


def said(text):
    return [f"assistant: {text}", f"(speaks {text!r})"]


def unmet(driver):
    (found,) = driver.player.unmet
    return str(found)


def answer(number):
    return {"type": "FunctionCallResponse", "id": f"call-{number}", "name": "abc"[number - 1], "content": "1"}


BEFORE = """
- client: UpdatePrompt
  before:
    - agent: A long story.
- agent: Over.
"""


def test_what_must_come_before_a_reply_is_over_may_come_at_any_moment_of_it(start):
    for moment in (0, 0.5, 0.99):
        driver = start(BEFORE).begin()
        driver.wait(moment)
        driver.send(PROMPT)
        driver.wait(3)
        driver.take()
        assert driver.player.ending is Ending.FINISHED


def test_what_comes_after_the_reply_is_too_late(start):
    driver = start(BEFORE).begin()
    driver.wait(1)
    driver.send(PROMPT)
    assert driver.player.ending is Ending.UNFINISHED
    assert unmet(driver) == (
        "f.yaml:3: expected UpdatePrompt before the steps under it are over, "
        "got the end of the steps up to line 5 (last came: Settings)"
    )


def test_one_message_before_another(start):
    steps = "- client: UpdatePrompt\n  before: [client: UpdateSpeak]\n- agent: Both."
    driver = start(steps).begin()
    driver.send(THINK)
    driver.send(PROMPT)
    driver.send(SPEAK)
    assert driver.take()[-1] == said("Both.")[-1]
    driver = start(steps).begin()
    driver.send(SPEAK)
    driver.send(PROMPT)
    assert unmet(driver).startswith("f.yaml:3: expected UpdatePrompt before the steps under it are over")


def test_audio_before_something_else(start):
    steps = "- client: {audio: 1 s}\n  before: [client: UpdateSpeak]"
    driver = start(steps).begin()
    driver.audio(0.9)
    driver.send(SPEAK)
    assert unmet(driver).startswith("f.yaml:3: expected 1 s of audio before")
    driver = start(steps).begin()
    driver.audio(1)
    driver.send(SPEAK)
    assert driver.player.ending is Ending.FINISHED


def test_a_message_before_the_close(start):
    steps = "- client: UpdatePrompt\n  before: [client: {closes: true}]"
    driver = start(steps).begin()
    driver.send(PROMPT)
    driver.close()
    assert driver.player.ending is Ending.FINISHED
    driver = start(steps).begin()
    driver.close()
    assert unmet(driver).startswith("f.yaml:3: expected UpdatePrompt before")


def test_it_may_have_a_limit_of_its_own(start):
    driver = start(BEFORE.replace("  before", "  within: 500 ms\n  before")).begin()
    driver.wait(0.6)
    assert unmet(driver).startswith("f.yaml:3: expected UpdatePrompt, got nothing like it in time")


def test_it_has_no_other_limit_than_the_end_of_the_steps(start):
    driver = start("- client: UpdatePrompt\n  before: [wait: 100 s]\n- agent: Over.").begin()
    for _ in range(18):
        driver.wait(5)
        driver.send("KeepAlive")
    driver.send(PROMPT)
    driver.wait(9)
    driver.send("KeepAlive")
    driver.wait(3)
    assert driver.player.ending is Ending.FINISHED


CALLS = "- user: Now?\n  when: text\n- call: {a: {}, b: {}, c: {}}\n  order: [c, a]\n- agent: Done."


@pytest.mark.parametrize("order", [(3, 1, 2), (3, 2, 1), (2, 3, 1)])
def test_answers_in_their_order(start, order):
    driver = start(CALLS)
    driver.begin(driver.settings(functions=FUNCTIONS))
    driver.send(ASK)
    driver.wait(1)
    for number in order:
        driver.send(answer(number))
    assert driver.take()[-2:] == said("Done.")


@pytest.mark.parametrize("order", [(1, 3, 2), (1, 2, 3), (2, 1, 3)])
def test_answers_out_of_their_order(start, order):
    driver = start(CALLS)
    driver.begin(driver.settings(functions=FUNCTIONS))
    driver.send(ASK)
    driver.wait(1)
    for number in order:
        driver.send(answer(number))
    assert unmet(driver).startswith("f.yaml:5: expected an answer of c before that of a, got that of a first")


NEVER = """
- never: [{client: {type: UpdatePrompt, prompt: ~rude}}, {client: {audio: true}}]
  during:
    - agent: A long story.
    - client: UpdatePrompt
- client: UpdateSpeak
- agent: Over.
"""


def test_what_must_never_come_is_told_and_the_play_goes_on(start):
    driver = start(NEVER).begin()
    driver.send({**PROMPT, "prompt": "Be rude."})
    driver.audio()
    driver.audio()
    driver.wait(1)
    driver.send(SPEAK)
    assert driver.take()[-2:] == said("Over.")
    assert [str(each) for each in driver.player.unmet] == [
        'f.yaml:3: expected no UpdatePrompt with {"prompt": "~rude"} of the client, '
        "got UpdatePrompt (last came: Settings, UpdatePrompt)",
        "f.yaml:3: expected no audio of the client, "
        "got audio (3200 bytes) (last came: Settings, UpdatePrompt, audio)",
    ]
    assert driver.player.ending is Ending.UNFINISHED


def test_what_is_banned_may_come_before_and_after(start):
    driver = start("- client: UpdateThink" + NEVER).begin()
    driver.audio()
    driver.send(THINK)
    driver.wait(1)
    driver.send(PROMPT)
    driver.audio()
    driver.send({**PROMPT, "prompt": "Be rude."})
    driver.send(SPEAK)
    driver.wait(1)
    assert driver.player.unmet == ()
    assert driver.player.ending is Ending.FINISHED


def test_a_step_that_fails_is_told_beside_what_must_never_come(start):
    driver = start(NEVER).begin()
    driver.audio()
    driver.wait(1)
    driver.close()
    never, missing = driver.player.unmet
    assert never.expected == "no audio of the client"
    assert str(missing).startswith("f.yaml:6: expected UpdatePrompt, got a close (1000)")


def test_never_in_the_whole_scenario_holds_after_the_last_step_too(start):
    driver = start("- agent: Hello!", more="never: {client: UpdatePrompt}\n").begin()
    driver.wait(2)
    assert driver.player.ending is Ending.FINISHED
    driver.send(PROMPT)
    assert unmet(driver).startswith("f.yaml:2: expected no UpdatePrompt of the client, got UpdatePrompt")
    assert driver.player.ending is Ending.UNFINISHED


def test_what_the_server_must_never_send(start):
    driver = start(
        "- agent: Hello!\n- client: UpdateSpeak", more="never: {server: InjectionRefused}\n"
    ).begin()
    driver.send({"type": "InjectAgentMessage", "message": "And I am Bob."})
    assert "InjectionRefused" in driver.take()
    assert unmet(driver).startswith(
        "f.yaml:2: expected no InjectionRefused of the server, got InjectionRefused"
    )


def test_each_round_has_bans_of_its_own(start):
    steps = """
- repeat:
    times: 2
    steps:
      - never: {client: {audio: true}}
        during: [client: UpdatePrompt]
"""
    driver = start(steps).begin()
    for _ in range(2):
        driver.audio()
        driver.send(PROMPT)
    assert len(driver.player.unmet) == 2


def test_bans_of_both_sides_are_read_from_one_mapping(scenario):
    step = scenario("- never: {client: KeepAlive, server: Warning}\n  during: [agent: Hello!]").steps[0]
    assert isinstance(step, Never)
    assert step.bans == (
        Ban(Side.CLIENT, {"type": "KeepAlive"}, step.bans[0].place),
        Ban(Side.SERVER, {"type": "Warning"}, step.bans[0].place),
    )


ANY = "- any_order:\n    - [client: UpdatePrompt]\n    - [client: UpdateSpeak, client: UpdateThink]\n  within: 3 s\n"


def test_any_order_within_so_long(start):
    driver = start(ANY + "- agent: Over.").begin()
    for body in (SPEAK, PROMPT, THINK):
        driver.wait(0.9)
        driver.send(body)
    assert driver.take()[-2:] == said("Over.")
    driver = start(ANY + "- agent: Over.").begin()
    for body in (SPEAK, PROMPT):
        driver.wait(1)
        driver.send(body)
    driver.wait(1)
    assert unmet(driver).startswith("f.yaml:5: expected UpdateThink, got nothing like it in time")


@pytest.mark.parametrize(
    "steps",
    [
        "- either: [[client: UpdatePrompt], [client: UpdateSpeak]]\n  within: 2 s",
        "- repeat: {times: 2, steps: [client: UpdatePrompt]}\n  within: 2 s",
    ],
)
def test_a_limit_for_a_choice_or_a_repeat(start, steps):
    driver = start(steps).begin()
    driver.wait(1.9)
    assert driver.player.unmet == ()
    driver.wait(0.2)
    assert "got nothing like it in time" in unmet(driver)


def test_a_pause_is_not_cut_short_by_a_limit(start):
    driver = start(
        "- repeat: {times: 1, steps: [client: UpdatePrompt, wait: 1 s]}\n  within: 2 s\n- agent: Over."
    )
    driver.begin()
    driver.wait(1.5)
    driver.send(PROMPT)
    driver.wait(0.9)
    assert driver.take() == ["PromptUpdated"]
    driver.wait(0.1)
    assert driver.take() == said("Over.")


def test_the_agent_may_speak_while_the_client_does_things_in_any_order(start):
    steps = "- any_order: [[agent: A story.], [client: UpdatePrompt], [client: UpdateSpeak]]\n- agent: Over."
    for order in ((PROMPT, SPEAK), (SPEAK, PROMPT)):
        driver = start(steps).begin()
        driver.send(order[0])
        driver.wait(1)
        assert driver.take()[-1] == "AgentAudioDone"
        driver.send(order[1])
        assert driver.take()[-2:] == said("Over.")
