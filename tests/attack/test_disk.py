"""A disk that is full, or gone: it is said loudly, and the sessions go on."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from enemy import CLOSE, WITHIN, Raw, frame, settings, text

FULL = Path("/dev/full")
LIMITED = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)\n"
    "from mockagent.cli import main; main()"
)


def serve(*arguments, most=2**40, **streams):
    """`mockagent serve`, whose process can write files of at most so many bytes, and no .pyc that would be cut off."""
    return subprocess.Popen(
        [sys.executable, "-B", "-c", LIMITED, str(most), "serve", "--port", "0", *map(str, arguments)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **streams},
    )


def talk(url):
    """A whole session of a client that does nothing wrong."""
    client = Raw(url).enter()
    client.send(text(settings(greeting="Hi.")))
    client.until("AgentAudioDone")
    client.send(frame(CLOSE, b"\x03\xe8"))
    assert client.close_code() == 1000
    client.socket.close()


def test_a_trace_that_finds_the_disk_full_is_said_once_and_the_session_goes_on(tmp_path):
    with serve("--sessions", "2", "--json", "--trace", tmp_path, most=700) as child:
        url = json.loads(child.stdout.readline())["url"]
        talk(url)
        talk(url)
        told, errors = child.communicate(timeout=WITHIN)
        assert child.returncode == 0
    notices = [json.loads(line) for line in told.splitlines()]
    troubles = [each["text"] for each in notices if each["event"] == "trouble"]
    assert len(troubles) == 2
    assert all("cannot be written: File too large; the session goes on" in text for text in troubles)
    assert [each["ending"] for each in notices if each["event"] == "session_closed"] == ["unscripted"] * 2
    assert errors == ""


def test_a_folder_that_is_taken_away_is_said_and_the_session_goes_on(tmp_path):
    folder = tmp_path / "traces"
    with serve("--once", "--trace", folder) as child:
        url = child.stdout.readline().split()[4]
        shutil.rmtree(folder)
        folder.write_text("a file is in its place")
        talk(url)
        _, errors = child.communicate(timeout=WITHIN)
        assert child.returncode == 0
    assert "trouble: the trace " in errors
    assert errors.count("\n") == 1


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("how", [[], ["--json"]], ids=["text", "json"])
def test_an_output_that_cannot_be_written_is_said_once_and_the_session_goes_on(tmp_path, how):
    ready = tmp_path / "ready"
    with FULL.open("w") as full, serve("--once", "--ready-file", ready, *how, stdout=full) as child:
        while not (ready.exists() and ready.read_text().strip()):
            assert child.poll() is None, child.stderr.read()
        talk(ready.read_text().strip())
        _, errors = child.communicate(timeout=WITHIN)
        assert child.returncode == 0
    assert errors == (
        "trouble: what happens cannot be written any more: No space left on device; the sessions go on\n"
    )
