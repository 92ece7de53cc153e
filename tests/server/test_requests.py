"""Who waits at the door, for how long, and what an answer is worth."""

from __future__ import annotations

from soundmesh.core.ids import RoleId
from soundmesh.server.requests import (
    ANSWER_KEPT_S,
    MAX_KEPT,
    MAX_WAITING,
    UNHEARD_S,
    WAITS_S,
    Request,
    Requests,
    RequestState,
    clean_name,
)

GUEST = RoleId("guest")


def ask(requests: Requests, person: str = "Eva", address: str = "10.0.0.1", now: float = 0.0) -> Request:
    return requests.add(person=person, role=GUEST, seat=None, address=address, now=now)


def test_the_first_answer_counts_and_can_be_used_for_a_while() -> None:
    requests = Requests()
    made = ask(requests)
    assert requests.answer(made.id, admit=True, by="Ann", now=10.0) is not None
    assert requests.answer(made.id, admit=False, by="Bo", now=11.0) is None
    found = requests.find(made.token, 10.0 + ANSWER_KEPT_S - 1)
    assert found is not None
    assert (found.state, found.by) == (RequestState.ADMITTED, "Ann")
    assert requests.find(made.token, 10.0 + ANSWER_KEPT_S) is None


def test_who_is_not_answered_learns_it() -> None:
    requests = Requests()
    made = ask(requests)
    for second in range(0, int(WAITS_S), 2):
        assert requests.find(made.token, float(second)) is not None
    assert [one.id for one in requests.waiting(WAITS_S - 1)] == [made.id]
    assert requests.waiting(WAITS_S) == []
    found = requests.find(made.token, WAITS_S + 1)
    assert found is not None
    assert found.state is RequestState.RUN_OUT
    assert requests.answer(made.id, admit=True, by="Ann", now=WAITS_S + 1) is None


def test_a_page_that_does_not_ask_any_more_does_not_wait() -> None:
    requests = Requests()
    made = ask(requests)
    assert requests.find(made.token, UNHEARD_S) is not None
    assert requests.waiting(2 * UNHEARD_S)
    assert requests.waiting(2 * UNHEARD_S + 0.1) == []
    assert requests.find(made.token, 2 * UNHEARD_S + 0.1) is None


def test_the_door_is_bounded() -> None:
    requests = Requests()
    for number in range(MAX_WAITING):
        assert requests.has_room(f"10.0.0.{number}", 0.0)
        ask(requests, address=f"10.0.0.{number}")
    assert not requests.has_room("10.0.1.1", 0.0)
    for number in range(3 * MAX_KEPT):
        made = ask(requests, address=str(number), now=1.0)
        requests.answer(made.id, admit=False, by="", now=1.0)
    assert sum(requests.find(t, 1.0) is not None for t in list(requests._by_token)) <= MAX_KEPT + 1


def test_a_yes_is_used_once() -> None:
    requests = Requests()
    made = ask(requests)
    assert requests.withdraw(made.token)
    assert not requests.withdraw(made.token)


def test_a_name_is_one_visible_line() -> None:
    assert clean_name("  Eva\t\u202eM\u00fcller\n") == "Eva M\u00fcller"
    assert clean_name("\u200b\ue000") == ""
