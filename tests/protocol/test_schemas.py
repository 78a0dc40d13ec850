"""Schemas: one line a problem, out of the branch that applies, with the tolerance that refuses it."""

import json
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event

import pytest

from mockagent.catalogue import read_schema
from mockagent.protocol.events import Dialect, Problem, Side, Tolerance
from mockagent.protocol.schemas import Schemas, path_of
from mockagent.resources import folder

FROM_LENIENT, FROM_FAITHFUL, FROM_STRICT = Tolerance.LENIENT, Tolerance.FAITHFUL, Tolerance.STRICT
OPEN_AI = {"provider": {"type": "open_ai", "model": "m"}}
NAMES_OF_THINK = "one of 'open_ai', 'anthropic', 'google', 'groq', 'aws_bedrock', 'nvidia', 'deepgram'"


def read(path):
    return json.loads((folder("schemas") / path).read_text(encoding="utf-8"))


SCHEMAS = Schemas(read)


def problems(body):
    return SCHEMAS.problems(Dialect.V1, Side.CLIENT, body)


def thinking(**provider):
    return {"type": "UpdateThink", "think": {"provider": provider}}


def hearing(**provider):
    return {"type": "UpdateListen", "listen": {"provider": {"type": "deepgram", **provider}}}


def speaking(endpoint=None, **provider):
    speak = {"provider": provider} | ({"endpoint": endpoint} if endpoint else {})
    return {"type": "UpdateSpeak", "speak": speak}


def settings(**agent):
    return {"type": "Settings", "audio": {}, "agent": agent}


def test_a_valid_message_has_no_problems():
    assert problems({"type": "UpdatePrompt", "prompt": "Be brief."}) == ()


def test_a_missing_field_is_reported_where_it_would_be():
    assert problems({"type": "UpdatePrompt"}) == (
        Problem("/prompt", "required", "a field prompt (a string)", "nothing"),
    )


def test_a_wrong_type_says_what_came():
    assert problems({"type": "UpdatePrompt", "prompt": 7}) == (
        Problem("/prompt", "type", "a string", "the number 7"),
    )


def test_a_number_out_of_range_says_the_range():
    assert problems(thinking(type="open_ai", model="gpt-4o-mini", temperature=3)) == (
        Problem(
            "/think/provider/temperature", "maximum", "a number from 0 to 2 for provider type 'open_ai'", "3"
        ),
    )


def test_a_wrong_name_is_answered_with_the_nearest():
    assert problems(thinking(type="openai", model="gpt-4o-mini", temperature=0.5)) == (
        Problem("/think/provider/type", "enum", f"{NAMES_OF_THINK} (did you mean 'open_ai'?)", "'openai'"),
    )


def test_a_problem_inside_a_provider_names_the_branch():
    body = thinking(type="groq")
    body["think"]["endpoint"] = {"url": "https://api.example.com"}
    assert problems(body) == (
        Problem(
            "/think/provider/model",
            "required",
            "a field model (a string) for provider type 'groq'",
            "nothing",
        ),
    )


def test_groq_needs_an_endpoint():
    assert problems(thinking(type="groq", model="openai/gpt-oss-20b")) == (
        Problem(
            "/think/endpoint",
            "required",
            "a field endpoint (an object) for think provider type 'groq'",
            "nothing",
        ),
    )


def test_an_unknown_field_is_refused_by_strict_alone():
    assert problems({"type": "UpdatePrompt", "prompt": "x", "promt": "y"}) == (
        Problem("/promt", "unknown-field", "no such field (did you mean 'prompt'?)", "'y'", FROM_STRICT),
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (settings(think={**OPEN_AI, "functions": [{"name": "f", "client_side": True}]}),
         "/agent/think/functions/0/client_side"),
        (thinking(type="open_ai", model="m", endpoint={}), "/think/provider/endpoint"),
        (speaking(type="deepgram", model="aura-2-thalia-en", language="en"), "/speak/provider/language"),
    ],
)  # fmt: skip
def test_the_unknown_fields_that_live_refuses_are_always_refused(body, pointer):
    assert [(p.pointer, p.keyword, p.refused_from) for p in problems(body)] == [
        (pointer, "unknown-field", FROM_LENIENT)
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "InjectAgentMessage", "content": "Hello."}, "/content"),
        ({"type": "InjectAgentMessage", "is_dynamic": True, "message": "Hello."}, "/message"),
        ({"type": "Settings", "audio": {}, "agent": {}, "settings": {"flags": {"history": False}}}, "/settings"),
        (settings(prompt="Be brief."), "/agent/prompt"),
        (settings(think={**OPEN_AI, "functions": [{"name": "f", "url": ""}]}),
         "/agent/think/functions/0/url"),
        (settings(think={**OPEN_AI, "context_length": "max"}),
         "/agent/think/context_length"),
        (hearing(version="v2", model="flux-general-en", eot_threshold=0.95), "/listen/provider/eot_threshold"),
        (hearing(version="v2", model="flux-general-en", language_hints=["en"]), "/listen/provider/language_hints"),
        (speaking(type="deepgram", model="flux-kit-en"), "/speak/provider/model"),
        (speaking(type="deepgram", model="aura-2-thalia-en", speed=9), "/speak/provider/speed"),
    ],
)  # fmt: skip
def test_a_documented_departure_is_refused_by_strict_alone(body, pointer):
    assert [(p.pointer, p.keyword, p.refused_from) for p in problems(body)] == [
        (pointer, "departure", FROM_STRICT)
    ]


