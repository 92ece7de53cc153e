"""Malformed requests and datagrams at every listener while two people talk: they hear nothing of it."""

from __future__ import annotations

import threading
from random import Random

import pytest

from tests.e2e import hostile
from tests.e2e.crew import TONES, Crew

pytestmark = pytest.mark.e2e

SEED = 20
DATAGRAMS = 200


def test_nothing_that_comes_in_from_outside_disturbs_two_talkers(crew: Crew) -> None:
    appliance = crew.appliance
    crew["camera"].tap("Stage")
    crew["director"].tap("Stage")
    crew["director"].until_hears({TONES["camera"]}, list(TONES.values()))
    crew["camera"].until_hears({TONES["director"]}, list(TONES.values()))
    pid = appliance.process.pid
    control = str(appliance.data / "control.sock")
    bad = hostile.requests(f"127.0.0.1:{appliance.port}")

    def attack() -> None:
        panel = ("127.0.0.1", appliance.port)
        media = ("127.0.0.1", appliance.media_port)
        hostile.send_datagrams(media, hostile.datagrams(Random(SEED), DATAGRAMS))
        waiting = hostile.abandon(panel, 8)
        hostile.send_all(panel, bad, tls=True)
        hostile.send_all(panel, bad, tls=False)
        hostile.send_all(("127.0.0.1", appliance.trust_port), bad, tls=False)
        hostile.send_all(control, bad, tls=False)
        for left in waiting:
            left.close()

    def be_attacked() -> None:
        attacker = threading.Thread(target=attack)
        attacker.start()
        while attacker.is_alive():
            crew["camera"].page.wait_for_timeout(200)
        attacker.join()

    crew.expect_no_gap(be_attacked, [("camera", "director"), ("director", "camera")])
    assert appliance.process.poll() is None
    assert appliance.process.pid == pid
    crew["guest"].tap("Office")
    crew["director"].until_hears({TONES["camera"], TONES["guest"]}, list(TONES.values()))
