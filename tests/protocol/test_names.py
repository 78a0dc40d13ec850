"""Names that are not among those known."""

import pytest

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


@pytest.mark.parametrize(
    "voice",
    (
        "aura-asteria-en",
        "aura-2-thalia-en",
        "aura-2-celeste-es",
        "aura-2-livia-it",
        "aura-2-rhea-nl",
        "aura-2-julius-de",
        "aura-2-fujin-ja",
        "aura-2-agathe-fr",
        "flux-alexis-en",
        "flux-sharon-en",
    ),
)
def test_a_voice_of_each_family_is_known(voice):
    def told(model):
        speak = {"provider": {"type": "deepgram", "model": model}}
        return list(unknown_names({"agent": {"speak": speak}}))

    assert told(voice) == []
    (problem,) = told(f"{voice}x")
    assert f"did you mean '{voice}'?" in problem.got