def test_absent_audio_is_expected_by_strict_alone():
    assert problems({"type": "Settings", "agent": {}}) == (
        Problem("/audio", "expected", "a field audio (an object)", "nothing", FROM_STRICT),
    )


def test_credentials_in_upper_case_are_a_departure_and_sts_needs_its_token():
    credentials = {"type": "STS", "region": "r", "access_key_id": "a", "secret_access_key": "s"}
    body = thinking(type="aws_bedrock", model="m", credentials=credentials)
    body["think"]["endpoint"] = {"url": "https://api.example.com"}
    assert [(p.pointer.rpartition("/")[2], p.keyword, p.refused_from) for p in problems(body)] == [
        ("type", "departure", FROM_STRICT),
        ("session_token", "required", FROM_LENIENT),
    ]


@pytest.mark.parametrize(("text", "refused_from"), [("0.5", FROM_FAITHFUL), ("warm", FROM_LENIENT)])
def test_a_temperature_in_a_string_passes_only_when_lenient_and_numeric(text, refused_from):
    (problem,) = problems(thinking(type="open_ai", model="m", temperature=text))
    assert (problem.keyword, problem.refused_from) == ("type", refused_from)
    assert problem.got == f"the string {text!r}"


@pytest.mark.parametrize(
    "provider",
    [
        {"model": "nova-3"},
        {"version": "v1", "model": "nova-3", "language": "en", "smart_format": True},
        {"model": "flux-general-en"},
        {"model": "flux-general-en", "smart_format": False},
        {"version": "v1", "model": "flux-general-en", "smart_format": False},
        {"version": "v2", "model": "flux-general-en", "eot_threshold": 1.0, "eager_eot_threshold": 0.3},
        {"version": "v2", "model": "flux-general-multi", "language_hints": ["en", "es"]},
    ],
)
def test_a_listen_provider_is_told_by_version_or_model(provider):
    assert problems(hearing(**provider)) == ()


@pytest.mark.parametrize("version", [{}, {"version": "v1"}, {"version": "v2"}])
def test_flux_refuses_to_format(version):
    (problem,) = problems(hearing(model="flux-general-en", smart_format=True, **version))
    assert (problem.pointer, problem.keyword) == ("/listen/provider/smart_format", "const")


@pytest.mark.parametrize("language", ["language", "language_code"])
def test_polly_takes_its_language_by_either_name(language):
    credentials = {"type": "iam", "region": "r", "access_key_id": "a", "secret_access_key": "s"}
    endpoint = {"url": "https://polly.example.com"}
    provider = {"type": "aws_polly", "voice": "Joanna", "engine": "neural", "credentials": credentials}
    assert problems(speaking(endpoint, **provider, **{language: "en-US"})) == ()
    assert [p.pointer for p in problems(speaking(endpoint, **provider))] == ["/speak/provider/language"]


def test_only_eleven_labs_is_called_by_websocket():
    endpoint = {"url": "wss://api.example.com"}
    assert problems(speaking(endpoint, type="eleven_labs", model_id="eleven_turbo_v2_5")) == ()
    (problem,) = problems(speaking(endpoint, type="open_ai", model="tts-1", voice="alloy"))
    assert (problem.pointer, problem.keyword) == ("/speak/endpoint/url", "pattern")


