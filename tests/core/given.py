"""Shows, keys, addresses and people for tests that play anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from soundmesh.core.ids import KeyId, StationId
from soundmesh.core.show import Latch, Show, Talk

from .crew import group, ifb, key_to, make_show, seat

ROLES = ("td", "cam", "guest")
KEYS = ("main", "prod", "td", "cam", "all", "ear", "music", "cam/Cam 1", "guest/1", "loud", "reply")
LANES = 2

numbers = st.integers(1, 4).map(StationId)
keys = st.sampled_from(KEYS).map(KeyId)
cells = st.sampled_from(["TL", "T", "L", "TL!", "TL?", "TLm", "T", "-"])
talks = st.sampled_from(["T", "-", "Tm"])
seat_lists = st.sampled_from([1, 2, 0, ("Cam 1",), ("Cam 1", "Cam 2"), ("1", "Cam 2")])
tabs = st.sampled_from(["", "a", "a", "b"])
wishes = st.sampled_from([None, None, "1", "Cam 1", "Cam 2"])
authors = st.one_of(st.none(), numbers)
addresses = st.sampled_from(["*", "main", "td", "cam", "cam/Cam 1", "td/1", "all", "ear", "nobody"])
listens = st.sampled_from(["L", "L!", "L?", "-"])
rows = st.fixed_dictionaries(
    {
        "main": cells,
        "prod": cells,
        "td": talks,
        "cam": talks,
        "guest": talks,
        "all": talks,
        "ear": cells,
        "music": listens,
    }
)
members = st.lists(st.sampled_from(["main", "prod", "td", "cam", "guest", "gone"]), max_size=3, unique=True)


@dataclass(frozen=True)
class File:
    """A show file as its editor sees it."""

    rows: Mapping[str, Mapping[str, str]]
    seats: Mapping[str, tuple[str, ...] | int]
    latch: Latch = Latch.AUTO
    talk: Talk = field(default_factory=Talk)
    members: tuple[str, ...] = ("prod", "cam")
    """Of the group ``all``."""
    mute: tuple[str, ...] = ()
    """Roles whose people do not reply."""

    def show(self) -> Show:
        more = [group("all", *self.members, priority=1), ifb("ear", "music"), seat("guest", "1")]
        more += [seat("cam", "Cam 1")] if "cam" in self.rows else []
        return make_show(
            self.rows,
            seats=self.seats,
            latches={"main": self.latch},
            priorities={"td": 2},
            talk=self.talk,
            more=more,
            ports={"music": 1, "tone": 0},
            mute=self.mute,
            extra_keys={
                role: tuple(
                    key_to(target, name=name, priority=priority)
                    for target, name, priority in (
                        ("cam/Cam 1", "", 0),
                        ("guest/1", "", 3),
                        ("main", "loud", 2),
                    )
                    if target == "main" or target.partition("/")[0] in self.rows
                )
                for role in self.rows
            },
        )


files = st.builds(
    File,
    rows=st.fixed_dictionaries(dict.fromkeys(ROLES, rows)),
    seats=st.fixed_dictionaries(dict.fromkeys(ROLES, seat_lists)),
    latch=st.sampled_from(Latch),
    talk=st.builds(Talk, tail_ms=st.sampled_from([0, 200]), latch_when_hidden=st.booleans()),
    members=members.map(tuple),
    mute=st.sampled_from([(), (), ("guest",), ROLES]),
)
