"""At a full role's door: a seat is asked for, given or kept; and a person is sent away."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import trio
import trio.testing

from soundmesh.bridge.fake import FakeMedia
from soundmesh.core import events as ev
from soundmesh.core.ids import KeyId, StationId
from soundmesh.core.state import State
from soundmesh.server.control import make_control_app
from soundmesh.server.desk import Admission, Desk, Refusal
from soundmesh.server.invites import Invites
from soundmesh.server.outbox import Outbox
from soundmesh.server.requests import UNHEARD_S
from soundmesh.server.secrets import PinStore
from soundmesh.server.sessions import Sessions
from soundmesh.server.status import Addresses
from soundmesh.server.switchboard import Switchboard
from soundmesh.wire import http as w
from soundmesh.wire import messages as m

from .crewshow import TEXT, crew_show

pytestmark = pytest.mark.trio

ADDRESS = "192.0.2.7"
SHOW = TEXT.replace('name = "Director"\n', 'name = "Director"\nrights = ["approve"]\n')


class Door:
    """The reception of a show whose director may approve, with one person in each seat asked for."""

    def __init__(self, folder: Path) -> None:
        self.board = Switchboard(crew_show(SHOW), State())
        self.board.connect_media(FakeMedia(self.board.apply))
        self.desk = Desk(self.board, Sessions(), Invites(), PinStore(folder / "secrets.toml"))
        self.links: dict[StationId, Outbox] = {}
        self.tokens: dict[str, str] = {}

    def invite(self, role: str) -> str:
        return self.desk.invites.make(role, 1, 60, time.time())

    async def sit(self, person: str, role: str, seat: str) -> StationId:
        outcome = await self.desk.join(
            w.Join(name=person, seat=seat, invite=self.invite(role)), None, ADDRESS
        )
        assert isinstance(outcome, Admission)
        station = StationId(outcome.joined.station)
        opened = self.board.open_link(station)
        assert opened is not None
        self.links[station] = opened[1]
        self.tokens[person] = outcome.token
        return station

    async def ask(self, person: str, role: str, seat: str, invite: str | None = None) -> w.Asked:
        body = w.Ask(name=person, seat=seat, hand_over=True, invite=invite or self.invite(role))
        asked = await self.desk.ask(body, None, ADDRESS)
        assert isinstance(asked, w.Asked)
        return asked

    def seen(self, station: StationId) -> list[m.DoorRequest]:
        found = self.board._requests(station)
        assert found is not None
        return found.requests

    async def last_word(self, station: StationId) -> m.Gone:
        last: object = None
        with trio.fail_after(2):
            async for message in self.links[station].stream():
                last = message
        assert isinstance(last, m.Gone)
        return last

    def holder(self, seat: str) -> str | None:
        return next((s.person for s in self.board.state.stations.values() if s.seat == seat), None)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


async def test_a_holder_who_agrees_gives_the_seat_and_every_talk_with_it(door: Door) -> None:
    ann = await door.sit("Ann", "td", "TD")
    door.board.apply(ev.KeyPressed(ann, KeyId("main"), 1))
    assert door.board.state.stations[ann].talks
    asked = await door.ask("Sam", "td", "TD")
    (shown,) = door.seen(ann)
    assert (shown.person, shown.hand_over, shown.holder, shown.mine) == ("Sam", True, "Ann", True)
    assert door.board.decide(ann, shown.id, True)
    # In the step of the yes: Sam has the seat, Ann has nothing, and nobody can come between.
    assert ann not in door.board.state.stations
    assert door.holder("TD") == "Sam"
    gone = await door.last_word(ann)
    assert (gone.reason, gone.by, gone.again) == ("handed_over", "Sam", False)
    assert door.desk.sessions.find(door.tokens["Ann"]) is None
    third = await door.desk.join(w.Join(name="Eve", seat="TD", invite=door.invite("td")), None, "10.0.0.2")
    assert isinstance(third, Refusal)
    outcome = await door.desk.join(w.Join(name="Sam", ask=asked.token), None, ADDRESS)
    assert isinstance(outcome, Admission)
    assert (outcome.joined.role, outcome.joined.seat) == ("td", "TD")
    found = door.desk.sessions.find(outcome.token)
    assert found is not None
    assert not door.board.state.stations[found.station].talks


async def test_a_hand_over_spends_its_invite_once(door: Door) -> None:
    await door.sit("Ann", "td", "TD")
    cam = await door.sit("Cay", "cam", "Cam 1")
    token = door.invite("cam")
    asked = await door.ask("Sam", "cam", "Cam 1", invite=token)
    late = await door.ask("Pat", "cam", "Cam 1", invite=token)
    for one in door.seen(cam):
        assert door.board.decide(cam, one.id, True) == (one.person == "Sam")
    assert door.holder("Cam 1") == "Sam"
    assert door.desk.invites.look(token, time.time()) is None
    answer = door.desk.asked(asked.token)
    assert isinstance(answer, w.Asked)
    assert answer.state == "admitted"
    director = next(s for s in door.board.state.stations.values() if s.person == "Ann")
    door.board.decide(director.id, door.seen(director.id)[0].id, True)
    answer = door.desk.asked(late.token)
    assert isinstance(answer, w.Asked)
    assert answer.state == "declined"
    assert door.holder("Cam 1") == "Sam"


async def test_who_keeps_the_seat_keeps_it_and_the_asker_learns_by_whom(door: Door) -> None:
    ann = await door.sit("Ann", "td", "TD")
    asked = await door.ask("Sam", "td", "TD")
    assert door.board.decide(ann, door.seen(ann)[0].id, False)
    answer = door.desk.asked(asked.token)
    assert isinstance(answer, w.Asked)
    assert (answer.state, answer.by) == ("declined", "TD (Ann)")
    assert door.holder("TD") == "Ann"
    assert door.desk.sessions.find(door.tokens["Ann"]) is not None


async def test_the_right_approve_gives_anothers_seat_and_the_old_holder_reads_who(door: Door) -> None:
    ann = await door.sit("Ann", "td", "TD")
    cay = await door.sit("Cay", "cam", "Cam 1")
    dee = await door.sit("Dee", "cam", "Cam 2")
    await door.ask("Sam", "cam", "Cam 1")
    assert door.seen(dee) == [], "another camera is not asked"
    assert not door.board.decide(dee, door.seen(cay)[0].id, True)
    (shown,) = door.seen(ann)
    assert (shown.holder, shown.mine) == ("Cay", False)
    assert door.board.decide(ann, shown.id, True)
    assert door.holder("Cam 1") == "Sam"
    gone = await door.last_word(cay)
    assert (gone.reason, gone.by) == ("seat_given", "TD (Ann)")


async def test_a_seat_is_not_asked_for_without_proof_nor_when_it_is_free(door: Door) -> None:
    await door.sit("Ann", "td", "TD")
    cases = [
        (w.Ask(name="Sam", role="td", seat="TD", hand_over=True), "invite_needed"),
        (w.Ask(name="Sam", role="td", seat="TD", hand_over=True, pin="1234"), "invite_needed"),
        (w.Ask(name="Sam", seat="TD", hand_over=True, invite="nonsense"), "invite_over"),
        (w.Ask(name="Sam", seat="Cam 1", hand_over=True, invite=door.invite("cam")), "seat_free"),
    ]
    for body, error in cases:
        refused = await door.desk.ask(body, None, ADDRESS)
        assert isinstance(refused, Refusal)
        assert refused.error == error
    await door.sit("Cay", "cam", "Cam 1")
    await door.sit("Dee", "cam", "Cam 2")
    refused = await door.desk.ask(w.Ask(name="Sam", hand_over=True, invite=door.invite("cam")), None, ADDRESS)
    assert isinstance(refused, Refusal)
    assert (refused.error, refused.details) == ("seat_needed", ("Cam 1: Cay", "Cam 2: Dee"))


async def test_a_seat_that_becomes_free_goes_to_who_has_shown_the_right_to_it(
    door: Door, autojump_clock: trio.testing.MockClock
) -> None:
    await door.sit("Ann", "td", "TD")
    cay = await door.sit("Cay", "cam", "Cam 1")
    asked = await door.ask("Sam", "cam", "Cam 1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(door.desk.run)
        door.desk.forget(cay)
        await trio.sleep(1.5)
        nursery.cancel_scope.cancel()
    answer = door.desk.asked(asked.token)
    assert isinstance(answer, w.Asked)
    assert answer.state == "admitted"
    assert door.holder("Cam 1") == "Sam"


async def test_who_closes_the_page_is_taken_off_the_panels(
    door: Door, autojump_clock: trio.testing.MockClock
) -> None:
    ann = await door.sit("Ann", "td", "TD")
    asked = await door.ask("Sam", "td", "TD")
    door.desk.cancel(asked.token)
    assert door.seen(ann) == []
    await door.ask("Sam", "td", "TD")
    await trio.sleep(UNHEARD_S + 0.1)
    assert door.seen(ann) == []


async def test_who_is_sent_away_has_no_seat_no_session_and_reads_by_whom(door: Door) -> None:
    ann = await door.sit("Ann", "td", "TD")
    cay = await door.sit("Cay", "cam", "Cam 1")
    door.board.apply(ev.KeyPressed(cay, KeyId("main"), 1))
    assert not door.board.kick(cay, ann, ""), "without the right"
    assert not door.board.kick(ann, ann, ""), "nobody kicks themself"
    assert door.board.kick(ann, cay, "Wrong  seat.")
    assert cay not in door.board.state.stations
    assert door.desk.sessions.find(door.tokens["Cay"]) is None
    gone = await door.last_word(cay)
    assert (gone.reason, gone.by, gone.why, gone.again) == ("kicked", "TD (Ann)", "Wrong seat.", False)
    assert gone.text == "TD (Ann) sent you away. Wrong seat."


async def test_the_operator_sends_away_and_answers_at_the_control_socket(door: Door) -> None:
    await door.sit("Ann", "td", "TD")
    cay = await door.sit("Cay", "cam", "Cam 1")
    browser = make_control_app(door.desk, Addresses(), lambda: None).test_client()  # type: ignore[arg-type,return-value]
    await door.ask("Sam", "td", "TD")
    (one,) = (await (await browser.get("/requests")).get_json())["requests"]
    assert (one["person"], one["holder"], one["seat"]) == ("Sam", "Ann", "TD")
    assert (await browser.post("/requests", json={"id": one["id"], "admit": True})).status_code == 200
    assert (await browser.post("/requests", json={"id": one["id"], "admit": True})).status_code == 404
    assert door.holder("TD") == "Sam"
    assert (await browser.post("/kick", json={"station": cay, "why": "Go home."})).status_code == 200
    assert door.holder("Cam 1") is None
    assert (await door.last_word(cay)).text == "You were sent away from the show. Go home."
    assert (await browser.post("/kick", json={"station": cay})).status_code == 404
    assert (await browser.post("/kick", json={"station": 0})).status_code == 400
