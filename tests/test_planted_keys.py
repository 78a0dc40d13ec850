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
PIECEMEAL = """
import asyncio, subprocess, sys
CHILD = [sys.executable, "-c", "import os; print(os.environ['DEEPGRAM_API_KEY'])"]
def child(**how):
    return subprocess.Popen(CHILD, stdout=subprocess.PIPE, **how)
def test_a_line():
    with child(text=True) as made:
        assert made.stdout.readline()
def test_lines():
    with child() as made:
        assert len(list(made.stdout)) == 1
def test_all():
    with child() as made:
        assert made.stdout.read()
def test_bytes():
    with child() as made:
        assert made.stdout.read(9) and made.stdout.read1(99)
def test_unbuffered():
    with child(bufsize=0) as made:
        assert [made.stdout.read(9) for _ in range(3)][2]
def test_asyncio():
    async def run():
        made = await asyncio.create_subprocess_exec(*CHILD, stdout=subprocess.PIPE)
        assert await made.stdout.readline()
        await made.wait()
    asyncio.run(run())
"""
READ_AS_EVER = """
import subprocess, sys
def test_it():
    command = [sys.executable, "-c", "print(chr(228)); print(2)"]
    how = {"encoding": "utf-8", "env": {"PYTHONIOENCODING": "utf-8"}, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **how) as child:
        assert child.stdout.readline() == chr(228) + chr(10)
        assert child.stdout.read() == "2" + chr(10)
    assert subprocess.run(command, timeout=20, **how).stdout == chr(228) + chr(10) + "2" + chr(10)
"""
SHARED = """
import pytest
@pytest.fixture(scope={scope!r})
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("made")
def test_it(folder):
    (folder / "a").write_text({key!r})
"""
CLEAN = "import os\ndef test_it(tmp_path):\n    print('all is well')\n    (tmp_path / 'a').write_text('x')\n"


@pytest.fixture
def run(pytester):
    def run(test, *arguments):
        pytester.makeconftest((HERE / "planted_keys.py").read_text("utf-8"))
        pytester.makepyfile(test)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=60)

    return run


@pytest.mark.parametrize("test", LEAKS.values(), ids=LEAKS)
def test_a_leak_fails_its_test(run, test):
    result = run(test)
    assert result.ret == 1
    result.stdout.fnmatch_lines("*a planted key is in*")


def test_a_leak_in_what_a_process_says_is_found_however_it_is_read(run):
    result = run(PIECEMEAL)
    result.assert_outcomes(failed=6)
    result.stdout.fnmatch_lines(["*a planted key is in the output of*"] * 6)


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["alone", "workers"])
def test_a_leak_in_a_folder_that_tests_may_share_is_found(pytester, run, arguments):
    for scope in ("module", "session"):
        pytester.makepyfile(**{f"test_{scope}": SHARED.format(scope=scope, key=KEY)})
    result = run(SHARED.format(scope="function", key=KEY), *arguments)
    result.assert_outcomes(passed=3, errors=3)
    result.stdout.fnmatch_lines(["*a planted key is in the file*made*a"] * 3)


def test_a_leak_that_comes_to_a_shared_folder_late_is_found(pytester):
    fixture, _, test = SHARED.format(scope="session", key=KEY).partition("def test_it")
    pytester.makepyfile(
        test_a="def test_it(folder):\n    (folder / 'a').write_text('x')\n",
        test_b=f"def test_it{test}",
        test_c="def test_it():\n    pass\n",
    )
    pytester.makeconftest(f"{(HERE / 'planted_keys.py').read_text('utf-8')}\n{fixture}")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=60)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines("*ERROR*test_b.py::test_it*")


def test_what_a_process_says_is_read_as_ever(run):
    assert run(READ_AS_EVER).ret == 0


def test_a_leak_is_found_by_workers_too(run):
    assert run(LEAKS["file"], "-n", "1").ret == 1


def test_where_nothing_leaks_nothing_fails(run):
    assert run(CLEAN).ret == 0


def test_a_test_that_is_marked_may_show_keys(run):
    assert run(f"import pytest\npytestmark = pytest.mark.shows_planted_keys\n{LEAKS['print']}").ret == 0


def test_the_suite_itself_is_searched(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("planted_keys")


def test_a_server_that_traces_its_surroundings_would_be_seen():
    spec = importlib.util.spec_from_file_location("planted_again", HERE / "planted_keys.py")
    planted = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(planted)
    assert planted.planted_in(f"Authorization: Token {KEY}")
    assert planted.planted_in(b"\xff" + KEY.encode())
    assert not planted.planted_in("Authorization: [redacted]")
    assert not planted.planted_in(None)
