"""The control socket's app: what the box's own operator may do. Its credential is the file's mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
from quart import Response, request
from quart_trio import QuartTrio

from soundmesh.core import events as ev
from soundmesh.core.ids import RoleId, StationId
from soundmesh.server.desk import Desk
from soundmesh.server.reply import fault, reply
from soundmesh.server.status import Addresses
from soundmesh.wire import http as w

T = TypeVar("T", bound=msgspec.Struct)


def make_control_app(desk: Desk, where: Addresses, get_status: Callable[[], w.Status]) -> QuartTrio:
    """GET /status, /requests; POST /invite, /pin, /kill, /kick, /requests; bodies of ``wire.http``."""
    app = QuartTrio(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024

    @app.get("/status")
    async def status() -> Response:
        return reply(get_status())

    @app.post("/invite")
    async def invite() -> Response:
        body = await _body(w.MakeInvite)
        if isinstance(body, Response):
            return body
        if RoleId(body.role) not in desk.show.roles:
            return _unknown_role(desk, body.role)
        return reply(desk.make_invite(body, where))

    @app.post("/pin")
    async def pin() -> Response:
        body = await _body(w.SetPin)
        if isinstance(body, Response):
            return body
        if RoleId(body.role) not in desk.show.roles:
            return _unknown_role(desk, body.role)
        await desk.set_pin(body.role, body.pin)
        return reply({})

    @app.post("/kill")
    async def kill() -> Response:
        body = await _body(w.SetKill)
        if isinstance(body, Response):
            return body
        desk.board.apply(ev.KillSet(body.address, body.on))
        return reply({})

    @app.post("/kick")
    async def kick() -> Response:
        body = await _body(w.Kick)
        if isinstance(body, Response):
            return body
        if not desk.kick(StationId(body.station), "", body.why):
            return fault(404, "unknown_station", f"There is no station {body.station}.")
        return reply({})

    @app.get("/requests")
    async def requests() -> Response:
        return reply(w.WaitingList(desk.waiting()))

    @app.post("/requests")
    async def answer() -> Response:
        body = await _body(w.Answer)
        if isinstance(body, Response):
            return body
        if not desk.decide(body.id, admit=body.admit, by=""):
            return fault(404, "request_over", "This request is over.")
        return reply({})

    @app.errorhandler(404)
    async def not_found(_: Exception) -> Response:
        has = "/status, /requests, /invite, /pin, /kill and /kick"
        return fault(404, "not_found", f"The control socket has {has}.")

    return app


async def _body(kind: type[T]) -> T | Response:
    try:
        return msgspec.json.decode(await request.get_data(), type=kind)
    except msgspec.MsgspecError as error:
        return fault(400, "bad_body", f"The body is not right: {error}.")


def _unknown_role(desk: Desk, role: str) -> Response:
    known = ", ".join(sorted(desk.show.roles))
    return fault(404, "unknown_role", f'There is no role "{role}" in this show. It has: {known}.')
