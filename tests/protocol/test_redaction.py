"""What is a secret in a message, and copies without secrets."""

import pytest

from mockagent.protocol.redaction import REDACTED, SECRET_NAMES, is_secret, public_address, redacted


def test_a_message_without_secrets_is_the_same_object():
    body = {"type": "Settings", "agent": {"think": [{"provider": {"type": "open_ai"}}], "greeting": ""}}
    assert redacted(body) is body


def test_secrets_are_replaced_and_the_original_is_left_alone():
    endpoint = {
        "url": "https://api.example.com",
        "headers": {"authorization": "Bearer abc", "X-Custom": "def"},
    }
    body = {"type": "UpdateThink", "think": [{"provider": {"type": "groq"}, "endpoint": endpoint}]}
    clean = redacted(body)
    assert clean["think"][0]["endpoint"] == {
        "url": "https://api.example.com",
        "headers": {"authorization": REDACTED, "X-Custom": REDACTED},
    }
    assert clean["think"][0]["provider"] is body["think"][0]["provider"]
    assert endpoint["headers"]["authorization"] == "Bearer abc"


def test_credentials_keep_only_their_type_and_region():
    body = {"credentials": {"type": "sts", "region": "us-west-2", "session_token": "s", "other": "o"}}
    assert redacted(body) == {
        "credentials": {"type": "sts", "region": "us-west-2", "session_token": REDACTED, "other": REDACTED}
    }


def test_a_list_of_headers_keeps_its_keys():
    body = {"headers": [{"key": "authorization", "value": "Bearer abc"}]}
    assert redacted(body) == {"headers": [{"key": "authorization", "value": REDACTED}]}


SECRETS = (
    *("access_key_id", "api-key", "api_key", "apikey", "authorization", "password", "secret"),
    *("secret_access_key", "session_token", "token", "x-api-key", "xi-api-key"),
)


def test_no_secret_name_is_forgotten():
    assert set(SECRETS) == SECRET_NAMES


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["abc", 7, ["abc"], {"inner": "abc"}])
def test_a_field_of_a_secret_name_is_replaced_in_any_case_and_depth(name, value):
    assert redacted({"a": [{name.upper(): value}]}) == {"a": [{name.upper(): REDACTED}]}


def test_headers_that_are_no_object_are_secret_too():
    assert redacted({"headers": "authorization: abc"}) == {"headers": REDACTED}
    assert redacted({"headers": [["authorization", "abc"], "x"]}) == {"headers": [[REDACTED] * 2, REDACTED]}


def test_a_message_nested_too_deeply_shows_its_type_alone():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert redacted({"type": "Settings", "token": "abc", "deep": deep}) == {
        "type": "Settings",
        "rest": REDACTED,
    }


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        (["agent", "think", "endpoint", "headers", "type"], True),
        (["agent", "think", "endpoint", "headers"], True),
        (["headers", 0, "value"], True),
        (["headers", 0, "key"], False),
        (["headers", 0], True),
        (["credentials", "region"], False),
        (["credentials", "access_key_id"], True),
        (["Authorization"], True),
        (["agent", "think", 0, "prompt"], False),
        ([], False),
    ],
)
def test_a_path_tells_whether_its_value_is_a_secret(path, secret):
    assert is_secret(path) is secret


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://llm.example.com/v1/chat", "https://llm.example.com/v1/chat"),
        ("https://me:planted@llm.example.com/v1", f"https://{REDACTED}@llm.example.com/v1"),
        ("https://llm.example.com/v1?api_key=planted", f"https://llm.example.com/v1?{REDACTED}"),
        ("https://me:planted@h?k=planted", f"https://{REDACTED}@h?{REDACTED}"),
        ("planted?planted@planted", f"planted?{REDACTED}"),
        (["https://h?k=planted"], REDACTED),
        (None, None),
        ({"type": "string"}, {"type": "string"}),
    ],
)
def test_an_address_is_shown_without_user_password_and_query(url, shown):
    assert redacted({"endpoint": {"url": url}}) == {"endpoint": {"url": shown}}


def test_a_sign_in_a_path_is_no_user():
    assert public_address("https://example.com/@me") == "https://example.com/@me"


def test_a_secret_in_one_item_of_a_list_is_hidden_though_others_have_none():
    body = {"type": "x", "list": [{"name": "a"}, {"api_key": "hush"}, "plain"]}
    assert redacted(body) == {"type": "x", "list": [{"name": "a"}, {"api_key": "[redacted]"}, "plain"]}
