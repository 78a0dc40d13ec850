"""The search for planted keys finds every kind of leak, and nothing where there is none."""

import importlib.util
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.shows_planted_keys
HERE = Path(__file__).parent
KEY = "planted-0f5d1c7e9ab34d62"

LEAKS = {
    "print": f"def test_it():\n    print('{KEY}')\n",
    "stderr": f"import sys\ndef test_it():\n    print('{KEY}', file=sys.stderr)\n",
    "log": f"import logging\ndef test_it():\n    logging.getLogger('x').warning('{KEY}')\n",
    "fixture": "import pytest\n@pytest.fixture\ndef it():\n    yield\n"
    f"    print('{KEY}')\ndef test_it(it):\n    pass\n",
    "file": f"def test_it(tmp_path):\n    (tmp_path / 'a').mkdir()\n    (tmp_path / 'a' / 'b').write_text('x {KEY}')\n",
    "name": f"def test_it(tmp_path):\n    (tmp_path / '{KEY}').touch()\n",
    "process": "import subprocess, sys\ndef test_it():\n    subprocess.run([sys.executable, '-c', "
    "'import os; print(os.environ[\"DEEPGRAM_API_KEY\"])'], capture_output=True)\n",
    "command": "import os, click\nfrom click.testing import CliRunner\ndef test_it():\n    CliRunner().invoke("
    "click.Command('x', callback=lambda: click.echo(os.environ['DEEPGRAM_ACCESS_TOKEN'])))\n",
}
CLEAN = "import os\ndef test_it(tmp_path):\n    print('all is well')\n    (tmp_path / 'a').write_text('x')\n"


@pytest.fixture
def run(pytester):
    def run(test, *arguments):
        pytester.makeconftest((HERE / "planted.py").read_text("utf-8"))
        pytester.makepyfile(test)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=60)

    return run


@pytest.mark.parametrize("test", LEAKS.values(), ids=LEAKS)
def test_a_leak_fails_its_test(run, test):
    result = run(test)
    assert result.ret == 1
    result.stdout.fnmatch_lines("*a planted key is in*")


def test_a_leak_is_found_by_workers_too(run):
    assert run(LEAKS["file"], "-n", "1").ret == 1


def test_where_nothing_leaks_nothing_fails(run):
    assert run(CLEAN).ret == 0


def test_a_test_that_is_marked_may_show_keys(run):
    assert run(f"import pytest\npytestmark = pytest.mark.shows_planted_keys\n{LEAKS['print']}").ret == 0


def test_the_suite_itself_is_searched(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("planted")


def test_a_server_that_traces_its_surroundings_would_be_seen():
    spec = importlib.util.spec_from_file_location("planted_again", HERE / "planted.py")
    planted = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(planted)
    assert planted.planted_in(f"Authorization: Token {KEY}")
    assert planted.planted_in(b"\xff" + KEY.encode())
    assert not planted.planted_in("Authorization: [redacted]")
    assert not planted.planted_in(None)