def test_google_names_its_model_in_the_provider_or_in_the_endpoint():
    assert problems(thinking(type="google", model="gemini-2.5-flash")) == ()
    assert [p.pointer for p in problems(thinking(type="google"))] == ["/think/provider/model"]
    body = thinking(type="google")
    body["think"]["endpoint"] = {"url": "https://api.example.com/models/gemini-2.5-flash"}
    assert problems(body) == ()


def test_an_array_of_providers_is_checked_item_by_item():
    good = {"provider": {"type": "open_ai", "model": "m"}}
    bad = {"provider": {"type": "open_ai"}}
    assert [p.pointer for p in problems({"type": "UpdateThink", "think": [good, bad]})] == [
        "/think/1/provider/model"
    ]


def test_neither_object_nor_array_is_one_problem():
    assert problems({"type": "UpdateThink", "think": "gpt-4o-mini"}) == (
        Problem("/think", "type", "an object or an array", "the string 'gpt-4o-mini'"),
    )


def test_an_agent_is_an_object_or_a_uuid():
    body = {"type": "Settings", "audio": {}}
    assert problems({**body, "agent": "fc553ec9-5874-49ca-a47c-b670d525a4b1"}) == ()
    assert [p.keyword for p in problems({**body, "agent": "mine"})] == ["pattern"]
    assert [p.expected for p in problems({**body, "agent": 5})] == ["an object or a string"]


def test_problems_come_in_document_order_and_what_is_missing_last():
    body = {"type": "FunctionCallResponse", "zeta": 1, "id": 5, "alpha": 2}
    assert [p.pointer for p in problems(body)] == ["/zeta", "/id", "/alpha", "/name", "/content"]


def test_a_flood_of_problems_is_cut():
    body = {"type": "KeepAlive", **{f"field_{index}": index for index in range(20_000)}}
    assert [p.pointer for p in problems(body)] == [f"/field_{index}" for index in range(50)]


def test_a_pointer_escapes_its_names():
    assert [p.pointer for p in problems({"type": "KeepAlive", "a/b~c": 1})] == ["/a~1b~0c"]


def test_secrets_are_not_shown():
    endpoint = {"url": "https://api.example.com", "headers": {"authorization": 12345}}
    body = {
        "type": "UpdateSpeak",
        "speak": {"provider": {"type": "deepgram", "model": "m"}, "endpoint": endpoint},
    }
    assert [p.got for p in problems(body)] == ["[redacted]"]
    assert [p.got for p in problems({"type": "KeepAlive", "api_key": "sk-1"})] == ["[redacted]"]


def test_a_long_value_is_cut():
    (problem,) = problems({"type": "KeepAlive", "text": "x" * 10_000})
    assert problem.got == f"'{'x' * 60}'…"


def test_a_message_nested_too_deeply_is_one_problem_at_most():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert problems({"type": "__customToThinkProvider", "content": deep}) == ()
    assert [p.pointer for p in problems({"type": "KeepAlive", "deep": deep})] == ["/deep"]
    assert [p.keyword for p in problems({"type": "UpdatePrompt", "prompt": deep})] == ["type"]


@pytest.mark.parametrize(
    "number", [10**5000, float("inf"), -(10**5000)], ids=["huge", "infinite", "negative"]
)
def test_a_huge_number_is_one_problem(number):
    found = problems(thinking(type="open_ai", model="m", temperature=number))
    assert [p.pointer for p in found] == ["/think/provider/temperature"]


def test_true_is_not_one_and_one_is_not_true():
    assert [p.keyword for p in problems({"type": "InjectAgentMessage", "is_dynamic": 1})] == ["const"]
    assert [p.keyword for p in problems(thinking(type="open_ai", model="m", temperature=True))] == ["type"]


def test_running_out_of_recursion_is_a_problem_not_an_error():
    tree = {"$defs": {"node": {"type": "array", "items": {"$ref": "#/$defs/node"}}}, "$ref": "#/$defs/node"}
    schemas = Schemas({"files/tree.json": tree}.__getitem__)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert schemas.conforms("files/tree.json", deep) == (
        Problem("", "depth", "a message nested less deeply", "one nested too deeply to look at"),
    )
    assert schemas.conforms("files/tree.json", [[], [[]]]) == ()
    assert [p.pointer for p in schemas.conforms("files/tree.json", [[], [[5]]])] == ["/1/0/0"]


def test_a_type_of_the_other_dialect_is_answered_with_where_that_is_served():
    (problem,) = problems({"type": "SettingsConfiguration"})
    assert problem.expected == ("a type of the v1 dialect (this one is of early-access, served at /agent)")


