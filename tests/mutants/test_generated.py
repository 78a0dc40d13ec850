"""Generated single faults of golden sessions: nearly all are found, and each that is not is explained."""

import sys
from collections import Counter
from pathlib import Path

import generated
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "conformance"))

import kill_matrix

from mockagent import catalogue
from mockagent.protocol.events import Dialect, Message, Side
from mockagent.protocol.judge import Judge

AT_LEAST = 0.95


@pytest.mark.parametrize("text", generated.SESSIONS, ids=lambda text: text.split()[1])
def test_nothing_is_found_against_the_golden_session_itself(text):
    session = generated.golden(text)
    judge = Judge(catalogue.requirements(), session.scenario.switches, session.scenario.dialect)
    assert [str(each) for event in session.events for each in judge.observe(event)] == []
    assert generated.keeps_course(session, session.events)


def test_the_golden_sessions_have_both_dialects_and_messages_of_both_sides():
    sessions = [generated.golden(text) for text in generated.SESSIONS]
    assert [session.scenario.dialect for session in sessions] == list(Dialect)
    for session in sessions:
        types = {
            side: {
                e.content.type for e in session.events if e.sender is side and isinstance(e.content, Message)
            }
            for side in Side
        }
        assert {"UserStartedSpeaking", "AgentThinking", "FunctionCallRequest"} <= types[Side.SERVER]
        assert "FunctionCallResponse" in types[Side.CLIENT]


def test_nearly_all_are_killed():
    trials = generated.trials()
    assert len(trials) > 1000
    assert sum(bool(each.found) for each in trials) / len(trials) >= AT_LEAST


def test_no_name_is_used_twice():
    names = Counter(each.name for each in generated.trials())
    assert [name for name, count in names.items() if count > 1] == []


def test_each_survivor_is_explained_once_and_nothing_else_is():
    explained = [name for _, names in generated.explanations() for name in names]
    assert sorted(explained) == sorted(generated.survivors())


def test_every_reason_is_said_and_of_something():
    assert all(len(why.split()) > 5 and names for why, names in generated.explanations())


def test_the_published_figures_are_those_of_these_mutants():
    found = generated.summary(generated.trials())
    assert kill_matrix.published()["generated"] == found, "python tests/conformance/kill_matrix.py"
