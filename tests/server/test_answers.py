"""HTTP answers: their JSON, their length, and the id and reason in headers."""

import json
from http import HTTPStatus

from mockagent.server.answers import answer, refusal
from mockagent.server.door import TOO_MANY, Refused


def test_an_answer_is_json_that_ends_the_connection():
    found = answer(HTTPStatus.OK, {"models": ["ä"]}, "an-id")
    assert (found.status_code, found.reason_phrase) == (200, "OK")
    assert json.loads(found.body) == {"models": ["ä"]}
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers["Content-Length"] == str(len(found.body))
    assert found.headers["Connection"] == "close"
    assert found.headers["dg-request-id"] == "an-id"
    assert "dg-error" not in found.headers


def test_a_refusal_says_why_in_body_and_header():
    found = refusal(TOO_MANY, "an-id")
    assert (found.status_code, found.reason_phrase) == (429, "Too Many Requests")
    assert json.loads(found.body) == {
        "err_code": "TOO_MANY_REQUESTS",
        "err_msg": "Too many concurrent connections.",
        "request_id": "an-id",
    }
    assert found.headers["dg-error"] == "Too many concurrent connections."
    assert found.headers["dg-request-id"] == "an-id"


def test_a_header_holds_nothing_but_ascii():
    found = refusal(Refused(404, "NO_SUCH_SCENARIO", "no scenario named 'ä'"), "an-id")
    assert found.headers["dg-error"] == "no scenario named '?'"
    assert json.loads(found.body)["err_msg"] == "no scenario named 'ä'"
