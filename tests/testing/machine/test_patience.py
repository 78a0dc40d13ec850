"""How long is waited: not while this process stands still, and less while a fault shrinks."""

import asyncio
import time

import pytest

from mockagent import loops
from mockagent.testing.machine.patience import Patience, Wait


def test_time_for_which_the_process_stood_still_does_not_count():
    """The loop is held up for far longer than it is to wait; what comes next is still in time."""

    async def held_up():
        came = asyncio.Event()
        async with Patience(0.5).within(Wait.OWED):
            asyncio.get_running_loop().call_soon(time.sleep, 1.0)
            asyncio.get_running_loop().call_later(0.1, came.set)
            await came.wait()

    loops.run(held_up())


def test_what_never_comes_is_waited_for_no_longer_than_that():
    async def in_vain():
        async with Patience(0.01).within(Wait.OWED):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(in_vain())


def test_a_fault_that_is_known_shrinks_with_less_patience():
    patience = Patience(60.0)
    assert patience.now(Wait.OWED) == 60.0
    patience.found()
    assert patience.now(Wait.OWED) == 1.0


def test_whoever_was_slow_is_not_hurried():
    patience = Patience(2.0)

    async def slowly():
        async with patience.within(Wait.START):
            await asyncio.sleep(0.3)

    asyncio.run(slowly())
    patience.found()
    assert patience.now(Wait.START) == 2.0  # ten times what it took is more than all
    assert patience.now(Wait.END) == 1.0
