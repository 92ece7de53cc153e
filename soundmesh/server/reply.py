"""JSON answers in the two shapes the API has: a body of ``wire.http``, or a fault."""

from __future__ import annotations

import msgspec
from quart import Response

from soundmesh.wire import http as w


def reply(body: object, status: int = 200) -> Response:
    """The body as JSON, never cached."""
    return Response(
        msgspec.json.encode(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def fault(
    status: int, error: str, text: str, *, details: list[str] | None = None, retry_s: float | None = None
) -> Response:
    """A refusal: a code for programs, a sentence for people."""
    response = reply(w.Fault(error=error, text=text, details=details or [], retry_s=retry_s), status)
    if retry_s is not None:
        response.headers["Retry-After"] = str(max(1, round(retry_s)))
    return response
