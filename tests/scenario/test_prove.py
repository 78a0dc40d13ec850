"""The proof: what a script may not do unsaid, what it must do if it says so, and which line is told."""

import pytest

from mockagent.catalogue import bundled_scenarios, load_scenario, proved_scenario, requirements, schemas
from mockagent.errors import ScenarioError
from mockagent.scenario.parse import parse
from mockagent.scenario.prove import proved
from mockagent.scenario.reading import Recording, Surroundings
from mockagent.yaml_nodes import load

AROUND = Surroundings(
    read_wav=lambda path: Recording(path.encode(), 1.0),
    speaking_time=lambda text: len(text) / 10,
    problems=lambda *_: (),
    requirement_ids=requirements().keys(),
)


def problems(dialect, side, body):
    return schemas().problems(dialect, side, body)


def flaws(steps, more=""):
    text = f"summary: s\n{more}steps:\n" + "".join(f"  {line}\n" for line in steps.strip().splitlines())
    return proved(parse(load(text, "f.yaml"), "f.yaml", AROUND), requirements(), problems)


def broken(steps, more=""):
    """The lines of the flaws, and which requirement each names."""
    return [(flaw.line, flaw.text.split("breaks ")[-1].split(" ")[0]) for flaw in flaws(steps, more)]


@pytest.mark.parametrize("path", bundled_scenarios(), ids=lambda path: path.stem)
def test_every_bundled_scenario_is_proved(path):
    assert proved(load_scenario(path), requirements(), problems) == []


def test_a_breach_is_told_with_its_sentence_and_what_to_write():
    (flaw,) = flaws("- agent: Hello\n- server: AgentAudioDone")
    assert (flaw.file, flaw.line, flaw.column) == ("f.yaml", 4, 5)
    sentence = requirements()["AUD-008"].sentence.removesuffix(".")
    assert flaw.text.startswith(f"AgentAudioDone breaks AUD-008 ({sentence}): expected ")
    assert flaw.text.endswith("; write `breaks: AUD-008` if that is meant")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("- user: Hi\n- agent: Ho\n- server: AgentThinking", [(5, "MSG-008"), (5, "TRN-003")]),
        ("- server: UserStartedSpeaking\n- agent: Ho", [(4, "AUD-006"), (4, "AUD-008"), (4, "TRN-002")]),
        ("- agent: Hi\n- call: {f: {}}", [(4, "FUN-007")]),
        ("- server: {type: Welcome, request_id: 6f1bdb58-8f0f-4a8f-9f39-2f3b8a5b3c11}", [(3, "OPN-003")]),
        ("- repeat:\n    times: 3\n    steps:\n      - server: PromptUpdated", [(6, "UPD-001")]),
        ("- either:\n  - - user: Hi\n  - - client: KeepAlive\n    - server: SpeakUpdated", [(6, "UPD-001")]),
    ],
)
def test_what_a_script_may_not_do_unsaid(steps, expected):
    assert sorted(set(broken(steps))) == sorted(expected)


@pytest.mark.parametrize(
    "steps",
    [
        "- agent: Hello\n- server: AgentAudioDone\n  breaks: AUD-008",
        "- server: PromptUpdated\n  breaks: [UPD-001]",
        "- server: {type: Nonsense}\n  breaks: MSG-007",
        "- server: {type: Warning, code: 7}\n  breaks: MSG-008",
        "- client: UpdatePrompt\n- server: SpeakUpdated\n  breaks: UPD-001",
    ],
)
def test_what_it_says_that_it_breaks_it_may_break(steps):
    assert flaws(steps) == []


def test_what_it_says_that_it_breaks_it_must_break():
    (flaw,) = flaws("- agent: Hello\n  breaks: AUD-008")
    assert (flaw.line, flaw.text.split(" but ")[0]) == (3, "this step says `breaks: AUD-008`")


def test_what_is_broken_in_one_branch_is_broken():
    steps = """
- either:
    - - user: Hello
    - - client: KeepAlive
- call: {f: {}}
"""
    assert broken(steps) == [(6, "FUN-007")]
    assert flaws(f"{steps}  breaks: FUN-007") == []


def test_the_client_may_do_what_it_likes():
    assert flaws("- client: FunctionCallResponse\n- client: {silent: true}") == []


def test_reactions_are_proved_too():
    more = "reactions:\n  - on: UpdatePrompt\n    do: [{server: SpeakUpdated}]\n"
    assert broken("- agent: Hi", more) == [(4, "UPD-001")]


def test_settings_that_no_one_could_speak_to_are_refused(tmp_path):
    path = tmp_path / "mp3.yaml"
    audio = "audio: {output: {container: ogg}}"
    voice = "agent: {speak: {provider: {type: deepgram, model: aura-2-thalia-en}}}"
    steps = f"- client: {{type: Settings, {audio}, {voice}}}\n- agent: Hello.\n"
    path.write_text(f"summary: s\nsteps:\n{steps}", "utf-8")
    with pytest.raises(ScenarioError, match=r"this step cannot be played: .*FAILED_TO_SPEAK"):
        proved_scenario(path)


@pytest.mark.parametrize(
    "audio",
    ["output: {encoding: mp3}", "output: {encoding: opus, container: ogg}", "output: {container: wav}"]
    + [f"input: {{encoding: {each}}}" for each in ("opus", "flac", "g729")],
)
@pytest.mark.parametrize("when", ["audio", "speech"])
def test_every_encoding_can_be_rehearsed(audio, when):
    steps = f"- client: {{type: Settings, audio: {{{audio}}}}}\n- user: Hello.\n  when: {when}\n- agent: Hi."
    assert flaws(steps) == []


@pytest.mark.parametrize("before", ["", "- agent: Hello.\n"])
def test_what_the_service_would_refuse_is_not_asked_of_the_client(before):
    (flaw,) = flaws(f"- client: Settings\n{before}- client: Settings\n- agent: Hi.")[:1]
    assert "Settings breaks SET-003" in flaw.text


def test_a_script_may_ask_the_client_to_be_refused_if_it_says_so():
    assert flaws("- client: Settings\n- client: Settings\n  breaks: SET-003") == []


def test_a_code_out_of_nothing_need_not_be_owned_up_to_nor_does_it_harm():
    assert flaws("- error: SETTINGS_ALREADY_APPLIED") == []
    assert flaws("- error: SETTINGS_ALREADY_APPLIED\n  breaks: SET-012") == []
    code = "{type: Warning, code: FORCE_END_TURN_UNSUPPORTED, description: x}"
    assert flaws(f"- server: {code}") == []


def test_what_a_client_is_only_noted_for_may_be_named_too():
    settings = "- client: {type: Settings, agent: {listen: {provider: {type: deepgram, model: nova-3}}}}"
    asks = "- client: ForceEndTurn"
    assert flaws(f"{settings}\n{asks}") == []
    assert flaws(f"{settings}\n{asks}\n  breaks: TRN-014") == []
    assert [flaw.line for flaw in flaws(f"{settings}\n- client: KeepAlive\n  breaks: TRN-014")] == [4]
