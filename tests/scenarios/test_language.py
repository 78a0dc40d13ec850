"""What the scenario language can say and no bundled scenario says: the files in plays/, each played from end to end."""

from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.testing.client import lines_to_play

FILES = sorted(Path(__file__).with_name("plays").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_play_of_it_comes_to_its_end(path: Path, plays_out):
    scenario = catalogue.proved_scenario(path)
    for lines in lines_to_play(scenario):
        plays_out(scenario, lines)


def test_the_plays_are_there():
    assert len(FILES) > 30
