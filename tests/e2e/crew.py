"""Three people with phones in one show, each with a tone of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.e2e import sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

TONES = {"director": sound.tone_hz(0), "camera": sound.tone_hz(4), "guest": sound.tone_hz(8)}


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
