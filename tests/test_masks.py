"""Privacy masks, on bytes: what is masked on a lane is seen by no part of the house (kept: test_areas)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import config
from config import Gate, Settings
from interaction.events import AreasChanged, Decision, LaneChanged, Problem, Recovered, Seen
from interaction.observers.base import ObserverModel, Proposal, View
from interaction.observers.openai_compatible import OpenAICompatibleObserver
from interaction.sources.base import Frame
from interaction.sources.browser import BrowserSource
from interaction.work import shown
from memory.recall import Memory
from tests.house import home
from tests.masked import ELSEWHERE, MASK, SECRET, Secretive, Witness, decoded, from_url, hidden, secret, traces
from tests.model_server import chats, model
from tests.test_delegation import Agent
from tests.test_memory import ListStore


class Onlooker(ObserverModel):
    """Keeps what it is shown, and takes `seconds` to decide."""

    name = "onlooker"
    capabilities = frozenset()
    gated = False

    def __init__(self, seconds: float = 0.0) -> None:
        self.sees = {"en": "all", "zh": "都看"}
        self.views: list[View] = []
        self.forgotten: list[float] = []
        self._seconds = seconds

    async def decide(self, view: View) -> list[Proposal]:
        self.views.append(view)
        await asyncio.sleep(self._seconds)
        text = ", ".join(line for percepts in view.percepts for line in percepts.text)
        return [Proposal("speak", f"I read {text}.")] if text else [Proposal("silence")]

    def forget(self, lane: str) -> None:
        self.forgotten.append(self.views[-1].t if self.views else 0.0)


def pictures(place: Any) -> list[bytes]:
    lane = place.session.lanes["camera"]
    return [picture.jpeg for picture in lane.album.newest(1000, 0.0)]


def test_the_secret_would_be_found() -> None:
    assert traces(secret()) > 10_000 and not hidden(secret())


async def test_what_is_masked_reaches_nobody(tmp_path: Path) -> None:
    """Eyes, observer, album, the page's picture, memory's files, the agent, commentary and journal."""
    seen: list[Frame] = []
    agents: list[Agent] = []
    onlooker, store = Onlooker(), ListStore()
    source = Secretive()

    def desk(session: Any) -> Agent:
        agents.append(Agent(session))
        return agents[-1]

    async with home(observer=onlooker, eyes=lambda: Witness(seen), desk=desk, folder=tmp_path, memory=None) as place:
        session = place.session
        session.memory = Memory(
            lambda: store, tmp_path / "pictures", session.post, session.now, config.Memory(batch_s=0.01)
        )
        session.command("areas", lane="camera", zones=[], masks=[MASK])
        session.add_lane(source)
        await place.until(12.0)
        session.request("work out 17 percent of 2340")
        await place.until(20.0)
        assert len(seen) > 50 and all(hidden(frame.image) for frame in seen)
        frames = [view.frame for view in onlooker.views if view.frame]
        assert len(frames) > 10 and all(hidden(frame.image) for frame in frames)
        kept = pictures(place)
        assert len(kept) >= 15 and all(hidden(decoded(jpeg)) for jpeg in kept)
        served = session.picture("camera"), session.picture("camera", 8.0)  # GET /api/frame/camera
        assert all(jpeg and hidden(decoded(jpeg)) for jpeg in served)
        assert len(agents[0].frames) == 4 and all(hidden(frame.image) for frame in agents[0].frames)
        handed = shown(session.lanes["camera"], 16)
        assert len(handed) > 4 and all(hidden(frame.image) for frame in handed)
        await session.memory.flush()
        files = list((tmp_path / "pictures").rglob("*.jpg"))
        assert files and all(hidden(decoded(file.read_bytes())) for file in files)
        assert not [event for event in place.of(Seen) if SECRET in event.text]
        assert not any(SECRET in text for text in place.texts())
        await session.memory.aclose()
    assert (source.shown == secret()).all()  # the source's own picture is nobody's to paint
    assert SECRET not in written(tmp_path)


def written(folder: Path) -> str:
    """All that stands in files of text, the journal among them."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".jpg"]
    return "".join(path.read_text() for path in files)