def test_a_type_like_no_other_is_answered_with_all_of_that_side():
    (problem,) = problems({"type": "Zzz"})
    assert problem.expected.startswith("one of 'Settings', 'UpdatePrompt', ")


def test_an_unknown_type_is_answered_with_the_nearest():
    (problem,) = problems({"type": "updatePromt"})
    assert (problem.pointer, problem.keyword, problem.got) == ("/type", "type-name", "'updatePromt'")
    assert problem.expected == "a type of the v1 dialect (did you mean 'UpdatePrompt'?)"
    assert problem.refused_from is FROM_LENIENT


def test_a_type_of_the_other_side_is_unknown():
    assert [p.keyword for p in problems({"type": "Welcome", "request_id": "x"})] == ["type-name"]


def test_json_inside_a_string_is_looked_at():
    call = {"id": "1", "name": "f", "client_side": True, "arguments": "{"}
    found = SCHEMAS.problems(Dialect.V1, Side.SERVER, {"type": "FunctionCallRequest", "functions": [call]})
    assert found == (Problem("/functions/0/arguments", "json-text", "a string that holds JSON", "'{'"),)


def test_a_file_is_read_once_and_not_before_it_is_needed():
    paths = []
    schemas = Schemas(lambda path: paths.append(path) or read(path))
    assert paths == []
    for _ in range(3):
        schemas.problems(Dialect.V1, Side.CLIENT, {"type": "UpdateListen"})
    assert sorted(paths) == ["common/listen.json", "v1/client/UpdateListen.json"]


def test_the_schema_file_of_a_type():
    document = SCHEMAS.document(Dialect.V1, Side.CLIENT, "Settings")
    assert document == read(path_of(Dialect.V1, Side.CLIENT, "Settings"))
    with pytest.raises(KeyError):
        SCHEMAS.document(Dialect.V1, Side.CLIENT, "Welcome")


def test_paths_of_both_dialects():
    assert path_of(Dialect.V1, Side.CLIENT, "Settings") == "v1/client/Settings.json"
    assert path_of(Dialect.EARLY_ACCESS, Side.SERVER, "Error") == "early_access/server/Error.json"


def test_a_schema_that_is_not_there_is_the_reader_s_error():
    with pytest.raises(FileNotFoundError):
        SCHEMAS.conforms("v1/client/Nothing.json", {})


def test_what_is_wrong_with_an_address_is_said_without_its_secrets():
    endpoint = {"url": "gopher://me:planted@h?k=planted"}
    think = {"provider": {"type": "open_ai", "model": "gpt-5"}, "endpoint": endpoint}
    (problem,) = problems({"type": "UpdateThink", "think": think})
    assert (problem.pointer, problem.got) == ("/think/endpoint/url", "'gopher://[redacted]@h?[redacted]'")


def test_a_thread_never_meets_what_another_one_is_still_compiling():
    """Without the lock the second one goes by a schema of think that has nothing in it yet."""
    body = {"type": "Settings", "audio": {}, "agent": {"think": {"provider": {"type": "nobody"}}}}
    is_reading, may_go_on = Event(), Event()

    def read(path):
        if path == "common/endpoint.json" and not is_reading.is_set():
            is_reading.set()
            may_go_on.wait(10)
        return read_schema(path)

    shared = Schemas(read)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shared.problems, Dialect.V1, Side.CLIENT, body)
        assert is_reading.wait(10)
        second = pool.submit(shared.problems, Dialect.V1, Side.CLIENT, body)
        wait([second], timeout=0.5)
        may_go_on.set()
        expected = Schemas(read_schema).problems(Dialect.V1, Side.CLIENT, body)
        assert first.result() == second.result() == expected


@pytest.mark.parametrize(
    ("part", "document"),
    [
        ({"allOf": [{"properties": {"a": {}}, "additionalProperties": True}]}, {"b": 1}),
        ({"allOf": [{"patternProperties": {"^x-": {}}}]}, {"x-a": 1}),
        ({"anyOf": [{"properties": {"a": {}}, "required": ["a"]}]}, {"a": 1}),
    ],
    ids=["any field", "fields of a pattern", "an alternative"],
)
def test_a_field_that_one_part_knows_is_not_unknown(part, document):
    schemas = Schemas({"files/one.json": {**part, "unevaluatedProperties": False}}.__getitem__)
    assert schemas.conforms("files/one.json", document) == ()


