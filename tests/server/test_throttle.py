from soundmesh.server.throttle import (
    FORGET_ONE_S,
    FREE_PER_ADDRESS,
    FREE_PER_ROLE,
    MAX_ADDRESSES,
    MAX_WAIT_S,
    Throttle,
)

HERE, THERE = "192.168.1.50", "192.168.1.51"


def after(wrong: int, *, address: str = HERE) -> Throttle:
    throttle = Throttle()
    for _ in range(wrong):
        throttle.wrong(address, "camera", 100.0)
    return throttle


def test_the_first_slips_cost_nothing() -> None:
    assert after(FREE_PER_ADDRESS).wait_s(HERE, "camera", 100.0, known=False) == 0


def test_the_wait_grows_and_never_passes_ten_seconds() -> None:
    waits = [after(n).wait_s(HERE, "camera", 100.0, known=False) for n in range(40)]
    assert waits == sorted(waits)
    assert waits[FREE_PER_ADDRESS + 1] > 0
    assert max(waits) == MAX_WAIT_S == 10.0


def test_nobody_waits_longer_than_they_were_told() -> None:
    throttle = after(30)
    told = throttle.wait_s(HERE, "camera", 100.0, known=False)
    assert throttle.wait_s(HERE, "camera", 100.0 + told, known=False) == 0


def test_a_device_that_joined_before_never_waits() -> None:
    assert after(60).wait_s(HERE, "camera", 100.0, known=True) == 0


def test_one_address_does_not_slow_another() -> None:
    throttle = after(FREE_PER_ROLE)
    assert throttle.wait_s(HERE, "camera", 100.0, known=False) > 0
    assert throttle.wait_s(THERE, "camera", 100.0, known=False) == 0


def test_many_addresses_together_slow_their_role_only() -> None:
    throttle = Throttle()
    for n in range(30):
        throttle.wrong(f"10.0.0.{n}", "camera", 100.0)
    assert throttle.wait_s(THERE, "camera", 100.0, known=False) == MAX_WAIT_S
    assert throttle.wait_s(THERE, "td", 100.0, known=False) == 0


def test_wrong_tries_are_forgotten_with_time() -> None:
    throttle = after(20)
    later = 100.0 + 30 * FORGET_ONE_S
    throttle.wrong(HERE, "camera", later)
    assert throttle.wait_s(HERE, "camera", later, known=False) == 0


def test_the_right_pin_clears_the_slate() -> None:
    throttle = after(20)
    throttle.right(HERE, "camera")
    assert throttle.wait_s(HERE, "camera", 100.0, known=False) == 0


def test_a_right_pin_of_one_role_does_not_open_the_way_to_guess_another() -> None:
    throttle = Throttle()
    for _ in range(30):
        throttle.wrong(HERE, "td", 100.0)
        throttle.right(HERE, "camera")
    assert throttle.wait_s(HERE, "td", 100.0, known=False) == MAX_WAIT_S


def test_an_ipv6_neighbour_cannot_slip_away_by_changing_its_address() -> None:
    throttle = Throttle()
    for n in range(20):
        throttle.wrong(f"fd00::1:{n:x}", "camera", 100.0)
    assert throttle.wait_s("fd00::ffff", "camera", 100.0, known=False) == MAX_WAIT_S
    assert throttle.wait_s("fd01::1", "td", 100.0, known=False) == 0


def test_a_flood_of_addresses_takes_bounded_memory() -> None:
    throttle = Throttle()
    for n in range(MAX_ADDRESSES * 2):
        throttle.wrong(f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", "camera", float(n))
    assert len(throttle._addresses) == MAX_ADDRESSES


def test_an_address_that_is_none_is_slowed_like_any() -> None:
    assert after(20, address="<local>").wait_s("<local>", "camera", 100.0, known=False) > 0
