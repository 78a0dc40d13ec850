"""What fuzzers have found stays mended, and a fuzzer that follows the coverage finds nothing new in a few seconds."""

import os
import subprocess
import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "targets.py"
spec = spec_from_file_location("fuzz_targets", SCRIPT)
targets = module_from_spec(spec)
spec.loader.exec_module(targets)

SEEDS = [(name, path) for name in targets.TARGETS for path in targets.seeds(name)]
MOST_FILES, MOST_BYTES = 80, 4096


@pytest.mark.parametrize(("name", "path"), SEEDS, ids=lambda each: getattr(each, "name", each))
def test_the_corpus_does_no_harm(name, path):
    targets.TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", targets.TARGETS)
def test_the_corpus_is_small(name):
    sizes = [path.stat().st_size for path in targets.seeds(name)]
    assert 0 < len(sizes) <= MOST_FILES
    assert max(sizes) <= MOST_BYTES


@pytest.mark.skipif(
    find_spec("atheris") is None, reason="atheris has no wheel for this platform, or is not installed"
)
@pytest.mark.parametrize("name", targets.TARGETS)
def test_a_few_seconds_of_fuzzing_find_nothing(name, tmp_path):
    command = [sys.executable, str(SCRIPT), name, "--seconds", "3"]
    found = tmp_path / "found"
    found.mkdir()
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "FUZZ_FOUND": str(found)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "no interesting inputs" not in done.stderr  # the code is watched
    assert not list(tmp_path.glob("crash-*"))
