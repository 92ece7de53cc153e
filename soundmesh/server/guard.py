"""What every request must pass before a route sees it, and what every answer carries.

Pure checks, and ``install`` that puts them on a Quart app. Every refusal is a
``wire.http.Fault``.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from quart import Quart, Response, has_websocket_context, request, websocket
from werkzeug.exceptions import HTTPException

from soundmesh.server.reply import fault

log = logging.getLogger(__name__)

MAX_PATH_BYTES = 512
MAX_QUERY_BYTES = 2048
MAX_BODY_BYTES = 96 * 1024
"""An SDP offer of 64 KiB as JSON, and some."""
BODY_S = 10.0
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
READING = frozenset({"GET", "HEAD"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self' wss:; media-src 'self' blob: mediastream:; worker-src 'self'; "
        "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # The microphone line matters on iOS: without it WebKit ignores audioSession.type.
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def split_host(header: str) -> tuple[str, int | None] | None:
    """Host and port of a Host header, the host in lower case without brackets; None if it is none."""
    if not header or any(c in header for c in "/\\@?# \t,"):
        return None
    try:
        parts = urlsplit(f"//{header}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    return _plain(host), port


def host_allowed(header: str, hosts: Collection[str]) -> bool:
    """Whether a Host header names this box, with any port: a rebound DNS name does not."""
    split = split_host(header)
    return split is not None and (split[0] in LOCAL_HOSTS or split[0] in {_plain(h) for h in hosts})


def origin_allowed(origin: str, host_header: str, scheme: str, hosts: Collection[str]) -> bool:
    """Whether a page of that origin may change things here.

    The page must be this very one, or one served by the browser's own machine
    (a developer's server) under a name of ours.
    """
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.path or parts.query or parts.fragment or not host_allowed(parts.netloc, hosts):
        return False
    theirs = split_host(parts.netloc)
    if theirs is not None and theirs[0] in LOCAL_HOSTS:
        return parts.scheme in {"http", "https"}
    secure = "https" if scheme in {"https", "wss"} else "http"
    return parts.scheme == secure and theirs == split_host(host_header)


def is_json(content_type: str) -> bool:
    """Whether a body is declared as JSON, which no form of a strange page can."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def is_websocket() -> bool:
    """Whether the code runs for a websocket and not for a request."""
    return bool(has_websocket_context())


def install(app: Quart, hosts: Callable[[], Collection[str]], headers: dict[str, str] | None = None) -> None:
    """Put the checks before, the headers after, and faults in place of every error page.

    ``hosts``: this box's names and addresses now; localhost always counts.
    ``headers``: instead of ``HEADERS``.
    """
    shown = HEADERS if headers is None else headers
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["BODY_TIMEOUT"] = BODY_S
    app.url_map.merge_slashes = False

    async def check() -> Response | None:
        return _refusal(hosts())

    async def dress(response: Response | None) -> Response | None:
        if response is not None:
            for name, value in shown.items():
                response.headers.setdefault(name, value)
        return response

    async def on_http_error(error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return explain(error)

    async def on_error(error: Exception) -> Response:
        log.error("a request failed", exc_info=error)
        return fault(500, "failed", "Something went wrong in the appliance. Try again.")

    app.before_request(check)
    app.before_websocket(check)
    app.after_request(dress)
    app.after_websocket(dress)  # type: ignore[type-var]
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_error)


def explain(error: HTTPException) -> Response:
    """An HTTP error of the framework in our words."""
    status = error.code or 500
    code, text = _SENTENCES.get(status, ("refused", "The appliance cannot answer this request."))
    response = fault(status, code, text)
    if status == 405:
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            response.headers["Allow"] = ", ".join(allowed)
    return response


_SENTENCES = {
    400: ("bad_request", "The request is not right."),
    404: ("not_found", "There is nothing at this address."),
    405: ("bad_method", "This address does not take that method."),
    408: ("too_slow", "The request took too long."),
    413: ("too_large", "The request is too large."),
    414: ("too_long", "The address is too long."),
    415: ("json_only", "Send JSON, with the content type application/json."),
}


def _refusal(hosts: Collection[str]) -> Response | None:
    """The checks in order, for the request or websocket at hand."""
    at = websocket if is_websocket() else request
    raw_path = at.scope.get("raw_path") or b""
    if len(raw_path.partition(b"?")[0]) > MAX_PATH_BYTES or len(at.query_string) > MAX_QUERY_BYTES:
        return fault(414, *_SENTENCES[414])
    host = at.headers.get("Host", "")
    if len(at.headers.getlist("Host")) != 1 or not host_allowed(host, hosts):
        return fault(
            421, "wrong_host", "This box does not go by that name. Use the address it was announced under."
        )
    if not is_websocket() and request.method in READING:
        return None
    if not origin_allowed(at.headers.get("Origin", ""), host, at.scheme, hosts):
        return fault(403, "wrong_origin", "This came from a page that is not the panel. Open the panel.")
    if not is_websocket() and _has_body() and not is_json(request.headers.get("Content-Type", "")):
        return fault(415, *_SENTENCES[415])
    return None


def _has_body() -> bool:
    return "Transfer-Encoding" in request.headers or request.headers.get("Content-Length", "0") != "0"


def _plain(host: str) -> str:
    """One spelling for each host: lower case, no brackets, zone or final dot, addresses normalised."""
    bare = host.strip("[]").partition("%")[0].lower().removesuffix(".")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return bare
