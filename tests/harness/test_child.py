"""A command and its end: whatever way it takes, no process of it is left, and the status is that of a shell."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from mockagent.harness import child as module
from mockagent.harness.child import CannotStart, Child

FOREVER = 600
WITHIN = 60.0
GRANDCHILD = f"""
import subprocess, sys, time
inner = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True);"
inner += "time.sleep({FOREVER})"
process = subprocess.Popen([sys.executable, "-c", inner], stdout=subprocess.PIPE)
process.stdout.readline()
print(process.pid, file=open(sys.argv[1], "w"), flush=True)
"""


def command(code, *arguments):
    return [sys.executable, "-c", code, *map(str, arguments)]


def ended(argv, timeout=None, during=None):
    """The status of a command, while `during` (child) happens beside it."""

    async def run():
        child = Child(argv, dict(os.environ))
        await child.start()
        try:
            beside = asyncio.create_task(during(child)) if during else None
            async with asyncio.timeout(WITHIN):
                status = await child.ended(timeout)
            if beside is not None:
                await beside
            return status
        finally:
            await child.end()

    return asyncio.run(run())


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


async def written(path):
    """What is in the file, once there is a whole line."""
    while not (path.exists() and path.read_text().endswith("\n")):
        await asyncio.sleep(0.01)
    return path.read_text().strip()


@pytest.mark.parametrize("status", [0, 1, 3, 255])
def test_its_status_comes_back(status):
    assert ended(command(f"raise SystemExit({status})")) == status


def test_a_signal_is_told_as_shells_do():
    assert ended(command("import os; os.kill(os.getpid(), 9)")) == 128 + signal.SIGKILL


def test_one_that_hangs_is_stopped_with_all_it_started(tmp_path):
    path = tmp_path / "pid"
    assert (
        ended(command(GRANDCHILD + f"time.sleep({FOREVER})", path), timeout=None, during=stop_when(path))
        == 143
    )
    assert not is_alive(int(path.read_text()))


def stop_when(path):
    async def stop(child):
        await written(path)
        child.pass_on(signal.SIGTERM)

    return stop


def test_after_its_time_there_is_no_status(tmp_path):
    assert ended(command(f"import time; time.sleep({FOREVER})"), timeout=0.1) is None


def test_what_it_leaves_behind_is_ended(tmp_path):
    path = tmp_path / "pid"
    assert ended(command(GRANDCHILD, path)) == 0
    assert not is_alive(int(path.read_text()))


def test_one_that_will_not_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ENDS_WITHIN", 0.1)
    path = tmp_path / "up"
    code = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"print('up', file=open(sys.argv[1], 'w'), flush=True); time.sleep({FOREVER})"
    )
    assert ended(command(code, path), during=stop_when(path)) == 128 + signal.SIGKILL


def test_an_interrupt_is_the_commands_own_affair(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ENDS_WITHIN", 0.05)
    path, go = tmp_path / "up", tmp_path / "go"
    code = (
        "import signal, sys, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n print('up', file=open(sys.argv[1], 'w'), flush=True)\n"
        f" time.sleep({FOREVER})\nexcept KeyboardInterrupt:\n pass\n"
        "import pathlib\nwhile not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)\nraise SystemExit(7)"
    )

    async def interrupt(child):
        await written(path)
        child.pass_on(signal.SIGINT)
        await asyncio.sleep(4 * module.ENDS_WITHIN)  # a command that ends later than one that was told to
        go.touch()

    assert ended(command(code, path, go), during=interrupt) == 7


@pytest.mark.parametrize("numbers", [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT)])
def test_a_second_signal_ends_one_that_will_not_end(tmp_path, numbers):
    path = tmp_path / "pid"
    code = "import signal\nfor each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, signal.SIG_IGN)\n"
    code += GRANDCHILD + f"time.sleep({FOREVER})"

    async def insist(child):
        await written(path)
        for number in numbers:
            child.pass_on(number)

    assert ended(command(code, path), during=insist) == 128 + signal.SIGKILL
    assert not is_alive(int(path.read_text()))


def test_a_signal_before_the_start_is_not_lost():
    async def run():
        child = Child(command(f"import time; time.sleep({FOREVER})"), dict(os.environ))
        child.pass_on(signal.SIGTERM)
        await child.start()
        async with asyncio.timeout(WITHIN):
            return await child.ended(None)

    assert asyncio.run(run()) == 143


@pytest.mark.parametrize(
    ("argv", "exit_code", "reason"),
    [
        (["no-such-command"], 127, "cannot run 'no-such-command': there is no such command"),
        (["/"], 126, "cannot run '/': it is a folder"),
    ],
)
def test_what_cannot_be_started(argv, exit_code, reason):
    with pytest.raises(CannotStart) as raised:
        ended(argv)
    assert (raised.value.exit_code, str(raised.value)) == (exit_code, reason)


@pytest.mark.parametrize("ends", ["\n", "\r\n", " -u\n"])
def test_a_script_whose_interpreter_is_missing(tmp_path, ends):
    path = tmp_path / "app"
    path.write_bytes(f"#!/no/such/python{ends}print(1)\n".encode())
    path.chmod(0o755)
    with pytest.raises(CannotStart) as raised:
        ended([str(path)])
    named = repr("/no/such/python" + ends.rstrip("\n").removesuffix(" -u"))
    assert raised.value.exit_code == 127
    assert f"its first line names the interpreter {named}, which is not there" in str(raised.value)


def test_a_file_that_may_not_be_run(tmp_path):
    path = tmp_path / "my app"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o644)
    with pytest.raises(CannotStart) as raised:
        ended([str(path)])
    assert raised.value.exit_code == 126
    assert str(raised.value).endswith(f"it may not be run; chmod +x '{path}' lets it")


def test_a_file_that_is_no_program(tmp_path):
    path = tmp_path / "app"
    path.write_bytes(b"\x00\x01\x02")
    path.chmod(0o755)
    with pytest.raises(CannotStart, match="it is no program"):
        ended([str(path)])


def test_what_it_prints_goes_to_files_and_there_is_nothing_to_read(tmp_path):
    code = "import sys; print(sys.stdin.read() == '', flush=True); print('oops', file=sys.stderr)"

    async def run():
        with (tmp_path / "out").open("wb") as output, (tmp_path / "err").open("wb") as errors:
            child = Child(command(code), dict(os.environ), output=output, errors=errors)
            await child.start()
            async with asyncio.timeout(WITHIN):
                return await child.ended(None)

    assert asyncio.run(run()) == 0
    assert (tmp_path / "out").read_text() == "True\n"
    assert (tmp_path / "err").read_text() == "oops\n"
