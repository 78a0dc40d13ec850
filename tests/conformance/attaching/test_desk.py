"""The desk: who gets which case, who is told to go, and when nobody is waited for any more."""

import asyncio

import pytest

from mockagent.conformance.attaching import desk as module
from mockagent.conformance.attaching.asking import Finished, Next, Observed, Wrong
from mockagent.conformance.attaching.desk import AllDone, Desk, Noted, told
from mockagent.conformance.driving import Task
from mockagent.server.notices import Ready

READY = Ready("ws://127.0.0.1:8/v1/agent/converse", "ws://127.0.0.1:8/agent", "http://127.0.0.1:8", ())


def task(case, folder):
    return Task(case, "f.yaml", {"do": "talk"}, 9.5, READY, READY.url, folder, "the-key")


def ask(desk, name, is_there=lambda: True):
    return asyncio.ensure_future(desk.next(Next(name), is_there))


def run(test):
    return asyncio.run(asyncio.wait_for(test, 30))


def test_a_case_goes_to_one_agent_and_the_next_to_the_other(tmp_path):
    async def test():
        desk = Desk(5.0)
        first, second = ask(desk, "a"), ask(desk, "b")
        await asyncio.sleep(0)
        for case in ("one", "two"):
            desk.offer(task(case, tmp_path))
        desk.end()
        return await first, await second, await desk.next(Next("a"), lambda: True)

    one, two, end = run(test())
    assert {one.task.case, two.task.case} == {"one", "two"}
    assert end == AllDone()


def test_a_later_question_under_the_same_name_takes_the_place_of_the_first(tmp_path):
    async def test():
        desk = Desk(5.0)
        first = ask(desk, "a")
        await asyncio.sleep(0)
        second = ask(desk, "a")
        await asyncio.sleep(0)
        desk.offer(task("one", tmp_path))
        return await first, await second

    first, second = run(test())
    assert (first.status, second.task.case) == (409, "one")


def test_no_case_is_handed_to_an_agent_that_has_gone(tmp_path):
    async def test():
        desk = Desk(5.0)
        gone = ask(desk, "a", lambda: False)
        offer = desk.offer(task("one", tmp_path))
        return await gone, offer.taken.is_set(), await desk.next(Next("b"), lambda: True)

    gone, was_taken, other = run(test())
    assert (gone.status, was_taken, other.task.case) == (503, False, "one")


def test_an_agent_that_waits_too_long_is_told_to_ask_again(monkeypatch):
    monkeypatch.setattr(module, "WAITS_FOR", 0.01)
    assert run(Desk(5.0).next(Next("a"), lambda: True)) == module.NOT_NOW


async def _is_taken(agents, folder):
    desk = Desk(0.01)
    offer = desk.offer(task("one", folder))
    asking = [ask(desk, name) for name in agents]
    found = await desk.is_taken(offer)
    return found, [await each for each in asking]


@pytest.mark.parametrize(("agents", "taken"), [((), False), (("a",), True)])
def test_nobody_is_waited_for_for_ever(agents, taken, tmp_path):
    assert run(_is_taken(agents, tmp_path))[0] is taken


def test_lines_are_kept_until_the_case_is_over(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 30)

    async def test():
        desk = Desk(5.0)
        desk.offer(task("one", tmp_path))
        before = desk.observe(Observed("one"), b"{}")
        await desk.next(Next("a"), lambda: True)
        kept = [
            desk.observe(Observed("one"), each) for each in (b'{"audio": 1}', b'{"audio": 2}\n', b"x" * 9)
        ]
        done = desk.finish(Finished("one", 7))
        return before, kept, done, desk.observe(Observed("one"), b"{}"), desk.finish(Finished("one"))

    before, kept, done, late, again = run(test())
    assert [before.status, late.status, again.status] == [404, 410, 410]
    assert kept[:2] == [Noted(), Noted()]
    assert isinstance(kept[2], Wrong)
    assert done == Noted()
    assert (tmp_path / "observed.txt").read_text() == '{"audio": 1}\n{"audio": 2}\n'


def test_a_task_is_told_with_the_address_by_which_the_agent_came(tmp_path):
    found = told(task("one", tmp_path), "192.168.1.5")
    assert found == {
        "url": "ws://192.168.1.5:8/v1/agent/converse",
        "http_url": "http://192.168.1.5:8",
        "key": "the-key",
        "case": "one",
        "deadline_ms": 9500,
        "intent": {"do": "talk"},
        "done": False,
    }
    assert told(task("one", tmp_path), "")["url"] == READY.url
