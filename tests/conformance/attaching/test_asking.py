"""What a request for cases asks."""

import pytest

from mockagent.conformance.attaching.asking import Finished, Next, Observed, Preflight, Wrong, question


@pytest.mark.parametrize(
    ("method", "target", "asked"),
    [
        ("GET", "/_conform/next?agent=page%201", Next("page 1")),
        ("POST", "/_conform/observe?case=barge_in%232", Observed("barge_in#2")),
        ("POST", "/_conform/finished?case=barge_in", Finished("barge_in", 0)),
        ("POST", "/_conform/finished?case=barge_in&status=127", Finished("barge_in", 127)),
        ("OPTIONS", "/_conform/observe?case=barge_in", Preflight()),
    ],
)
def test_a_question_is_read(method, target, asked):
    assert question(method, target) == asked


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/_conform", 404),
        ("GET", "/_conform/nxt", 404),
        ("POST", "/_conform/next?agent=a", 405),
        ("GET", "/_conform/finished?case=a", 405),
        ("GET", "/_conform/next", 400),
        ("GET", "/_conform/next?agent=" + 101 * "a", 400),
        ("POST", "/_conform/observe", 400),
        ("POST", "/_conform/finished?case=a&status=256", 400),
        ("POST", "/_conform/finished?case=a&status=-1", 400),
        ("POST", "/_conform/finished?case=a&status=none", 400),
    ],
)
def test_what_cannot_be_answered_is_said(method, target, status):
    found = question(method, target)
    assert isinstance(found, Wrong)
    assert found.status == status
