"""Scenarios performed: their troubles happen, and the real house behaves in them. The eyes are scripted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.performance import perform
from bench.scenario import Scenario, load
from bench.streams import Broadcast, open_stream
from config import Settings
from interaction.clock import Clock
from interaction.events import Event
from interaction.observers.embedded import EmbeddedObserver
from interaction.services import Services
from interaction.session import Session
from interaction.sources.base import Frame, SourceError
from interaction.sources.scripted import ScriptedSource
from interaction.wire import to_json
from tests.house import IMAGE, Eyes, saw

SETTINGS = Settings(_env_file=None)  # type: ignore[call-arg]
STILL: dict[str, Any] = {"kind": "synthetic", "generator": "still", "seconds": 20, "fps": 5}


class Small:
    """A house that keeps its watches in `folder`; `eyes` are made for one lane after the other."""

    def __init__(self, folder: Path, eyes: list[dict[float, Any]]) -> None:
        self._folder, self._eyes = folder, eyes

    def session(self, id: str, person: str) -> Session:
        observer = EmbeddedObserver()
        services = Services(
            observer=observer,
            fallback=observer,
            make_seer=lambda: Eyes(self._eyes.pop(0) if self._eyes else {}),
            folder=self._folder,
        )
        return Session(id, person, SETTINGS, services)

    async def aclose(self) -> None:
        return


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Any]:
    """Performs a scenario; returns the lines of its journal."""

    async def played(eyes: list[dict[float, Any]] | None = None, **body: Any) -> list[dict[str, Any]]:
        path = tmp_path / "played.yaml"
        path.write_text(json.dumps({"name": "played", "capability": "other", "source": STILL} | body))
        (scenario,) = load(path)
        return await lines_of(scenario, tmp_path / "person", eyes or [])

    return played


async def lines_of(scenario: Scenario, folder: Path, eyes: list[dict[float, Any]]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []

    def note(event: Event, seq: int) -> None:
        lines.append(to_json(event, seq))

    await perform(scenario, lambda: Small(folder, eyes), note)
    return lines


def of(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def said(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in of(lines, "decision") if line["action"] == "speak" and line["reason"] != "acknowledged"]


async def test_every_source_is_a_lane_of_its_own(play: Callable[..., Any]) -> None:
    lines = await play(
        [{}, dict([saw(8.0, "arrived")])],
        sources={"door": STILL},
        user=[{"t": 1, "say": "tell me when someone comes in"}],
    )
    assert [(line["lane"], round(line["t"])) for line in said(lines)] == [("door", 8)]
    assert {line["lane"] for line in of(lines, "lane_changed")} == {"camera", "door"}


async def test_a_source_drops_and_comes_back(play: Callable[..., Any]) -> None:
    lines = await play(
        [dict([saw(22.0, "arrived")])],
        source={**STILL, "seconds": 30, "drop": [5, 13]},
        user=[{"t": 1, "say": "tell me when someone comes in"}],
    )
    states = [(line["state"], line["t"]) for line in of(lines, "lane_changed")]
    assert states[:3] == [("connecting", 0.0), ("watching", 0.0), ("down", 5.0)]
    assert ("watching", 14.0) in states  # tried again after 1, 2, 3, 3 s
    assert [round(line["t"]) for line in said(lines)] == [22]


async def test_after_a_restart_watches_and_reminders_stand(play: Callable[..., Any]) -> None:
    lines = await play(
        [{}, dict([saw(14.0, "arrived")])],
        restart=9,
        user=[
            {"t": 1, "say": "tell me when someone comes in"},
            {"t": 2, "say": "remind me in 15 seconds to stretch"},
            {"t": 11, "say": "what are you watching for?"},
        ],
    )
    told = [(round(line["t"]), line["text"]) for line in said(lines)]
    assert [t for t, _ in told] == [11, 14, 17] and "Someone comes in" in told[0][1] and told[2][1] == "Stretch"
    assert [line["t"] for line in of(lines, "lane_changed") if line["state"] == "watching"] == [0.0, 9.0]


async def test_a_slow_observer_makes_no_reminder_late(play: Callable[..., Any]) -> None:
    lines = await play(slow=2.5, user=[{"t": 1, "say": "remind me in 9 seconds to stretch"}])
    (reminder,) = said(lines)
    assert reminder["t"] == pytest.approx(10.0, abs=0.1)
    ticks = [line for line in of(lines, "decision") if line["lane"]]
    assert len(ticks) <= 9 and all(tick["late"] and tick["latency"] == pytest.approx(2.5) for tick in ticks)


async def test_who_talks_over_the_voice_stops_it(play: Callable[..., Any]) -> None:
    lines = await play(
        user=[
            {"t": 1, "say": "what can you do?"},
            {"t": 3, "say": "what time is it?", "speaking": 1.2},
        ],
    )
    cut = [line for line in of(lines, "utterance_ended") if line["interrupted"]]
    assert len(cut) == 1 and 3.0 < cut[0]["t"] < 3.6 and cut[0]["heard"]
    (heard,) = [line for line in of(lines, "transcript_final") if line["origin"] == "voice"]
    assert heard["text"] == "what time is it?" and 4.4 < heard["t"] < 5.2
    assert said(lines)[-1]["t"] == pytest.approx(heard["t"], abs=0.3)


@pytest.mark.parametrize("echo", [True, False])
async def test_its_own_voice_is_no_request(play: Callable[..., Any], echo: bool) -> None:
    lines = await play(
        echo=echo,
        user=[
            {"t": 1, "say": "remind me in 4 seconds to tell me when someone comes in"},
            {"t": 12, "say": "what are you watching for?", "speaking": 1.5},
        ],
    )
    heard = [line["text"] for line in of(lines, "transcript_final") if line["origin"] == "voice"]
    assert heard == ["what are you watching for?"]
    assert len([line for line in of(lines, "watch_changed") if line["change"] == "armed"]) == 1
    assert not any(line["interrupted"] for line in of(lines, "utterance_ended"))


async def test_without_the_echo_guard_it_would_be_one(
    play: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interaction.hearing.ears.without_echo", lambda text, said: text)
    lines = await play(echo=True, user=[{"t": 1, "say": "remind me in 4 seconds to tell me when someone comes in"}])
    assert [line["text"] for line in of(lines, "transcript_final") if line["origin"] == "voice"]


# ---------------------------------------------------------------- streams


async def shown(source: Broadcast, clock: Clock) -> list[Frame]:
    return [frame async for frame in source.frames(clock.now)]


async def test_a_span_shows_its_seconds_at_their_own_times() -> None:
    clock = Clock()
    await clock.sleep_until(3.0)  # a source that is opened later begins later
    frames = await shown(Broadcast(ScriptedSource([IMAGE] * 100, fps=5), span=(2.0, 4.0)), clock)
    assert frames[0].t == pytest.approx(5.0) and frames[-1].t == pytest.approx(7.0) and len(frames) == 11


async def test_who_opens_a_broadcast_late_sees_what_is_on_by_then() -> None:
    clock = Clock()
    await clock.sleep_until(6.0)
    pictures = [IMAGE + n for n in range(10)]
    frames = await shown(Broadcast(ScriptedSource(pictures, fps=1), began=0.0), clock)
    assert [frame.t for frame in frames] == pytest.approx([6, 7, 8, 9])
    assert [int(frame.image[0, 0, 0]) - 90 for frame in frames] == [6, 7, 8, 9]


async def test_while_it_cannot_be_reached_it_says_so() -> None:
    clock = Clock()
    broadcast = Broadcast(ScriptedSource([IMAGE] * 10, fps=1), drop=(3.0, 6.0))
    with pytest.raises(SourceError, match="camera does not answer"):
        await shown(broadcast, clock)
    assert clock.now() == pytest.approx(3.0)
    with pytest.raises(SourceError):
        await shown(broadcast, clock)
    await clock.sleep_until(6.5)
    assert [frame.t for frame in await shown(broadcast, clock)] == pytest.approx([7, 8, 9])


def test_a_plain_stream_is_not_wrapped(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(json.dumps({"name": "one", "capability": "other", "source": STILL}))
    (scenario,) = load(path)
    assert not isinstance(open_stream(scenario.source), Broadcast)
