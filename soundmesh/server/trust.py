"""The plain-HTTP page that teaches a phone to trust this box. Fixed routes, nothing else.

It has no session, no form and no script: whoever listens in learns what the
certificate says anyway, and what somebody in between could change the
fingerprint on the box's own screen gives away.
"""

from __future__ import annotations

import base64
import hashlib
import plistlib
import uuid
from collections.abc import Callable, Sequence

from quart import Response, request
from quart_trio import QuartTrio

from soundmesh.server.guard import HEADERS
from soundmesh.server.reply import fault
from soundmesh.server.tls import Authority
from soundmesh.server.trustpage import CSS, render, system_of

STYLE_HASH = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
CSP = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def make_trust_app(
    authority: Callable[[], Authority],
    show_name: Callable[[], str],
    panel_urls: Callable[[], Sequence[str]],
) -> QuartTrio:
    """``/``, ``/ca.crt`` and ``/ca.mobileconfig`` for GET and HEAD."""
    app = QuartTrio(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 1024

    @app.before_request
    async def reading_only() -> Response | None:
        if request.method in {"GET", "HEAD"}:
            return None
        refused = fault(405, "bad_method", "This page is only for reading.")
        refused.headers["Allow"] = "GET, HEAD"
        return refused

    @app.get("/")
    async def page() -> Response:
        mine = authority()
        html = render(
            show=show_name(),
            authority=mine.name,
            fingerprint=mine.fingerprint_sha256,
            panel=_panel_url(request.host, panel_urls()),
            system=system_of(request.headers.get("User-Agent", "")),
        )
        return Response(html, content_type="text/html; charset=utf-8")

    @app.get("/ca.crt")
    async def certificate() -> Response:
        mine = authority()
        # DER: Android installs it from its file list, Windows and macOS open it.
        name = f"{mine.name.replace(' ', '-')}.crt"
        return Response(
            mine.ca_der,
            content_type="application/x-x509-ca-cert",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @app.get("/ca.mobileconfig")
    async def profile() -> Response:
        # Not as an attachment: Safari offers to install a profile it opens and only stores one it downloads.
        return Response(make_profile(authority()), content_type="application/x-apple-aspen-config")

    @app.errorhandler(404)
    async def nothing(_: Exception) -> Response:
        return fault(404, "not_found", "There is nothing at this address. The page is at /.")

    @app.after_request
    async def dress(response: Response) -> Response:
        for name, value in (HEADERS | {"Content-Security-Policy": CSP, "Cache-Control": "no-store"}).items():
            response.headers[name] = value
        # Only means anything on secure pages; on this one browsers complain of it.
        del response.headers["Cross-Origin-Opener-Policy"]
        return response

    return app


def make_profile(authority: Authority) -> bytes:
    """An iOS and macOS configuration profile with the authority's certificate as its one payload.

    Source: Apple, Configuration Profile Reference (com.apple.security.root).
    """
    identity = authority.fingerprint_sha256
    # Derived, so that installing it twice replaces it.
    outer, inner = (
        str(uuid.uuid5(uuid.NAMESPACE_URL, f"soundmesh:{identity}:{part}")).upper()
        for part in ("profile", "root")
    )
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"soundmesh.trust.{outer}",
            "PayloadUUID": outer,
            "PayloadDisplayName": authority.name,
            "PayloadDescription": "Lets this device recognise the SoundMesh box, for its own addresses only.",
            "PayloadContent": [
                {
                    "PayloadType": "com.apple.security.root",
                    "PayloadVersion": 1,
                    "PayloadIdentifier": f"soundmesh.trust.{outer}.root",
                    "PayloadUUID": inner,
                    "PayloadDisplayName": authority.name,
                    "PayloadContent": authority.ca_der,
                }
            ],
        }
    )


def _panel_url(host: str, urls: Sequence[str]) -> str | None:
    """The panel under the address this page was reached at, if it is one of ours; else the first."""
    bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    for url in urls:
        at = url.removeprefix("https://")
        if at == bare or (at.startswith(f"{bare}:") and at.removeprefix(f"{bare}:").isdigit()):
            return url
    return urls[0] if urls else None
