"""A failure as a scenario, in real processes: whoever fails with the frames fails with it, and a good client passes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.fuzz.as_scenario import CannotSay
from mockagent.fuzz.failure import Failure
from mockagent.fuzz.near_miss import Opcode, Payload, Wire, text
from mockagent.fuzz.outcomes import Outcome, Verdict
from mockagent.fuzz.sending import Say, Sending
from mockagent.fuzzing.scenarios import scenario_of
from mockagent.protocol.events import Dialect, Side

MOCKAGENT = str(Path(sys.executable).with_name("mockagent"))
CLIENT = (sys.executable, str(Path(__file__).with_name("bad_client.py")))
BROKEN = "v1/server/ConversationText#text:truncated"


def failure(*wires, verdict=Verdict.HUNG, detail="no answer", function="get_weather"):
    sending = Sending(Dialect.V1, Side.SERVER, tuple(map(Say, wires)))
    options = {} if function is None else {"function": function}
    return Failure("client", ("x",), BROKEN, Outcome(verdict, detail), sending, "1.2", options)


def mockagent(*arguments, folder):
    env = {**os.environ, "XDG_DATA_HOME": str(folder)}
    return subprocess.run(
        [MOCKAGENT, *arguments], capture_output=True, text=True, cwd=folder, env=env, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzzed")


@pytest.fixture(scope="module")
def kept(folder):
    """The scenario that `fuzz client` keeps of a client which dies of what is no JSON, and what it printed."""
    fuzzed = mockagent(
        "fuzz", "client", "--only", BROKEN, "--shrink", "20", "--", *CLIENT, "dies", folder=folder
    )
    assert fuzzed.returncode == 1, fuzzed.stderr
    (path,) = (folder / ".mockagent" / "failures").glob("*.yaml")
    return path, fuzzed.stdout


def test_it_is_printed_and_kept_beside_the_frames(kept):
    path, said = kept
    assert path.with_suffix(".json").is_file()
    assert f"  as a scenario, {path.relative_to(path.parents[2])}:" in said
    assert all(f"    {line}" in said.splitlines() for line in path.read_text("utf-8").splitlines())
    assert catalogue.proved_scenario(path).name == path.stem


@pytest.mark.parametrize(("how", "passes"), [((), True), (("dies",), False), (("closes",), False)])
def test_run_plays_it(kept, folder, how, passes):
    played = mockagent("run", str(kept[0]), "--timeout", "30", "--", *CLIENT, *how, folder=folder)
    assert (played.returncode == 0) is passes, played.stderr
    assert ("was not finished" in played.stderr) is not passes


@pytest.mark.parametrize(("how", "passes"), [((), True), (("dies",), False)])
def test_conform_client_plays_it(kept, folder, how, passes):
    played = mockagent("conform", "client", str(kept[0]), "--", *CLIENT, *how, folder=folder)
    assert (played.returncode == 0) is passes, played.stdout
    assert (f"FAIL  {kept[0].stem}/course" in played.stdout) is not passes


def test_a_client_that_closes_is_right_where_the_file_lets_it(kept, folder):
    lenient = folder / "lenient.yaml"
    file = kept[0].read_text("utf-8")
    lenient.write_text(file.replace("before: Welcome}", "before: Welcome, may_close: true}"), "utf-8")
    assert lenient.read_text("utf-8") != file
    for how, code in (("closes", 0), ("dies", 9)):
        played = mockagent("run", str(lenient), "--timeout", "30", "--", *CLIENT, how, folder=folder)
        assert played.returncode == code, played.stderr
        assert ("was not finished" in played.stderr) is (how == "dies")


def test_the_head_says_what_was_seen_in_one_line():
    crashed = failure(text("a"), verdict=Verdict.CRASHED, detail="KeyError:\n\x1b 'é'")
    assert scenario_of(crashed).splitlines()[0] == (
        f"# crashed: KeyError: ? 'é', found by mockagent 1.2; the frames alone are in {crashed.id}.json."
    )


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        (failure(text("a"), verdict=Verdict.LEAKED), "what leaks does not show"),
        (failure(text("a"), function=None), "define no function"),
        (failure(*(text(f"{number:099}") for number in range(9_000))), "it would be refused: "),
        (failure(Wire(Opcode.TEXT, Payload(b"a"), fin=False)), "the last message is not all there"),
    ],
)
def test_what_is_none_says_why(failed, reason):
    with pytest.raises(CannotSay, match=reason):
        scenario_of(failed)
