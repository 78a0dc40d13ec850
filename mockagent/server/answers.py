"""HTTP answers as the live service gives them: JSON bodies, and the request's id in a header either way."""

import json
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from math import ceil
from typing import Any

from websockets.datastructures import Headers
from websockets.http11 import Response

from mockagent.protocol.handshake import REQUEST_ID
from mockagent.server.door import Refused

ERROR = "dg-error"


def answer(status: HTTPStatus, body: Mapping[str, Any], request_id: str) -> Response:
    """A JSON answer that ends the connection."""
    data = json.dumps(body).encode()
    headers = Headers(
        [
            ("Date", formatdate(usegmt=True)),
            ("Connection", "close"),
            ("Content-Length", str(len(data))),
            ("Content-Type", "application/json"),
            (REQUEST_ID, request_id),
        ]
    )
    return Response(status.value, status.phrase, headers, data)


def refusal(refused: Refused, request_id: str, retry_after: float | None = None) -> Response:
    """The answer in place of an upgrade, with the reason in `dg-error` and in the body.

    `retry_after` is in seconds, of which HTTP knows only whole ones.
    """
    body = {"err_code": refused.code, "err_msg": refused.message, "request_id": request_id}
    response = answer(HTTPStatus(refused.status), body, request_id)
    response.headers[ERROR] = refused.message.encode("ascii", "replace").decode()
    if retry_after is not None:
        response.headers["Retry-After"] = str(ceil(retry_after))
    return response