def test_the_circumstance_of_an_item_is_told_without_its_number():
    case = {
        "if": {"properties": {"type": {"const": "x"}}, "required": ["type"]},
        "then": {"properties": {"y": {}}, "required": ["y"]},
    }
    schemas = Schemas({"files/one.json": {"items": {"allOf": [case]}}}.__getitem__)
    (problem,) = schemas.conforms("files/one.json", [{"type": "x"}])
    assert (problem.pointer, problem.expected) == ("/0/y", "a field y for type 'x'")


def test_a_schema_is_resolved_without_references_and_what_readers_need():
    resolved = SCHEMAS.resolved(Dialect.V1, Side.CLIENT, "UpdatePrompt")
    assert "prompt" in resolved["properties"]
    assert not {"$ref", "$schema", "title"} & resolved.keys()


def of_files(**files):
    """Schemas that lie nowhere but here."""
    return Schemas(files.__getitem__)


def told(schema, document):
    return [(each.pointer, each.expected) for each in of_files(a=schema).conforms("a", document)]


def test_problems_are_sorted_where_there_are_but_two():
    schema = {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    assert [pointer for pointer, _ in told(schema, {"b": 1, "a": 1})] == ["/b", "/a"]


def test_problems_in_a_list_are_sorted_by_item_and_then_as_they_stand_in_it():
    schema = {"items": {"properties": {name: {"type": "string"} for name in "abc"}}}
    found = told(schema, [{"c": "", "b": 1, "a": 1}, {"b": 1, "a": 1}])
    assert [pointer for pointer, _ in found] == ["/0/b", "/0/a", "/1/b", "/1/a"]


@pytest.mark.parametrize(
    ("condition", "document", "holds"),
    [
        ({"enum": [1]}, True, False),
        ({"enum": ["a"]}, "a", True),
        ({"const": 1}, True, False),
        ({"const": "a"}, "a", True),
        ({"type": ["string", "null"]}, None, True),
        ({"type": "string"}, None, False),
        ({"required": ["x"]}, {}, False),
        ({"required": ["x", "y"]}, {"x": 1}, False),
        ({"required": ["x"]}, "no object", True),
        ({"properties": {"x": {"const": "a"}}}, {}, True),
        ({"properties": {"x": {"const": "a"}}}, {"x": "b"}, False),
        ({"properties": {"x": {"const": "a"}}}, "no object", True),
        ({"properties": {"x": True}}, {"x": 1}, True),
        ({"properties": {"x": {"const": "a"}}}, 5, True),
        ({"minimum": 3}, 2, False),
        (True, 1, True),
        (False, 1, False),
    ],
)
def test_a_condition_holds_as_the_standard_says(condition, document, holds):
    schema = {"if": condition, "then": {"x-departure": "then"}, "else": {"x-departure": "else"}}
    assert [words for _, words in told(schema, document)] == [
        f"the usual form ({'then' if holds else 'else'})"
    ]


def test_a_case_is_told_by_what_decided_it():
    inner = {"properties": {"kind": {"const": "a"}}, "required": ["kind"]}
    schema = {"if": {"properties": {"x": inner}}, "then": {"required": ["y"]}}
    assert told(schema, {"x": {"kind": "a"}}) == [("/y", "a field y for x kind 'a'")]
    assert told(schema, {}) == [("/y", "a field y")]


def test_a_field_that_may_not_be_is_told_as_such():
    (problem,) = of_files(a={"properties": {"x": False}}).conforms("a", {"x": 1})
    assert problem == Problem("/x", "false", "nothing", "1")
    (problem,) = of_files(a={"if": True, "then": False}).conforms("a", 1)
    assert (problem.keyword, problem.expected, problem.got) == ("false", "nothing", "1")


@pytest.mark.parametrize("keyword", ["additionalProperties", "unevaluatedProperties"])
def test_other_fields_may_be_asked_to_be_of_a_kind(keyword):
    schema = {"properties": {"x": True}, keyword: {"type": "string"}}
    assert told(schema, {"x": 1, "y": "a"}) == []
    (pointer, _), *others = told(schema, {"x": 1, "y": 2})
    assert not others
    assert pointer == {"additionalProperties": "/y", "unevaluatedProperties": ""}[keyword]


def test_items_that_have_a_schema_of_their_own_need_no_other():
    schema = {"prefixItems": [{"type": "string"}], "items": {"type": "number"}}
    assert told(schema, ["a", 1, 2]) == []
    assert [pointer for pointer, _ in told(schema, ["a", "b", 2])] == ["/1"]


TEXT = {"$ref": "#/$defs/text"}
BEHIND_KEYWORDS = [
    *({keyword: TEXT} for keyword in ("items", "additionalProperties", "unevaluatedProperties", "contains")),
    *({keyword: TEXT} for keyword in ("if", "then", "else", "not", "propertyNames", "x-lenient")),
    *({keyword: [TEXT]} for keyword in ("allOf", "anyOf", "oneOf", "prefixItems")),
    *({keyword: {"a": TEXT}} for keyword in ("properties", "patternProperties", "dependentSchemas")),
]


@pytest.mark.parametrize("schema", BEHIND_KEYWORDS, ids=lambda schema: next(iter(schema)))
def test_a_reference_is_resolved_behind_every_keyword(schema):
    path = path_of(Dialect.V1, Side.CLIENT, "KeepAlive")
    files = {path: {"$defs": {"text": {"type": "string"}}, **schema}}
    resolved = Schemas(files.__getitem__).resolved(Dialect.V1, Side.CLIENT, "KeepAlive")
    assert "$ref" not in str(resolved) and "{'type': 'string'}" in str(resolved)


FOR_READERS = ("$schema", "$defs", "$comment", "title", "description", "default", "deprecated", "examples")


@pytest.mark.parametrize("keyword", [*FOR_READERS, "x-source", "x-stability", "x-near-misses"])
def test_what_only_readers_need_is_left_out(keyword):
    path = path_of(Dialect.V1, Side.CLIENT, "KeepAlive")
    files = {path: {keyword: {}, "type": "object"}}
    assert Schemas(files.__getitem__).resolved(Dialect.V1, Side.CLIENT, "KeepAlive") == {"type": "object"}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_the_fields_of_an_alternative_that_holds_are_known(keyword):
    alternatives = [
        {"properties": {"kind": {"const": name}, name: True}, "required": ["kind"]} for name in ("a", "b")
    ]
    schema = {keyword: alternatives, "unevaluatedProperties": False}
    assert told(schema, {"kind": "a", "a": 1}) == []
    assert [pointer for pointer, _ in told(schema, {"kind": "a", "b": 1})] == ["/b"]


def test_of_cases_within_cases_the_innermost_is_told():
    inner = {"if": {"properties": {"b": {"const": "x"}}}, "then": {"required": ["y"]}}
    schema = {"if": {"properties": {"a": {"const": "x"}}}, "then": inner}
    assert told(schema, {"a": "x", "b": "x"}) == [("/y", "a field y for b 'x'")]


def test_what_stands_beside_a_reference_counts_too():
    schema = {
        "$defs": {"text": {"type": "string"}},
        "properties": {"a": {"$ref": "#/$defs/text", "allOf": [{"minLength": 2}], "maxLength": 3}},
    }
    for value, expected in ((7, "a string"), ("a", "a value of at least 2 characters"), ("abcd", "a value")):
        ((pointer, words),) = told(schema, {"a": value})
        assert pointer == "/a" and words.startswith(expected)
    assert told(schema, {"a": "abc"}) == []


def test_a_name_is_suggested_though_not_all_choices_are_names():
    assert told({"properties": {"x": {"enum": [1, None, "linear16"]}}}, {"x": "linear61"}) == [
        ("/x", "one of 1, null, 'linear16' (did you mean 'linear16'?)")
    ]
    assert told({"properties": {"x": {"const": "linear16"}}}, {"x": "linear61"}) == [
        ("/x", "'linear16' (did you mean 'linear16'?)")
    ]


def test_what_is_no_name_is_never_suggested():
    assert told({"properties": {"x": {"enum": [None, True]}}}, {"x": "none"}) == [("/x", "one of null, true")]


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        ({"type": "string"}, 1, "a string"),
        ({"minimum": 1}, 0, "a value from 1"),
        ({"maximum": 1}, 2, "a value up to 1"),
        ({"exclusiveMinimum": 1}, 1, "a value above 1"),
        ({"exclusiveMaximum": 1}, 1, "a value below 1"),
        ({"multipleOf": 2}, 1, "a value in steps of 2"),
        ({"pattern": "^a"}, "b", "a value that matches ^a"),
        ({"minLength": 2}, "a", "a value of at least 2 characters"),
        ({"maxLength": 1}, "ab", "a value of at most 1 characters"),
        ({"minItems": 1}, [], "a value of at least 1 items"),
        ({"maxItems": 1}, [1, 2], "a value of at most 1 items"),
    ],
)
def test_what_a_keyword_asks_is_told_in_plain_words(schema, value, words):
    assert told(schema, value) == [("", words)]
