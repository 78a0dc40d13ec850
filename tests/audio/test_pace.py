"""How long texts take to say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.audio.pace import COMMA_FOR, GAP_FOR, SHORTEST_FOR, STOP_FOR, phrases, speaking_time

EVERYDAY = [
    "I can help you with that right away",
    "Right now in Fremont it is sunny with a light breeze from the west",
    "Your appointment has been moved to Thursday morning and we will send a reminder",
]


@pytest.mark.parametrize("text", EVERYDAY)
def test_a_sentence_goes_at_the_pace_of_conversation(text):
    assert 14 < len(text) / speaking_time(text) < 16
    assert 2.2 < len(text.split()) / speaking_time(text) < 3.6


@pytest.mark.parametrize("text", ["", " ", "\n\t  \u2003"])
def test_nothing_takes_no_time(text):
    assert speaking_time(text) == 0.0


@pytest.mark.parametrize("text", ["a", "No", "...", "?!", "🙂", "-"])
def test_the_shortest_saying_takes_its_least_time(text):
    assert speaking_time(text) == pytest.approx(SHORTEST_FOR)


def test_marks_are_rests_except_at_the_end():
    plain = speaking_time("well yes")
    assert speaking_time("well, yes") == pytest.approx(plain - GAP_FOR + COMMA_FOR)
    assert speaking_time("well. yes") == pytest.approx(plain - GAP_FOR + STOP_FOR)
    assert speaking_time("well yes.") == speaking_time("well yes...  ") == plain


def test_points_within_numbers_and_names_are_no_rests():
    assert len(phrases("3.14 of deepgram.com at 10:30")) == 1


def test_a_question_is_asked():
    assert [phrase.asks for phrase in phrases("Hello there. How are you? Fine!")] == [False, True, False]


def test_digits_and_signs_are_said_as_words():
    assert speaking_time("20%") == speaking_time("two zero percent")
    assert speaking_time("$5") == speaking_time("dollars five")


def test_accents_change_nothing():
    assert phrases("Überraschung à l'été") == phrases("Uberraschung a l'ete")


@pytest.mark.parametrize(
    "text", ["привет, как дела", "今日はいい天気ですね", "안녕하세요", "مرحبا كيف حالك", "γειά σου"]
)
def test_every_script_takes_time(text):
    assert 0.04 * len(text) < speaking_time(text) < 0.3 * len(text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_sensible_length(text):
    length = speaking_time(text)
    assert length == 0.0 if not text.strip() else length >= SHORTEST_FOR - 1e-9
    assert length <= SHORTEST_FOR + 0.7 * len(text)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_more_text_never_takes_less_time(first, second):
    assert speaking_time(f"{first} and {second}") >= speaking_time(first) - 1e-9
