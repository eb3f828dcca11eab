"""Admission, rejoining, ending: on virtual time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from config import Settings
from interaction.sessions import NO_PLACE, Sessions
from interaction.sources.browser import BrowserSource
from tests.fakes_session import FakeSession


def house(folder: Path, **web: object) -> tuple[Sessions, list[FakeSession]]:
    settings = Settings(_env_file=None, web={"sessions": 2, "kept": 4, "queue": 2, **web})
    made: list[FakeSession] = []

    def make(id: str, person: str) -> FakeSession:
        made.append(FakeSession(id, person, folder))
        return made[-1]

    return Sessions(settings, make), made


async def pass_time(sessions: Sessions, seconds: float, *alive: str) -> None:
    """Seconds go by, with heartbeats of those pages and the house's sweeping."""
    for _ in range(round(seconds)):
        await asyncio.sleep(1)
        for id in alive:
            sessions.alive(id)
        sessions.sweep()


async def test_a_reload_finds_the_same_session_and_a_stranger_does_not(tmp_path: Path) -> None:
    sessions, made = house(tmp_path)
    first = sessions.join("a", "ann")
    await pass_time(sessions, 30)
    assert sessions.join("a", "ann") is first is made[0]
    assert sessions.get("a", "ann") is first
    assert sessions.get("a", "bob") is None
    assert sessions.get(None, "ann") is None
    await sessions.aclose()


async def test_a_full_house_has_a_queue_with_places_and_an_end(tmp_path: Path) -> None:
    sessions, made = house(tmp_path)
    for id in "ab":
        assert not isinstance(sessions.join(id, id), int)
    assert [sessions.join(id, id) for id in "cde"] == [1, 2, NO_PLACE]
    assert sessions.join("d", "d") == 2, "asking again keeps the place"
    assert sessions.places == (2, 2)
    assert [sessions.place(id, id) for id in "abcdef"] == [0, 0, 1, 2, NO_PLACE, NO_PLACE], "looking takes no place"
    for _ in range(11):
        await pass_time(sessions, 1, "a", "b")
        sessions.join("d", "d")
    assert sessions.join("d", "d") == 1, "c went away"
    assert len(made) == 2
    await sessions.aclose()


async def test_a_killed_tab_frees_its_place_within_ten_seconds_and_the_next_one_comes_in(tmp_path: Path) -> None:
    sessions, made = house(tmp_path)
    sessions.join("a", "a")
    sessions.join("b", "b")
    assert sessions.join("c", "c") == 1
    for _ in range(10):
        await pass_time(sessions, 1, "b")
        assert sessions.join("c", "c") == 1
    await pass_time(sessions, 1, "b")
    assert sessions.join("d", "d") == 2, "the place belongs to whoever waited"
    assert not isinstance(sessions.join("c", "c"), int)
    assert not made[0].finished, "the session outlives its tab"
    await sessions.aclose()


async def test_whoever_stops_asking_loses_the_place_in_the_queue(tmp_path: Path) -> None:
    sessions, _ = house(tmp_path)
    sessions.join("a", "a")
    sessions.join("b", "b")
    sessions.join("c", "c")
    await pass_time(sessions, 12, "a", "b")
    assert sessions.join("d", "d") == 1
    await sessions.aclose()


async def test_a_session_alone_ends_when_idle_unless_something_needs_it(tmp_path: Path) -> None:
    sessions, made = house(tmp_path, sessions=4, kept=8)
    for id in ("idle", "watch", "source", "lapsed"):
        sessions.join(id, "p")
    _, watch, source, lapsed = made
    watch.watches = [{"id": "w1", "state": "active", "expires": None}]
    lapsed.watches = [{"id": "w1", "state": "active", "expires": lapsed.clock.wall(5).isoformat()}]
    door = BrowserSource("door")
    source.add_lane(door)
    await pass_time(sessions, 590)
    assert not any(session.finished for session in made)
    await pass_time(sessions, 30)
    assert [session.finished for session in made] == [True, False, False, True]
    assert sessions.get("idle", "p") is None
    assert sessions.places[0] == 1, "a network source works without a page and holds its place"
    await asyncio.sleep(timedelta(days=29).total_seconds())
    sessions.sweep()
    assert [session.finished for session in made] == [True, False, False, True], "a long journey"
    await asyncio.sleep(timedelta(days=1).total_seconds())
    sessions.sweep()
    await asyncio.sleep(0.1)
    assert all(session.finished for session in made), "bounded: nothing is kept for ever"
    await sessions.aclose()


async def test_a_page_that_comes_back_keeps_its_session_but_waits_for_a_place(tmp_path: Path) -> None:
    sessions, made = house(tmp_path)
    first = sessions.join("a", "a")
    await pass_time(sessions, 11)
    sessions.join("b", "b")
    sessions.join("c", "c")
    assert sessions.join("a", "a") == 1
    await pass_time(sessions, 9, "b")
    sessions.join("a", "a")
    await pass_time(sessions, 3, "b")
    assert sessions.join("a", "a") is first
    assert len(made) == 3
    await sessions.aclose()


async def test_memory_is_bounded_the_longest_absent_session_goes(tmp_path: Path) -> None:
    sessions, made = house(tmp_path, sessions=1, kept=3)
    for id in "abcd":
        assert not isinstance(sessions.join(id, id), int)
        await pass_time(sessions, 11)
    assert [session.finished for session in made] == [True, False, False, False]
    await sessions.aclose()
    assert all(session.finished for session in made)


class FailingSession(FakeSession):
    async def run(self) -> None:
        raise RuntimeError("boom")


async def test_a_session_that_fails_is_gone_and_the_next_visit_gets_a_new_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = Sessions(Settings(_env_file=None), lambda id, person: FailingSession(id, person, tmp_path))
    first = sessions.join("a", "a")
    await asyncio.sleep(0.1)
    assert isinstance(first, FakeSession) and first.finished
    assert sessions.get("a", "a") is None
    assert "session failed" in caplog.text
    assert sessions.join("a", "a") is not first
    await sessions.aclose()


async def test_messages_reach_the_pages_of_one_session_only(tmp_path: Path) -> None:
    sessions, _ = house(tmp_path)
    got: dict[str, list[object]] = {"a": [], "b": []}
    for id in "ab":
        sessions.join(id, id)
        sessions.add_page(id, got[id].append)
    sessions.tell("a", {"type": "mute"})
    sessions.remove_page("a", got["a"].append)
    sessions.tell("a", {"type": "mute"})
    assert got == {"a": [{"type": "mute"}], "b": []}
    await sessions.aclose()
