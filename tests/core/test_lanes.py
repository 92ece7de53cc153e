from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soundmesh.core.ids import StationId
from soundmesh.core.lanes import LaneTable, pick, settle


def ids(*numbers: int) -> list[StationId]:
    return [StationId(n) for n in numbers]


def speak(
    table: LaneTable, talker: int, now: float, *, level: int = -30, priority: int = 0
) -> tuple[LaneTable, int | None]:
    return pick(table, StationId(talker), speaking=True, level_dbov=level, priority=priority, now=now)


def quiet(table: LaneTable, talker: int, now: float) -> tuple[LaneTable, int | None]:
    return pick(table, StationId(talker), speaking=False, level_dbov=-90, priority=0, now=now)


def crowded(now: float = 10.0) -> LaneTable:
    """Two lanes, three talkers, both owners speaking at -30."""
    table = settle(LaneTable(2), ids(1, 2, 3), now)
    table, _ = speak(table, 1, now)
    table, _ = speak(table, 2, now)
    return table


# Settle.


def test_a_new_table_has_free_lanes() -> None:
    table = LaneTable(3)
    assert (table.owners, dict(table.lane_of), table.crowded) == ((None, None, None), {}, False)


def test_talkers_get_lanes_in_their_order() -> None:
    table = settle(LaneTable(3), ids(7, 5), 0.0)
    assert table.owners == (7, 5, None)
    assert table.lane_of == {7: 0, 5: 1}


def test_a_talker_keeps_its_lane_whatever_comes_and_goes() -> None:
    table = settle(LaneTable(3), ids(7, 5), 0.0)
    table = settle(table, ids(1, 5, 2), 1.0)
    assert table.lane_of[StationId(5)] == 1


def test_the_same_talkers_leave_the_table_as_it_is() -> None:
    table = settle(LaneTable(3), ids(7, 5), 0.0)
    assert settle(table, ids(5, 7), 1.0) is table


def test_more_talkers_than_lanes_are_given_lanes_while_they_last() -> None:
    table = settle(LaneTable(2), ids(1, 2, 3), 0.0)
    assert table.owners == (1, 2)
    assert table.crowded


def test_a_lane_rests_before_another_talker_gets_it() -> None:
    table = settle(LaneTable(2), ids(1), 0.0)
    table = settle(table, ids(), 1.0)
    assert settle(table, ids(2), 1.1).owners == (None, 2)


def test_the_lane_that_rested_longest_is_used_first() -> None:
    table = settle(LaneTable(3), ids(1, 2, 3), 0.0)
    table = settle(table, ids(3), 1.0)
    table = settle(table, ids(), 2.0)
    table = settle(table, ids(1), 9.0)
    assert table.owners == (1, None, None)
    table = settle(settle(table, ids(), 9.1), ids(4, 5), 9.2)
    assert table.owners == (None, 4, 5)


def test_without_a_rested_lane_the_longest_rested_serves_while_there_is_room() -> None:
    table = settle(LaneTable(2), ids(1, 2), 0.0)
    table = settle(table, ids(2), 1.0)
    table = settle(table, ids(), 1.1)
    assert settle(table, ids(3), 1.2).owners == (3, None)


def test_an_unrested_lane_waits_when_there_are_more_talkers_than_lanes() -> None:
    table = settle(LaneTable(2), ids(1, 2), 0.0)
    table = settle(table, ids(2, 3, 4), 1.0)
    assert table.owners == (None, 2)
    assert settle(table, ids(2, 3, 4), 1.5).owners == (3, 2)


def test_the_lane_of_who_left_goes_to_who_waited_when_all_fit_again() -> None:
    table = settle(LaneTable(2), ids(1, 2, 3), 0.0)
    assert settle(table, ids(2, 3), 0.1).owners == (3, 2)


def test_a_listener_without_lanes_hears_nobody() -> None:
    table = settle(LaneTable(0), ids(1), 0.0)
    assert speak(table, 1, 0.0) == (table, None)


# Pick.


def test_a_talker_with_a_lane_is_found_without_a_new_table() -> None:
    table = settle(LaneTable(2), ids(1), 0.0)
    found, lane = speak(table, 1, 0.1)
    assert lane == 0
    assert found is table
    assert quiet(table, 1, 0.1) == (table, 0)


def test_a_silent_talker_without_a_lane_gets_none() -> None:
    table = crowded()
    assert quiet(table, 3, 20.0) == (table, None)


def test_a_free_lane_is_given_at_the_first_packet_that_speaks() -> None:
    table = settle(LaneTable(2), ids(1, 2), 0.0)
    table = settle(table, ids(2, 3, 4), 1.0)
    found, lane = speak(table, 4, 1.02)
    assert lane == 0
    assert found.owners == (4, 2)


