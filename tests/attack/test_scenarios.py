"""Scenario files of an enemy: small texts that ask for much, and paths that lead out.

Those that no YAML is read of, such as a bomb of aliases, lie in tests/scenario/wrong.
"""

import pytest
from enemy import CLOSE, frame, settings, text

from mockagent import catalogue
from mockagent.errors import ScenarioError
from mockagent.limits import LONGEST_FILLED, LONGEST_PATTERN, PATTERN_WITHIN
from mockagent.scenario import matching
from mockagent.scenario.matching import difference, matches
from mockagent.scenario.templates import UnknownName, filled
from mockagent.testing import serving

HOPELESS = "/(a|a)*$/"
CATASTROPHES = {
    HOPELESS: "a" * 5_000 + "b",
    "/^(([a-z])+.)+[A-Z]([a-z])+$/": "a" * 200_000,
    "/(x+x+)+y/": "x" * 5_000,
}
PLAY = """
name: enemy
summary: s
steps:
  - client: Settings
  - client: {{type: UpdatePrompt, prompt: {prompt}}}
"""


@pytest.fixture(autouse=True)
def nothing_known():
    """No pattern is known to be hopeless before a test, nor after it."""
    matching._search.cache_clear()
    yield
    matching._search.cache_clear()


def refused(yaml):
    with pytest.raises(ScenarioError) as error:
        catalogue.scenario_of(yaml, "enemy.yaml")
    return str(error.value)


@pytest.mark.parametrize(("pattern", "value"), CATASTROPHES.items(), ids=CATASTROPHES)
def test_a_catastrophic_pattern_is_given_up_and_says_so(pattern, value):
    found = difference({"a": pattern}, {"a": value})
    assert (
        found.expected
        == f"a text in which {pattern} is found, for which {PATTERN_WITHIN:g} s were not enough"
    )


def test_a_pattern_that_was_given_up_is_not_searched_for_again(monkeypatch):
    assert not matches(HOPELESS, CATASTROPHES[HOPELESS])
    monkeypatch.setattr(matching, "PATTERN_WITHIN", 1_000.0)
    assert not matches(HOPELESS, CATASTROPHES[HOPELESS])
    assert not matches(HOPELESS, "a")


def test_a_pattern_that_is_quick_says_nothing_of_time():
    assert matches(HOPELESS, "aaa")
    assert difference("/^b$/", "a").expected == "a text in which /^b$/ is found"


def test_a_server_with_a_catastrophic_pattern_serves_on(raw, is_well):
    yaml = PLAY.format(prompt=f"'{HOPELESS}'")
    with serving(yaml=yaml, expect_finished=False, allow_findings=True) as server:
        client = raw(server.url).enter()
        client.send(text(settings()) + text({"type": "UpdatePrompt", "prompt": CATASTROPHES[HOPELESS]}))
        client.until("PromptUpdated")
        client.send(frame(CLOSE, b"\x03\xe8"))
        client.close_code()
        [session] = server.wait_for_close()
        assert "0.1 s were not enough" in str(session.closed.unmet[0])


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("a" * LONGEST_PATTERN, "at most 1000 characters, got 1002"),
        ("(" * 490 + ")" * 490, "expected a regular expression between slashes"),
        ("a{99999999999999999999}", "repeat count too big"),
        ("[a", "unterminated character set"),
    ],
    ids=["long", "deep", "many", "broken"],
)
def test_a_pattern_that_cannot_be_taken_is_refused_at_its_line(pattern, problem):
    told = refused(PLAY.format(prompt=f"'/{pattern}/'"))
    assert told.startswith("enemy.yaml:6:42: expected ")
    assert problem in told


def test_a_template_that_unfolds_to_too_much_stands_for_nothing():
    captured = {"much": "x" * 1_000}
    assert len(filled("${much}" * 1_000, captured)) == 1_000_000
    with pytest.raises(UnknownName, match=f"longer than {LONGEST_FILLED} characters"):
        filled("${much}" * 1_100, captured)


@pytest.mark.parametrize(
    "steps",
    [
        "- wait: 99999999999999999999 s",
        "- wait: 25 h",
        "- repeat: {times: 1000000000, steps: [{wait: 1 s}]}",
        "- repeat: {times: 1000, steps: [{repeat: {times: 1000, steps: [{wait: 1 s}]}}]}",
        "- server: {type: Warning, code: x, description: 1e999}",
        "- server: {type: Warning, code: x, description: " + "9" * 5_000 + "}",
        "- user: hello\n    wav: ../../../../etc/passwd",
        "- user: hello\n    wav: /etc/passwd",
    ],
    ids=[
        "a number",
        "a day",
        "a repeat",
        "repeats of repeats",
        "infinity",
        "digits",
        "a way out",
        "the root",
    ],
)
def test_what_asks_for_too_much_is_refused_at_its_line(steps):
    told = refused(f"name: enemy\nsummary: s\nsteps:\n  - client: Settings\n  {steps}\n")
    assert told.startswith("enemy.yaml:")
    assert len(told) < 600


def test_a_link_does_not_lead_out_of_the_folder(tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"RIFF")
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "inside.wav").symlink_to(secret)
    (folder / "enemy.yaml").write_text(
        "name: enemy\nsummary: s\nsteps:\n  - client: Settings\n  - user: hello\n    wav: inside.wav\n"
    )
    with pytest.raises(ScenarioError, match="which is outside"):
        catalogue.load_scenario(folder / "enemy.yaml")
