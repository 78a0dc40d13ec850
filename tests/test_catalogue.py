"""The file side: scenarios found by path and by name from anywhere, and what is refused of files."""

import wave

import pytest

from mockagent.catalogue import (
    MOST_BYTES,
    bundled_scenarios,
    find_scenario,
    find_scenarios,
    load_scenario,
    proved_scenario,
    read_schema,
    requirements,
    schemas,
    wav_reader,
)
from mockagent.errors import NoSuchName, ScenarioError
from mockagent.protocol.events import Dialect, Side

ASKED_FOR = [
    "barge_in",
    "greeting_only",
    "function_call",
    "two_functions_at_once",
    "server_side_function",
    "injection_refused",
    "injection_queue_and_interrupt",
    "text_only",
    "prompt_and_speak_updates",
    "warnings",
    "fatal_error",
    "silence_timeout",
    "early_access_conversation",
    "everyday_call",
]


@pytest.fixture
def recording(tmp_path):
    folder = tmp_path / "inside"
    folder.mkdir()
    with wave.open(str(folder / "hello.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\1" * 12000)
    return folder / "hello.wav"


@pytest.mark.parametrize("name", ASKED_FOR)
def test_every_scenario_that_must_be_there_is_found_by_its_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_scenario(find_scenario(name)).name == name


@pytest.mark.parametrize("path", bundled_scenarios(), ids=lambda path: path.stem)
def test_every_bundled_scenario_can_be_played_and_says_what_it_is(path):
    scenario = proved_scenario(path)
    assert scenario.name == path.stem
    assert 10 < len(scenario.summary) <= 100


def test_bundled_names_are_unique_and_the_famous_one_is_first():
    stems = [path.stem for path in bundled_scenarios()]
    assert len(set(stems)) == len(stems)
    assert stems[0] == "barge_in"


def test_the_everyday_call_has_ten_turns():
    scenario = load_scenario(find_scenario("everyday_call"))
    turns = [type(step).__name__ for step in scenario.steps]
    assert turns.count("AgentTurn") >= 10
    assert turns.count("CallTurn") == 1
    assert any(getattr(step, "interrupted", None) for step in scenario.steps)


@pytest.mark.parametrize(
    "name",
    [
        "function_call",
        "functions/function_call",
        "functions/function_call.yaml",
        "scenarios/functions/function_call.yaml",
        "./scenarios/functions/function_call.yaml",
    ],
)
def test_a_bundled_scenario_is_found_from_anywhere(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = find_scenario(name)
    assert found.is_file()
    assert found.parts[-3:] == ("scenarios", "functions", "function_call.yaml")


def test_a_file_of_ones_own_comes_before_a_bundled_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "barge_in").write_text("summary: mine\nsteps: [{agent: Hi}]\n")
    assert load_scenario(find_scenario("barge_in")).summary == "mine"


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(
        NoSuchName, match="no file or bundled scenario named 'barge_inn'; did you mean 'barge_in'"
    ):
        find_scenario("barge_inn")


def test_a_folder_is_all_its_files_in_order_and_none_twice(tmp_path):
    for name in ("b.yaml", "a.yaml", "deeper/c.yaml", "no.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("summary: s\n")
    found = find_scenarios([str(tmp_path), str(tmp_path / "b.yaml")])
    assert [path.name for path in found] == ["a.yaml", "b.yaml", "c.yaml"]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(NoSuchName, match="no scenario file"):
        find_scenarios([str(tmp_path)])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"summary: a\nsteps: \xff\n", ":2:8: expected UTF-8, got the byte 0xff"),
        (b"#" * (MOST_BYTES + 1), f":1:1: expected a file of at most {MOST_BYTES} bytes, got more"),
        (None, ":1:1: cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_text_file_is_refused(tmp_path, data, message):
    path = tmp_path / "x.yaml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ScenarioError) as raised:
        load_scenario(path)
    assert str(raised.value) == f"{path}{message}"


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfsummary: s\nsteps: [{agent: Hi}]\n")
    assert load_scenario(path).summary == "s"


def test_a_recording_lasts_as_long_as_it_lasts(recording):
    found = wav_reader(recording.parent)("hello.wav")
    assert (found.lasts, found.data) == (1.5, recording.read_bytes())


def test_a_recording_beside_the_scenario_is_taken(recording):
    path = recording.parent / "x.yaml"
    path.write_text("summary: s\nsteps: [{user: Hi, wav: hello.wav}]\n")
    assert load_scenario(path).steps[0].lasts == 1.5


@pytest.mark.parametrize("path", ["../secret.wav", "deeper/../../secret.wav", "link.wav", "link/secret.wav"])
def test_a_recording_outside_the_folder_is_refused_however_it_is_named(recording, path):
    folder = recording.parent
    secret = folder.parent / "secret.wav"
    secret.write_bytes(recording.read_bytes())
    (folder / "deeper").mkdir()
    (folder / "link.wav").symlink_to(secret)
    (folder / "link").symlink_to(folder.parent)
    with pytest.raises(ValueError, match="which is outside"):
        wav_reader(folder)(path)


def test_an_absolute_path_outside_the_folder_is_refused(recording):
    with pytest.raises(ValueError, match="which is outside"):
        wav_reader(recording.parent)("/etc/hostname")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.wav", None, "expected a WAV file, got 'none.wav', which is no file"),
        ("text.wav", b"hello", "'text.wav' cannot be played: expected a RIFF/WAVE header"),
        ("cut.wav", b"RIFF\0\0\0\0WAVE", "'cut.wav' cannot be played"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path, name, data, message):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError) as raised:
        wav_reader(tmp_path)(name)
    assert str(raised.value).startswith(message)


def test_a_folder_is_no_recording(tmp_path):
    (tmp_path / "x.wav").mkdir()
    with pytest.raises(ValueError, match="which is no file"):
        wav_reader(tmp_path)("x.wav")


def test_requirements_are_known_by_their_ids():
    found = requirements()
    assert len(found) > 40
    assert all(id == requirement.id for id, requirement in found.items())
    assert found["SET-001"].binds is Side.CLIENT
    assert found["SET-001"].refusal.code == "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"
    assert found["UPD-001"].dialects == (Dialect.V1,)


def test_schemas_are_read_from_their_files():
    assert read_schema("v1/client/UpdatePrompt.json")["title"] == "UpdatePrompt"
    assert schemas().problems(Dialect.V1, Side.CLIENT, {"type": "UpdatePrompt", "prompt": "x"}) == ()
    with pytest.raises(FileNotFoundError):
        read_schema("v1/client/Nothing.json")
