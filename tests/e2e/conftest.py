"""Fixtures of the end-to-end tests: browsers and appliances that end with the test, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e import shows
from tests.e2e.crew import Crew, join
from tests.e2e.pages import LabPage, Phone, launch
from tests.e2e.serve import Appliance


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = launch(playwright)
    yield launched
    launched.close()


@pytest.fixture
def lab_page(browser: Browser) -> Iterator[Callable[..., LabPage]]:
    pages: list[LabPage] = []

    def make(**given: object) -> LabPage:
        pages.append(LabPage(browser, **given))  # type: ignore[arg-type]
        return pages[-1]

    yield make
    for page in pages:
        page.context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., Phone]]:
    """``phone(name="Ada", hz=500)``: a fresh browser context with the crew panel in it."""
    phones: list[Phone] = []

    def make(**given: object) -> Phone:
        phones.append(Phone(browser, **given))  # type: ignore[arg-type]
        return phones[-1]

    yield make
    for made in phones:
        made.context.close()


@pytest.fixture
def appliance(tmp_path: Path) -> Iterator[Callable[[str], Appliance]]:
    """``appliance(show)``: started, ready, on ports that the system chose."""
    started: list[Appliance] = []

    def make(show: str) -> Appliance:
        folder = tmp_path / f"a{len(started)}"
        folder.mkdir()
        started.append(Appliance(folder, show))
        started[-1].start()
        return started[-1]

    yield make
    for running in started:
        running.stop()


@pytest.fixture
def crew(appliance: Callable[[str], Appliance], phone: Callable[..., Phone]) -> Iterator[Crew]:
    """Director, camera and guest at their panels, sound connected, nobody talking."""
    made = join(appliance(shows.write(shows.THREE)), phone)
    yield made
    for person in made.phones.values():
        if not person.crashed:
            assert person.lab("problems") == []
