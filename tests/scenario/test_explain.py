"""The explanation: whole texts, as a reader sees them."""

import pytest

from mockagent.catalogue import bundled_scenarios, load_scenario, problems, requirements
from mockagent.scenario.explain import explained
from mockagent.scenario.opening import refuses_settings
from mockagent.scenario.parse import parse
from mockagent.scenario.reading import Recording, Surroundings
from mockagent.yaml_nodes import load

AROUND = Surroundings(
    read_wav=lambda path: Recording(path.encode(), 1.0),
    speaking_time=lambda text: len(text) / 10,
    problems=lambda *_: (),
    requirement_ids=requirements().keys(),
)


def explanation(text):
    return explained(parse(load(text, "plays/short.yaml"), "plays/short.yaml", AROUND), requirements())


def test_a_call_from_beginning_to_end():
    text = """\
summary: A short call
tags: [short]
switches: {history: false, latency_report: false, think_for: 1 s}
steps:
  - agent: Good morning, this is the bakery
    interrupted: {after: 1 s}
  - user: Do you have any rye bread left?
  - client: {type: UpdatePrompt, prompt: ~brief}
  - agent: We do.
  - server: {closes: 1011, reason: done}
"""
    assert (
        explanation(text)
        == """\
short: A short call
dialect v1; think_for: 1 s; latency_report: false; history: false
tags: short

line     time
         0.02 s  ← server  Welcome {"request_id": "00000000-0000-4000-8000-000000000000"}
         0.12 s  client →  Settings
         0.12 s  ← server  SettingsApplied
   5     0.12 s  ← server  ConversationText {"role": "assistant", "content": "Good morning, this is the bakery"}
         0.12 s  ← server  (audio, 1.00 s, cut short)
   7     1.12 s  ← server  UserStartedSpeaking
         1.12 s  client →  (audio, 3.10 s)
         4.22 s  ← server  ConversationText {"role": "user", "content": "Do you have any rye bread left?"}
   8     4.32 s  client →  UpdatePrompt {"prompt": "~brief"}
         4.32 s  ← server  PromptUpdated
   9     5.22 s  ← server  ConversationText {"role": "assistant", "content": "We do."}
         5.22 s  ← server  AgentStartedSpeaking {"total_latency": 1.0, "tts_latency": 0.4, "ttt_latency": 0.6}
         5.22 s  ← server  (audio, 0.60 s)
         5.82 s  ← server  AgentAudioDone
  10     5.82 s  ← server  (closes with 1011: done)
"""
    )


def test_branches_rounds_and_reactions_stand_where_they_are_written():
    text = """\
summary: Branches
switches: {history: false, latency_report: false, agent_started_speaking: false}
steps:
  - either:
      - - client: KeepAlive
      - - client: UpdateThink
        - server: AgentAudioDone
          breaks: AUD-008
  - any_order:
      - - client: UpdateSpeak
      - - client: {audio: 2 s}
  - repeat:
      times: 3
      steps:
        - wait: 1 s
        - client: KeepAlive
  - client: {closes: true}
reactions:
  - on: UpdateListen
    do:
      - agent: I see
"""
    assert (
        explanation(text).split("SettingsApplied\n")[1]
        == """\
                 either:
   5     0.22 s    client →  KeepAlive
                 or:
   6     0.22 s    client →  UpdateThink
         0.22 s    ← server  ThinkUpdated
   7     0.22 s    ← server  AgentAudioDone   breaks AUD-008
                 in any order:
  10     0.32 s    client →  UpdateSpeak
         0.32 s    ← server  SpeakUpdated
                 and:
  11     0.32 s    client →  (audio, 2.00 s)
                 3 times, of which this is the first:
  16     3.42 s    client →  KeepAlive
  17     5.72 s  client →  (closes)

whenever the client sends UpdateListen and no step waits for it:
  19     0.22 s    client →  UpdateListen
         0.22 s    ← server  ListenUpdated
  21     0.22 s    ← server  ConversationText {"role": "assistant", "content": "I see"}
         0.22 s    ← server  (audio, 0.50 s)
         0.72 s    ← server  AgentAudioDone
"""
    )


@pytest.mark.parametrize("path", bundled_scenarios(), ids=lambda path: path.stem)
def test_every_bundled_scenario_is_explained_line_by_line(path):
    scenario = load_scenario(path)
    text = explained(scenario, requirements())
    assert text.startswith(f"{scenario.name}: {scenario.summary}\n")
    assert ("SettingsApplied" in text) is not refuses_settings(scenario.steps)
    assert max(map(len, text.splitlines())) <= 160


def test_a_fault_is_told_where_it_strikes_with_what_comes_of_it(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text(
        "summary: s\n"
        "attempts: [{fault: {refused_503: {retry_after: 5 s}}}, {steps: [{agent: Hi.}, {fault: tcp_reset}]}]\n"
        "steps:\n  - client: Settings\n  - fault: malformed_json\n  - fault: {duplicated: {type: AgentAudioDone}}\n"
        "  - agent: Hello.\n",
        "utf-8",
    )
    text = explained(load_scenario(path), requirements(), problems)
    lines = [line.strip() for line in text.splitlines()]
    at = next(index for index, line in enumerate(lines) if "(fault: malformed_json)" in line)
    assert lines[at].startswith("5 ")
    assert "(text of " in lines[at + 1]
    at = next(index for index, line in enumerate(lines) if "(fault: duplicated type AgentAudioDone)" in line)
    assert lines[at].startswith("6 ")
    assert [line.endswith("← server  AgentAudioDone") for line in lines[at + 1 : at + 3]] == [True, True]
    assert "connection 1 (refused_503 retry_after 5 s):" in lines
    assert lines[-2].endswith("← server  (fault: tcp_reset)")
    assert lines[-1].endswith("← server  (gone, without a close frame)")
