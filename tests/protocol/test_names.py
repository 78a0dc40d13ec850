"""Names that are not among those known."""

from mockagent.protocol.names import unknown_names


def test_each_provider_of_a_list_is_looked_at_and_what_is_none_passed_over():
    wrong = {"provider": {"type": "open_ai", "model": "gpt-4o-minni"}}
    (problem,) = unknown_names({"agent": {"think": ["gpt-4o-minni", wrong]}})
    assert problem.pointer == "/agent/think/1/provider/model"
    assert (problem.keyword, problem.expected, problem.got) == (
        "name",
        "a known name",
        "'gpt-4o-minni'; did you mean 'gpt-4o-mini'?",
    )
