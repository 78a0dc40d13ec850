"""What editors are told of faults is what the table says: names, parameters, defaults, limits."""

import pytest
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema
from mockagent.scenario.durations import seconds
from mockagent.scenario.faults.table import FAULTS, Kind, Strikes
from mockagent.scenario.parse import ATTEMPT_KEYS

SCHEMA = read_schema("files/scenario.json")
FORMS = {
    True: SCHEMA["$defs"]["handshake_fault"]["anyOf"],
    False: SCHEMA["$defs"]["fault"]["properties"]["fault"]["anyOf"],
}
"""How a fault of the handshake is written, and how any other."""


@pytest.mark.parametrize("of_handshake", [True, False])
def test_every_fault_is_there_by_its_name_and_with_its_parameters(of_handshake):
    faults = [each for each in FAULTS.values() if (each.strikes is Strikes.HANDSHAKE) is of_handshake]
    bare, whole = FORMS[of_handshake]
    assert bare["enum"] == [each.name for each in faults]
    assert list(whole["properties"]) == [each.name for each in faults if each.parameters]
    for each in faults:
        if each.parameters:
            assert whole["properties"][each.name]["description"] == each.summary
            assert list(whole["properties"][each.name]["properties"]) == [p.name for p in each.parameters]


@pytest.mark.parametrize(
    ("fault", "parameter"), [(fault, each) for fault in FAULTS.values() for each in fault.parameters]
)
def test_a_parameter_has_the_default_and_the_limits_of_the_table(fault, parameter):
    _, whole = FORMS[fault.strikes is Strikes.HANDSHAKE]
    shown = whole["properties"][fault.name]["properties"][parameter.name]
    if parameter.kind is Kind.LENGTH:
        default = shown.get("default")
        assert (None if default is None else seconds(default)) == parameter.default
    else:
        assert shown.get("default") == parameter.default
    if parameter.kind is Kind.WHOLE:
        assert (shown["minimum"], shown["maximum"]) == (parameter.low, parameter.high)


def test_an_attempt_has_the_keys_of_the_parser():
    assert tuple(SCHEMA["properties"]["attempts"]["items"]["properties"]) == ATTEMPT_KEYS


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({"steps": [{"fault": "tcp_reset"}]}, True),
        ({"steps": [{"fault": {"stall": {"seconds": "2 s"}}}]}, True),
        ({"steps": [{"fault": {"close": {"code": 1006}}}]}, False),
        ({"steps": [{"fault": "refused_503"}]}, False),
        ({"steps": [{"fault": "tcp_rest"}]}, False),
        ({"steps": [{"fault": {"stall": {"second": "2 s"}}}]}, False),
        ({"attempts": [{"fault": "refused_503"}, {"steps": [{"agent": "Hi"}]}]}, True),
        ({"attempts": [{"fault": ["slow_handshake", {"refused_429": {"retry_after": "5 s"}}]}]}, True),
        ({"attempts": [{"fault": "tcp_reset"}]}, False),
        ({"attempts": [{}]}, False),
    ],
)
def test_what_fits_the_schema(more, fits):
    document = {"summary": "s", "steps": [{"agent": "Hi"}], **more}
    assert Draft202012Validator(SCHEMA).is_valid(document) is fits
