"""Three people with phones in one show, each with a tone of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from tests.e2e import sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

TONES = {"director": sound.tone_hz(0), "camera": sound.tone_hz(4), "guest": sound.tone_hz(8)}
TRIES = 3
SETTLE_MS = 800
TAPE_S = 58
"""What a page's ear remembers."""


class Crew:
    """The appliance and its phones by role."""

    def __init__(self, appliance: Appliance, phones: Mapping[str, Phone]) -> None:
        self.appliance = appliance
        self.phones = phones

    def __getitem__(self, role: str) -> Phone:
        return self.phones[role]

    def expect_heard(self, expected: Mapping[str, set[str]]) -> None:
        """Every ear hears exactly these. Raises: AssertionError."""
        for ear, mouths in expected.items():
            self.phones[ear].until_hears({TONES[m] for m in mouths}, list(TONES.values()))

    def expect_no_gap(
        self,
        deed: Callable[[], None],
        paths: Collection[tuple[str, str]],
        *,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        """Do it while these (ear, mouth) are heard: none of them may fall silent for 60 ms.

        A gap that the deed makes comes every time it is done, one that a busy machine makes does not:
        of three times, one must be without. Raises: AssertionError with every gap.
        """
        told = []
        for _ in range(TRIES):
            prepare()
            start = self[next(iter(paths))[0]].now_ms()
            deed()
            self[next(iter(paths))[0]].page.wait_for_timeout(SETTLE_MS)
            gaps = self._gaps(paths, start)
            if not gaps:
                return
            told.append(gaps)
        raise AssertionError(f"gaps in every of {TRIES} tries: {told}")

    def _gaps(self, paths: Collection[tuple[str, str]], start: float) -> dict[str, list[tuple[int, int]]]:
        seconds = (self[next(iter(paths))[0]].now_ms() - start) / 1000
        assert seconds < TAPE_S, "the deed is longer than the ear's memory"
        found = {
            f"{ear} hears {mouth}": sound.gaps_ms(self[ear].taken(start, seconds), TONES[mouth])
            for ear, mouth in paths
        }
        return {path: gaps for path, gaps in found.items() if gaps}

    def connected(self) -> bool:
        stations = self.appliance.status()["stations"]
        return len(stations) == len(self.phones) and all(s["media"] for s in stations)

    def talks(self, role: str) -> list[str]:
        return list(self.appliance.station(role.title())["talks"])


def join(appliance: Appliance, phone: Callable[..., Phone]) -> Crew:
    """All three at their panels with connected sound."""
    phones = {role: phone(name=role.title(), hz=hz) for role, hz in TONES.items()}
    for role, person in phones.items():
        person.join(appliance.invite(role))
    crew = Crew(appliance, phones)
    until(crew.connected, 10, "every phone's sound is connected")
    return crew
