"""The panel and its API over TLS: the built web client, the door, and the control link with its two carriers.

Every route needs a device session except those in ``PUBLIC``; a test walks
the routes and holds this list to them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial

import msgspec
from quart import Response, g, request, websocket
from quart_trio import QuartTrio

from soundmesh.core.ids import StationId
from soundmesh.server import carrier, guard
from soundmesh.server.desk import Desk, Refusal
from soundmesh.server.link import Link
from soundmesh.server.reply import fault, reply
from soundmesh.server.sessions import COOKIE, DeviceSession, session_cookie
from soundmesh.server.webfiles import WebFiles
from soundmesh.wire import http as w

PUBLIC = frozenset({"panel", "invited", "asset", "door", "join", "ask", "asked", "cancel_ask"})
"""Endpoints that answer without a session."""


def make_panel_app(desk: Desk, files: WebFiles, hosts: Callable[[], Collection[str]]) -> QuartTrio:
    """``hosts``: the names and addresses a browser may have used to come here."""
    app = QuartTrio(__name__, static_folder=None)
    guard.install(app, hosts)

    def me() -> DeviceSession | None:
        connection = websocket if guard.is_websocket() else request
        return desk.sessions.find(connection.cookies.get(COOKIE, ""), time.time())

    async def require_session() -> Response | None:
        g.me = me()
        if g.me is None and request.endpoint not in PUBLIC and request.url_rule is not None:
            return fault(401, "join_first", "Join the show first.")
        return None

    app.before_request(require_session)

    def refuse(why: Refusal) -> Response:
        return fault(why.status, why.error, why.text, details=list(why.details), retry_s=why.retry_s)

    @app.get("/")
    async def panel() -> Response:
        return files.page()

    @app.get("/j/<token>")
    async def invited(token: str) -> Response:
        return files.page()

    @app.get("/<path:name>")
    async def asset(name: str) -> Response:
        return files.asset(name) or fault(404, "not_found", "There is nothing at this address.")

    @app.get("/api/v1/door")
    async def door() -> Response:
        return reply(desk.door(g.me, request.args.get("invite")))

    @app.post("/api/v1/join")
    async def join() -> Response:
        try:
            body = msgspec.json.decode(await request.get_data(), type=w.Join)
        except msgspec.MsgspecError as error:
            return fault(400, "bad_body", f"The join form is not right: {error}.")
        outcome = await desk.join(body, g.me, request.remote_addr or "")
        if isinstance(outcome, Refusal):
            return refuse(outcome)
        response = reply(outcome.joined)
        response.headers["Set-Cookie"] = session_cookie(outcome.token)
        return response

    @app.post("/api/v1/ask")
    async def ask() -> Response:
        try:
            body = msgspec.json.decode(await request.get_data(), type=w.Ask)
        except msgspec.MsgspecError as error:
            return fault(400, "bad_body", f"The form is not right: {error}.")
        outcome = await desk.ask(body, g.me, request.remote_addr or "")
        return refuse(outcome) if isinstance(outcome, Refusal) else reply(outcome)

    @app.get("/api/v1/ask/<token>")
    async def asked(token: str) -> Response:
        outcome = desk.asked(token)
        return refuse(outcome) if isinstance(outcome, Refusal) else reply(outcome)

    @app.post("/api/v1/ask/<token>/cancel")
    async def cancel_ask(token: str) -> Response:
        desk.cancel(token)
        return reply({})

    @app.post("/api/v1/leave")
    async def leave() -> Response:
        desk.forget(StationId(g.me.station))
        response = reply({})
        response.headers["Set-Cookie"] = session_cookie("")
        return response

    async def serve_link(
        station: StationId,
        receive: Callable[[], Awaitable[str | bytes]],
        send: Callable[[str], Awaitable[None]],
        address: str,
    ) -> None:
        forget = partial(desk.sessions.revoke, station)
        await Link(desk.board, station, receive, send, forget, address).run()

    @app.websocket("/api/v1/link")
    async def link() -> Response | None:
        mine = me()
        if mine is None:
            return fault(401, "join_first", "Join the show first.")
        station = StationId(mine.station)
        await websocket.accept()
        await serve_link(station, websocket.receive, websocket.send, websocket.remote_addr or "")
        return None

    async def serve_stream(stream: carrier.Stream, address: str) -> None:
        await serve_link(stream.station, stream.receive, stream.send, address)

    carrier.install(app, carrier.Carriers(serve_stream), lambda: StationId(g.me.station))
    return app
