"""Each variant is some message that its schema allows, and not all of them."""

import pytest

from mockagent import catalogue
from mockagent.coverage.variants import VARIANTS
from mockagent.protocol.message_types import TYPES, path_of

MORE = {
    "ConversationText": [
        {"conversational_behavior": "backchannel"},
        {"conversational_behavior": "presence_check"},
    ],
    "InjectAgentMessage": [{"behavior": "queue"}],
    "FunctionCallRequest": [
        {"functions": [{"id": "1", "name": "f", "arguments": "{}", "client_side": False}]}
    ],
}
"""What no example of a schema shows, by its type."""

every_variant = pytest.mark.parametrize(
    "variant", VARIANTS, ids=lambda each: f"{each.dialect} {each.type} {each.name}"
)


def bodies(variant):
    examples = catalogue.read_schema(path_of(variant.dialect, variant.sender, variant.type))["examples"]
    return [*examples, *(examples[0] | more for more in MORE.get(variant.type, ()))]


@every_variant
def test_some_message_has_it_and_another_has_not(variant):
    fits = {variant.fits(body) for body in bodies(variant)}
    assert fits == {True, False}


@every_variant
def test_it_is_of_a_type_that_there_is(variant):
    assert variant.type in TYPES[variant.dialect, variant.sender]


@every_variant
def test_whatever_a_peer_sends_can_be_asked(variant):
    for odd in (None, 7, [], {}, [7], {"x": None}):
        keys = ("agent", "speak", "think", "functions", "function_calls", "role", "languages", "behavior")
        assert variant.fits({"type": variant.type} | dict.fromkeys(keys, odd)) in (True, False)