async def test_commentary_tells_nothing_of_what_is_masked() -> None:
    for masks, told in (([MASK], False), ([], True)):
        async with home(eyes=lambda: Witness([]), source=None) as place:
            place.session.command("areas", lane="camera", zones=[], masks=masks)
            place.session.request("comment on what happens")
            await place.until(1.0)
            place.session.add_lane(Secretive())
            await place.until(15.0)
            assert place.texts() and any(SECRET in text for text in place.texts()) == told


@pytest.mark.real_time
@pytest.mark.parametrize("vllm", [True, False])
async def test_no_request_to_a_model_server_shows_it(vllm: bool) -> None:
    with model("</silence>", vllm=vllm) as server:
        settings = Settings(_env_file=None, observer=server.url, gate=Gate(enabled=False))  # type: ignore[call-arg]
        async with home(
            observer=OpenAICompatibleObserver(settings), settings=settings, eyes=lambda: Witness([])
        ) as place:
            place.session.command("areas", lane="camera", zones=[], masks=[MASK])
            place.session.add_lane(Secretive())
            await place.until(4.5)
        assert len(sent(server)) >= 3 and all(hidden(from_url(url)) for url in sent(server))


@pytest.mark.real_time
async def test_a_mask_drawn_later_ends_what_a_model_remembers_of_it() -> None:
    """Its pictures of before are not sent again, whole or by their ids."""
    with model("</silence>") as server:
        settings = Settings(_env_file=None, observer=server.url, gate=Gate(enabled=False))  # type: ignore[call-arg]
        async with home(
            observer=OpenAICompatibleObserver(settings), settings=settings, eyes=lambda: Witness([])
        ) as place:
            place.session.add_lane(Secretive())
            await place.until(2.5)
            before, known = len(chats(server)), ids(chats(server))
            place.session.command("areas", lane="camera", zones=[], masks=[MASK])
            await place.until(5.5)
        later = chats(server)[before:]
        assert known and len(later) >= 2 and not known & ids(later)
        assert all(hidden(from_url(url)) for url in sent(server, before))


def sent(server: Any, since: int = 0) -> list[str]:
    """The data URLs of all pictures that were sent."""
    return [part["image_url"]["url"] for part in _images(chats(server)[since:]) if part["image_url"]]


def ids(bodies: list[dict[str, Any]]) -> set[str]:
    return {part["uuid"] for part in _images(bodies)}


