"""Mutants are played in a virtual time, so that no busy machine makes an unbroken peer look broken."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from virtual_time import Clock


@pytest.fixture(autouse=True)
def virtual_time():
    """All peers of a test live in a time that passes only while none of them has anything to do."""
    with Clock().everywhere():
        yield