def test_who_speaks_takes_the_lane_of_who_never_spoke() -> None:
    table = settle(LaneTable(2), ids(1, 2, 3), 0.0)
    table, _ = speak(table, 1, 0.02)
    found, lane = speak(table, 3, 0.04, level=-80)
    assert lane == 1
    assert found.owners == (1, 3)
    assert StationId(2) not in found.lane_of


def test_who_speaks_takes_the_lane_of_the_longest_silent() -> None:
    table = crowded(10.0)
    table, _ = speak(table, 1, 10.1)
    assert speak(table, 3, 10.29, level=-35) == (table, None)
    found, lane = speak(table, 3, 10.41, level=-80)
    assert lane == 1
    assert found.owners == (1, 3)


def test_packets_that_do_not_speak_are_no_speech() -> None:
    table = crowded(10.0)
    for i in range(20):
        table, _ = quiet(table, 2, 10.0 + i * 0.02)
        table, _ = speak(table, 1, 10.0 + i * 0.02)
    assert speak(table, 3, 10.4)[1] == 1


def test_the_higher_in_priority_takes_the_lane_of_the_lowest() -> None:
    table = settle(LaneTable(2), ids(1, 2, 3), 0.0)
    table, _ = speak(table, 1, 0.0, priority=20, level=-20)
    table, _ = speak(table, 2, 0.0, priority=10, level=-20)
    found, lane = speak(table, 3, 0.02, priority=200, level=-60)
    assert lane == 1
    assert speak(found, 2, 0.04, priority=10, level=0) == (found, None)


def test_the_quieter_of_two_lower_ones_gives_way() -> None:
    table = settle(LaneTable(2), ids(1, 2, 3), 0.0)
    table, _ = speak(table, 1, 0.0, level=-40)
    table, _ = speak(table, 2, 0.0, level=-20)
    assert speak(table, 3, 0.02, priority=10, level=-60)[1] == 0


def test_the_louder_takes_a_lane_by_6_db_and_not_by_less() -> None:
    table = crowded()
    assert speak(table, 3, 10.01, level=-25) == (table, None)
    assert speak(table, 3, 10.01, level=-24)[1] == 0


def test_the_louder_never_takes_the_lane_of_a_higher_priority() -> None:
    table = settle(LaneTable(1), ids(1, 2), 0.0)
    table, _ = speak(table, 1, 0.0, priority=10, level=-60)
    assert speak(table, 2, 0.02, level=0) == (table, None)


def test_a_short_dip_between_words_loses_no_lane() -> None:
    table = settle(LaneTable(1), ids(1, 2), 0.0)
    table, _ = speak(table, 1, 0.0, level=-20)
    table, _ = speak(table, 1, 0.06, level=-60)
    assert speak(table, 2, 0.08, level=-25) == (table, None)


def test_speech_is_noted_at_most_every_40_ms_unless_it_grows() -> None:
    table = crowded(10.0)
    assert speak(table, 1, 10.02, level=-30)[0] is table
    louder, _ = speak(table, 1, 10.02, level=-10)
    assert louder.notes[0] is not None
    assert louder.notes[0].level_dbov == -10
    assert speak(table, 1, 10.05)[0].notes[0] != table.notes[0]
    assert speak(table, 1, 10.02, priority=10)[0].notes[0] != table.notes[0]


numbers = st.integers(1, 6)
moves = st.lists(
    st.tuples(
        st.floats(0.0, 0.6),
        st.one_of(
            st.lists(numbers, unique=True),
            st.tuples(numbers, st.booleans(), st.integers(-127, 0), st.sampled_from([0, 10, 200])),
        ),
    ),
    max_size=30,
)


@given(size=st.integers(0, 4), moves=moves)
def test_no_lane_is_oversold_and_nobody_who_fits_is_without(
    size: int, moves: list[tuple[float, list[int] | tuple[int, bool, int, int]]]
) -> None:
    table, talkers, now = LaneTable(size), ids(), 0.0
    for wait, move in moves:
        now += wait
        if isinstance(move, list):
            before = table
            talkers = ids(*move)
            table = settle(table, talkers, now)
            for talker in set(talkers) & set(before.lane_of):
                assert table.lane_of[talker] == before.lane_of[talker]
        else:
            number, speaking, level, priority = move
            if StationId(number) not in talkers:
                continue
            table, lane = pick(
                table, StationId(number), speaking=speaking, level_dbov=level, priority=priority, now=now
            )
            assert table.lane_of.get(StationId(number)) == lane
        assert len(table.owners) == len(table.notes) == len(table.freed_s) == size
        assert {o: i for i, o in enumerate(table.owners) if o is not None} == table.lane_of
        assert set(table.lane_of) <= set(talkers)
        if len(talkers) <= size:
            assert set(table.lane_of) == set(talkers)
