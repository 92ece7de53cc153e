"""Who says what when: the simulated crew's conversation and the rounds of a measurement."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundmesh.sim.script import choose_roles, make_rounds, talk_script
from soundmesh.wire import http as w


def door(**free: int | None) -> w.Door:
    roles = [w.DoorRole(id=k, name=k.title(), seats=[], free=v, pin=False) for k, v in free.items()]
    return w.Door(show="Show", roles=roles, time_s=0.0, me=None)


def test_turns_last_two_to_four_seconds_on_keys_of_their_own() -> None:
    keys = [["a", "b"], ["c"], []]
    for step in itertools.islice(talk_script(random.Random(1), keys), 500):
        assert 0.4 <= step.pause_s <= 1.6
        assert 1 <= len(step.turns) <= 2
        assert len({turn.station for turn in step.turns}) == len(step.turns)
        for turn in step.turns:
            assert turn.key in keys[turn.station]
            assert 2.0 <= turn.for_s <= 4.0


def test_sometimes_two_talk_at_once_and_then_they_overlap() -> None:
    steps = list(itertools.islice(talk_script(random.Random(2), [["a"], ["b"], ["c"]]), 300))
    pairs = [step.turns for step in steps if len(step.turns) == 2]
    assert 20 < len(pairs) < 120
    assert all(second.after_s < first.after_s + first.for_s for first, second in pairs)


def test_nobody_begins_twice_in_a_row_and_everybody_has_a_turn() -> None:
    steps = list(itertools.islice(talk_script(random.Random(3), [["a"], ["b"], ["c"]]), 300))
    first = [step.turns[0].station for step in steps]
    assert all(a != b for a, b in itertools.pairwise(first))
    assert set(first) == {0, 1, 2}


def test_a_single_talker_talks_alone_and_a_mute_crew_says_nothing() -> None:
    steps = itertools.islice(talk_script(random.Random(4), [["a"], []]), 20)
    assert all([turn.station for turn in step.turns] == [0] for step in steps)
    assert list(talk_script(random.Random(4), [[], []])) == []


def test_roles_are_taken_one_of_each_first() -> None:
    chosen = choose_roles(door(director=1, camera=3, guest=None), 6)
    assert chosen == ["director", "camera", "guest", "camera", "guest", "camera"]


def test_full_roles_are_left_out_and_a_full_show_ends_it() -> None:
    assert choose_roles(door(director=0, camera=2), 8) == ["camera", "camera"]
    assert choose_roles(door(director=0), 8) == []
    assert choose_roles(door(), 8) == []


@given(
    st.dictionaries(st.integers(1, 20), st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)),
    st.integers(1, 5),
)
def test_every_key_of_every_station_has_a_round_of_its_own(keys: dict[int, list[str]], at_once: int) -> None:
    rounds = make_rounds(keys, at_once=at_once)
    held = sorted((who, key) for r in rounds for who, mine in r.items() for key in mine)
    assert held == sorted((who, key) for who, mine in keys.items() for key in mine)
    assert all(1 <= len(r) <= at_once for r in rounds)
    assert all(len(mine) == 1 for r in rounds for mine in r.values())


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_all_keys_at_once_needs_as_many_rounds_as_talkers_do_not_fit(at_once: int) -> None:
    keys = {1: ["a", "b"], 2: ["a"], 3: [], 4: ["c"]}
    rounds = make_rounds(keys, at_once=at_once, each_key=False)
    assert {who: mine for r in rounds for who, mine in r.items()} == {1: ("a", "b"), 2: ("a",), 4: ("c",)}
    assert len(rounds) == -(-3 // at_once)


def test_a_crew_leaves_one_seat_to_a_person() -> None:
    assert choose_roles(door(director=1, camera=2), 8, leave="director") == ["camera", "camera"]
    assert choose_roles(door(director=2, camera=1), 8, leave="director") == ["director", "camera"]
    assert choose_roles(door(director=0, camera=1), 8, leave="director") == ["camera"]
