"""`${name}` in texts: what is put in, what walks into captured JSON, and what stands for nothing."""

import pytest

from mockagent.scenario.templates import UnknownName, filled, is_name, names_in, presets

NAMES = {
    "city": "Fremont",
    "weather": {"temperature": 21, "days": [{"sky": "clear"}]},
    "answer": '{"temperature": 19, "sky": ["grey"]}',
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("It is ${city}.", "It is Fremont."),
        ("${weather.temperature}", "21"),
        ("${weather.days.0.sky} in ${city}", "clear in Fremont"),
        ("${answer.temperature}", "19"),
        ("${answer.sky.0}", "grey"),
        ("${weather.days}", '[{"sky":"clear"}]'),
        ("$${city}", "${city}"),
        ("$5 and ${", "$5 and ${"),
        ({"a": ["${city}", 1, None, True]}, {"a": ["Fremont", 1, None, True]}),
    ],
)
def test_filled(value, expected):
    assert filled(value, NAMES) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("${town}", "${town}: nothing is captured as 'town'"),
        ("${}", "${}: nothing is captured as ''"),
        ("${weather.rain}", "${weather.rain}: there is no 'rain' in the captured value"),
        ("${weather.days.1}", "${weather.days.1}: there is no '1' in the captured value"),
        ("${city.0}", "${city.0}: there is no '0' in the captured value"),
    ],
)
def test_what_stands_for_nothing_says_so(value, message):
    with pytest.raises(UnknownName) as raised:
        filled(value, NAMES)
    assert str(raised.value) == message
    assert isinstance(raised.value, KeyError)


def test_a_captured_text_is_not_filled_again():
    assert filled("${a}", {"a": "${b}", "b": "no"}) == "${b}"


def test_names_are_found_everywhere_without_their_paths():
    assert list(names_in({"a": ["${x.y.0} $${z}", {"b": "${w}"}], "c": 1})) == ["x", "w"]


def test_the_greeting_is_that_of_settings():
    settings = {"type": "Settings", "agent": {"greeting": "Good day"}}
    assert presets(settings, "an-id") == {"greeting": "Good day", "settings": settings, "request_id": "an-id"}


@pytest.mark.parametrize("agent", [{}, {"greeting": ""}, "a-stored-agent"])
def test_without_a_greeting_it_is_the_usual_one(agent):
    assert presets({"agent": agent}, "")["greeting"] == "Hello! How can I help you today?"


@pytest.mark.parametrize(
    ("text", "expected"), [("weather_2", True), ("_x", True), ("2x", False), ("a-b", False), ("", False)]
)
def test_names_are_letters_digits_and_underscores(text, expected):
    assert is_name(text) is expected
