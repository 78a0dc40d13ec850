"""Words for patterns: the right ones match, and the wrong ones do not."""

import re

import pytest

from mockagent.fuzz.words import PATTERNS, fits, matching


@pytest.mark.parametrize("pattern", PATTERNS)
def test_words_are_right_and_wrong_as_they_say(pattern):
    words = PATTERNS[pattern]
    assert words.right
    assert all(re.search(pattern, word) for word in words.right)
    assert not any(re.search(pattern, word) for word in words.wrong.values())


def test_a_word_matches_all_patterns_and_none_of_the_others():
    assert fits("flux-general-en", ("^flux",))
    assert not fits("flux-general-en", ("^flux",), ("-en$",))
    assert matching(("^https?://",), ("^http:",))[0].startswith("https:")


@pytest.mark.parametrize("patterns", [("^unheard-of",), ("^flux",)])
def test_a_pattern_without_a_word_is_refused(patterns):
    with pytest.raises(KeyError):
        matching(patterns, ("^flux",))