def _images(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    contents = [message["content"] for body in bodies for message in body["messages"] if message["role"] == "user"]
    return [part for content in contents for part in content if part["type"] == "image_url"]


async def test_a_mask_drawn_in_mid_stream_takes_what_was_kept() -> None:
    seen: list[Frame] = []
    onlooker = Onlooker(seconds=0.7)  # one is nearly always deciding
    async with home(observer=onlooker, eyes=lambda: Witness(seen, seconds=0.15), source=Secretive()) as place:
        lane = place.session.lanes["camera"]
        await place.until(8.05)
        assert len(pictures(place)) >= 6 and traces(decoded(pictures(place)[0])) and lane.newest
        said, looked, asked = len(place.texts()), len(seen), len(onlooker.views)
        assert said
        place.session.command("areas", lane="camera", zones=[], masks=[MASK])
        frame = lane.latest.peek()
        assert frame and hidden(frame.image) and not pictures(place) and lane.newest is None
        assert place.session.picture("camera") is None and all(hidden(one.image) for one in shown(lane, 4))
        assert onlooker.forgotten
        await place.until(20.0)
        assert len(seen) > looked + 20 and all(hidden(frame.image) for frame in seen[looked:])
        frames = [view.frame for view in onlooker.views[asked:] if view.frame]
        assert len(frames) > 5 and all(hidden(frame.image) for frame in frames)
        assert not any(line for view in onlooker.views[asked:] for percepts in view.percepts for line in percepts.text)
        kept = pictures(place)
        assert len(kept) >= 8 and all(hidden(decoded(jpeg)) for jpeg in kept)
        assert len(place.texts()) == said  # not even what was being decided
        (told,) = place.of(AreasChanged)
        assert told.masks == [MASK] and told.hides_more
        assert not place.of(Problem)


async def test_a_question_asked_meanwhile_is_still_answered() -> None:
    onlooker = Onlooker(seconds=2.0)
    async with home(observer=onlooker, eyes=lambda: Witness([]), source=Secretive()) as place:
        await place.until(5.0)
        place.session.request("what do you see?")
        await place.until(5.5)
        place.session.command("areas", lane="camera", zones=[], masks=[MASK])
        await place.until(12.0)
        asked = [view for view in onlooker.views if view.questions]
        assert asked and asked[-1].frame and hidden(asked[-1].frame.image)


async def test_what_hides_no_more_keeps_the_pictures() -> None:
    zone = {"name": "door", "points": MASK}
    async with home(eyes=lambda: Witness([])) as place:
        place.session.command("areas", lane="camera", zones=[], masks=[MASK, ELSEWHERE])
        place.session.add_lane(Secretive())
        await place.until(6.0)
        kept = len(pictures(place))
        place.session.command("areas", lane="camera", zones=[zone], masks=[MASK])
        assert len(pictures(place)) == kept >= 5
        place.session.command("areas", lane="camera", zones=[], masks=[])
        await place.until(9.0)
        assert traces(decoded(pictures(place)[-1]))  # whoever takes a mask away sees again


async def test_the_pages_own_camera_is_masked_too() -> None:
    source = BrowserSource()
    seen: list[Frame] = []
    async with home(eyes=lambda: Witness(seen)) as place:
        place.session.command("areas", lane="camera", zones=[], masks=[MASK])
        place.session.add_lane(source)
        source.put(secret())
        await place.until(1.0)
        assert seen and hidden(seen[0].image)


async def test_a_picture_that_changes_its_size_stays_masked() -> None:
    source = BrowserSource()
    seen: list[Frame] = []
    async with home(eyes=lambda: Witness(seen)) as place:
        place.session.command("areas", lane="camera", zones=[], masks=[MASK])
        place.session.add_lane(source)
        for number, step in enumerate((1, 2, 4)):
            source.put(np.ascontiguousarray(secret()[::step, ::step]))
            await place.until(1.0 + number)
        assert [frame.image.shape[1] for frame in seen] == [320, 160, 80]
        assert not any(traces(frame.image) for frame in seen)


async def test_a_lane_whose_masks_cannot_be_read_is_not_watched(tmp_path: Path) -> None:
    (tmp_path / "areas.json").write_text("{ broken")
    seen: list[Frame] = []
    async with home(eyes=lambda: Witness(seen), folder=tmp_path, source=Secretive()) as place:
        session = place.session
        await place.until(5.0)
        assert not seen and not pictures(place) and session.lanes["camera"].latest.peek() is None
        assert [event.state for event in place.of(LaneChanged)] == ["connecting", "down"]
        (problem,) = place.of(Problem)
        assert problem.where == "masks camera" and problem.advice
        assert session.snapshot()["areas"] == {"camera": None}
        session.command("areas", lane="camera", zones=[], masks=[MASK])
        await place.until(8.0)
        assert seen and all(hidden(frame.image) for frame in seen)
        assert [event.where for event in place.of(Recovered)] == ["masks camera"]
        assert place.of(LaneChanged)[-1].state == "watching"
        assert not [event for event in place.of(Decision) if event.action != "silence"]


async def test_it_is_watched_when_the_person_says_that_nothing_is_masked(tmp_path: Path) -> None:
    (tmp_path / "areas.json").write_text("[]")
    seen: list[Frame] = []
    async with home(eyes=lambda: Witness(seen), folder=tmp_path, source=Secretive()) as place:
        await place.until(3.0)
        place.session.command("areas", lane="camera", zones=[], masks=[])
        await place.until(5.0)
        assert seen and traces(seen[-1].image)
    async with home(eyes=lambda: Witness(seen), folder=tmp_path) as place:  # what was said of it is remembered …
        place.session.add_lane(Secretive(lane="camera"))
        place.session.add_lane(Secretive(lane="door"))
        await place.until(3.0)
        states = {name: lane.state for name, lane in place.session.lanes.items()}
        assert states == {"camera": "watching", "door": "down"}  # … and nothing of the others


async def test_it_is_watched_as_soon_as_the_file_is_repaired(tmp_path: Path) -> None:
    file, seen = tmp_path / "areas.json", []
    file.write_text("")
    async with home(eyes=lambda: Witness(seen), folder=tmp_path, source=Secretive()) as place:
        await place.until(5.0)
        assert not seen
        body = {"others_unknown": False, "lanes": {"camera": {"zones": [], "masks": [MASK]}}}
        file.write_text(json.dumps(body))
        await place.until(10.0)
        assert seen and all(hidden(frame.image) for frame in seen)
