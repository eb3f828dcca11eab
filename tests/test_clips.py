"""Clips: the seconds around a fired watch become a film, on virtual time, with the real encoder and small pictures."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import stat
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import config
from config import Settings
from interaction.album import Picture
from interaction.clip_shelf import Clip, Shelf, download_name, name_of
from interaction.clips import Clips, make_clips
from interaction.events import ClipKept, MomentShown, Problem, Recovered, WatchChanged
from interaction.film import film
from interaction.seeing.base import jpeg
from interaction.sources.base import Frame, FrameSource
from memory.record import Moment
from tests.house import START, Eyes, Home, Speaker, home, saw

BOUNDS = config.Clips(before_s=3, after_s=2)


class Brightening(FrameSource):
    """A picture that is as bright as the session second, times ten; `fps` a second for `seconds`."""

    live = True

    def __init__(self, seconds: float = 60.0, lane: str = "camera", fps: float = 8.0) -> None:
        self.lane, self._count, self._fps = lane, int(seconds * fps), fps

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        start = now()
        for n in range(self._count):
            await asyncio.sleep(max(0.0, start + n / self._fps - now()))
            yield Frame(now(), np.full((48, 64, 3), min(250, int(now() * 10)), np.uint8))


class Remembering:
    """A memory that only notes what it is given."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def remember(self, moment: Moment, picture: bytes | None = None) -> None:
        self.moments.append(moment)

    async def forget(self, ids: list[str] | None = None) -> None:
        self.moments = [moment for moment in self.moments if ids is not None and moment.id not in ids]

    async def recall(self, question: str, language: str, **_: Any) -> list[Moment]:
        return [moment for moment in self.moments if moment.kind == "seen"]

    async def answer(self, question: str, language: str, now: datetime) -> str:
        return "Someone came in at 09:00."

    async def flush(self) -> bool:
        return True


def arrivals(*times: float) -> Callable[[], Eyes]:
    return lambda: Eyes(dict(saw(t, "arrived") for t in times))


def decoded(path: Path) -> tuple[list[tuple[float, float]], float]:
    """When each picture of a film is shown and how bright it is, and how long the film is."""
    with av.open(str(path)) as container:
        assert not container.streams.audio, "no sound is ever recorded"
        video = container.streams.video[0]
        assert video.codec_context.name == "vp8"
        shown = [(float(f.time), float(f.to_ndarray(format="gray").mean())) for f in container.decode(video)]
        return shown, container.duration / 1_000_000


async def armed(place: Home, wish: str = "tell me when someone comes in") -> None:
    place.session.request(wish)
    await place.until(place.session.now() + 0.5)


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "clips").glob("*.webm"))


async def test_the_seconds_before_and_after_a_fired_watch_are_a_film(tmp_path: Path) -> None:
    clips = Clips(tmp_path, BOUNDS)
    async with home(source=Brightening(), eyes=arrivals(8.0), folder=tmp_path, clips=clips) as place:
        await armed(place)
        await place.until(20)
        (told,) = place.of(ClipKept)
        fired = next(decision.t for decision in place.decided() if decision.watch == "w1" and decision.lane)
        (watch,) = place.session.watches
        assert watch.clip == told.clip
    (path,) = kept(tmp_path)
    assert path.name == told.clip and told.lane == "camera" and told.watch == "w1"
    shown, length = decoded(path)
    assert length == pytest.approx(5.0, abs=0.3) and told.seconds == pytest.approx(length, abs=0.3)
    assert 18 <= len(shown) <= 22  # four a second
    assert told.start == pytest.approx(fired - 3, abs=0.3)
    for at, brightness in shown:
        assert brightness == pytest.approx(10 * (told.start + at), abs=6)
    assert told.t < fired + 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_watch_knows_its_last_clip_after_a_restart_until_everything_is_forgotten(tmp_path: Path) -> None:
    clips = Clips(tmp_path, BOUNDS)
    async with home(source=Brightening(), eyes=arrivals(8.0), folder=tmp_path, clips=clips) as place:
        await armed(place)
        await place.until(20)
    async with home(source=Brightening(), eyes=arrivals(), folder=tmp_path, clips=Clips(tmp_path, BOUNDS)) as place:
        await place.until(2)
        (path,) = kept(tmp_path)
        assert [watch["clip"] for watch in place.session.snapshot()["watches"]] == [path.name]
        await place.session.forget()
        await place.until(3)
        assert [watch["clip"] for watch in place.session.snapshot()["watches"]] == [""]
        assert [(told.change, told.watch["clip"]) for told in place.of(WatchChanged)] == [("changed", "")]


async def test_firings_that_are_near_share_one_clip(tmp_path: Path) -> None:
    clips = Clips(tmp_path, config.Clips(before_s=3, after_s=4))
    async with home(source=Brightening(), eyes=arrivals(8.0, 11.0, 30.0), folder=tmp_path, clips=clips) as place:
        await armed(place)
        await armed(place, "count people aloud")
        await place.until(40)
        told = place.of(ClipKept)
    assert len(kept(tmp_path)) == 2
    first, second = dict.fromkeys(event.clip for event in told)
    assert {event.watch for event in told if event.clip == first} == {"w1", "w2"}
    assert 3 + 3 + 4 - 0.5 < decoded(tmp_path / "clips" / first)[1] < 12.5  # the second comes after the cooldown
    assert 7 - 0.5 < decoded(tmp_path / "clips" / second)[1] < 9


async def test_a_clip_that_goes_on_and_on_has_an_end(tmp_path: Path) -> None:
    clips = Clips(tmp_path, config.Clips(before_s=2, after_s=3, longest_s=8))
    eyes = arrivals(*(6.0 + 2.5 * n for n in range(10)))
    async with home(source=Brightening(), eyes=eyes, folder=tmp_path, clips=clips) as place:
        await armed(place)
        await place.until(45)
    lengths = [decoded(path)[1] for path in kept(tmp_path)]
    assert len(lengths) >= 3 and max(lengths) <= 8.5


async def test_without_a_watch_for_a_sight_no_picture_is_taken(tmp_path: Path) -> None:
    clips = Clips(tmp_path, BOUNDS)
    async with home(source=Brightening(), eyes=arrivals(8.0), folder=tmp_path, clips=clips) as place:
        await armed(place, "remind me in twelve seconds to stretch")
        await armed(place, "comment on what happens")
        await place.until(6)
        assert not place.session.lanes["camera"].album.recent
        await place.until(20)
        assert [event.change for event in place.of(WatchChanged)].count("fired") >= 2
        await armed(place)
        await place.until(23)
        assert 6 <= len(place.session.lanes["camera"].album.recent) <= 14  # the seconds before, and no more
        place.session.command("pause")
        await place.until(24)
        assert not place.session.lanes["camera"].album.recent
    assert not kept(tmp_path)


async def test_two_lanes_that_fire_at_once_have_a_clip_each(tmp_path: Path) -> None:
    clips = Clips(tmp_path, BOUNDS)
    async with home(source=Brightening(lane="garden"), eyes=arrivals(8.0), folder=tmp_path, clips=clips) as place:
        place.session.add_lane(Brightening(lane="kitchen"))
        await armed(place, "tell me when someone comes in in the garden")
        await armed(place, "say hello when someone comes in in the kitchen")
        await place.until(20)
        told = place.of(ClipKept)
    assert {event.lane for event in told} == {"garden", "kitchen"} and len(kept(tmp_path)) == 2


async def test_a_lane_that_is_removed_meanwhile_leaves_what_it_had(tmp_path: Path) -> None:
    clips = Clips(tmp_path, BOUNDS)
    async with home(source=Brightening(), eyes=arrivals(8.0), folder=tmp_path, clips=clips) as place:
        await armed(place)
        await place.until(9)
        place.session.remove_lane("camera")
        await place.until(12)
        assert len(place.of(ClipKept)) == 1
    assert decoded(kept(tmp_path)[0])[1] == pytest.approx(4, abs=0.5)


async def test_a_clip_shows_nothing_that_the_album_may_not_show_any_more(tmp_path: Path) -> None:
    clips = Clips(tmp_path, BOUNDS)
    async with home(source=Brightening(), eyes=arrivals(8.0), folder=tmp_path, clips=clips) as place:
        await armed(place)
        await place.until(9)
        place.session.lanes["camera"].album.clear()  # as when a mask is drawn
        await place.until(12)
        (told,) = place.of(ClipKept)
    assert told.start >= 9 and min(grey for _, grey in decoded(kept(tmp_path)[0])[0]) > 85


async def test_a_session_that_ends_meanwhile_keeps_what_it_had(tmp_path: Path) -> None:
    clips = Clips(tmp_path, BOUNDS)
    async with home(source=Brightening(), eyes=arrivals(8.0), folder=tmp_path, clips=clips) as place:
        await armed(place)
        await place.until(9)
    assert decoded(kept(tmp_path)[0])[1] == pytest.approx(4, abs=0.5)


async def test_what_memory_keeps_of_it_is_tied_to_the_clip_and_forgotten_with_it(tmp_path: Path) -> None:
    clips, memory = Clips(tmp_path, BOUNDS), Remembering()
    async with home(
        source=Brightening(), eyes=arrivals(8.0, 30.0), folder=tmp_path, clips=clips, memory=memory, voice=Speaker()
    ) as place:
        await armed(place)
        await place.until(20)
        (told,) = place.of(ClipKept)
        of_moments = clips.shelf.of_moments()
        tied = {moment.id: moment for moment in memory.moments if moment.id in of_moments}
        assert {moment.kind for moment in tied.values()} == {"seen", "said"} and told.moment in tied
        await place.session.forget([next(m.id for m in tied.values() if m.kind == "said")])
        assert not kept(tmp_path) and not clips.shelf.clips()
        await place.until(31)  # a second one is being recorded
        await place.session.forget()
        await place.until(40)
        assert len(place.of(ClipKept)) == 1
    assert not (tmp_path / "clips").exists()


async def test_the_person_is_shown_what_they_ask_for(tmp_path: Path) -> None:
    clips, memory = Clips(tmp_path, BOUNDS), Remembering()
    async with home(
        source=Brightening(), eyes=arrivals(8.0, 30.0), folder=tmp_path, clips=clips, memory=memory
    ) as place:
        place.session.request("play the last clip")
        await place.until(1)
        assert "no clip yet" in place.texts()[-1] and not place.of(MomentShown)
        await armed(place)
        await place.until(20)
        (told,) = place.of(ClipKept)
        for question in ("show me when someone came in", "播放刚才的录像"):
            place.session.request(question)
            await place.until(place.session.now() + 2)
        remembered, last = place.of(MomentShown)
        assert remembered.clip == last.clip == told.clip and remembered.text.startswith("Someone just came in")
        assert (
            "Someone came in at 09:00." in place.texts() and place.texts()[-1] == "这是09:00的录像：Someone comes in。"
        )
        await place.session.forget([told.moment])
        memory.moments = [Moment("other", START, "seen", "Someone came in.", picture="p.jpg")]
        place.session.request("show me when someone came in")
        await place.until(place.session.now() + 2)
        shown = place.of(MomentShown)[-1]
        assert not shown.clip and shown.picture == "p.jpg" and "only a picture" in place.texts()[-1]


async def test_a_full_disk_is_told_once_and_the_session_goes_on(tmp_path: Path, monkeypatch: Any) -> None:
    clips = Clips(tmp_path, BOUNDS)
    keep, full = clips.shelf.keep, True

    def refuse(*args: Any) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        keep(*args)

    monkeypatch.setattr(clips.shelf, "keep", refuse)
    async with home(source=Brightening(), eyes=arrivals(8.0, 20.0, 32.0), folder=tmp_path, clips=clips) as place:
        await armed(place)
        await place.until(28)
        problems = [event for event in place.of(Problem) if event.where == "clips"]
        assert len(problems) == 1 and "No space" in problems[0].message and not place.of(ClipKept)
        full = False
        await place.until(40)
        assert len(place.of(ClipKept)) == 1
        assert [event.where for event in place.of(Recovered)] == ["clips"]


def picture(t: float, grey: int = 90, size: tuple[int, int] = (48, 64)) -> Picture:
    return Picture(t, jpeg(np.full((*size, 3), grey, np.uint8)))


def test_a_film_shows_each_picture_at_its_time_and_the_last_until_the_end() -> None:
    made = film([picture(10.0, 40), picture(10.5, 80), picture(11.75, 160, (97, 131))], end=14.0, fps=4)
    with av.open(io.BytesIO(made)) as container:
        shown = [(round(f.time, 2), f.to_ndarray(format="gray").mean()) for f in container.decode(video=0)]
        assert container.duration / 1e6 == pytest.approx(4.0, abs=0.05)
    assert [t for t, _ in shown] == [0.0, 0.5, 1.75, 3.75]
    assert [grey for _, grey in shown] == pytest.approx([40, 80, 160, 160], abs=5)
    with pytest.raises(ValueError, match="picture"):
        film([], end=1.0, fps=4)
    with pytest.raises(ValueError, match="broken"):
        film([Picture(1.0, b"no jpeg")], end=2.0, fps=4)


def put(shelf: Shelf, days: float = 0.0, lane: str = "door", size: int = 1000, moments: tuple[str, ...] = ()) -> Clip:
    at = START - timedelta(days=days)
    clip = Clip(name_of(at, lane), at.isoformat(), lane, "Someone comes in", 10.0, moments)
    shelf.keep(clip, b"\0" * size, START)
    return clip


def test_the_shelf_is_bounded_by_days_number_and_megabytes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "clips", config.Clips(kept=4, megabytes=20, days=7))
    put(shelf, days=8)
    assert not shelf.clips()
    names = [put(shelf, days=6 - n).name for n in range(6)]
    assert [clip.name for clip in shelf.clips()] == names[:1:-1]
    put(shelf, size=19_999_500)
    assert len(shelf.clips()) == 1 and len(list((tmp_path / "clips").iterdir())) == 2
    shelf.trim(START + timedelta(days=30))
    assert not list((tmp_path / "clips").iterdir())


def test_what_a_killed_program_left_half_is_cleared_away(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "clips", config.Clips())
    whole = put(shelf)
    for name in ("20261123T090000-door-00000000.webm", "20261123T090000-a-00000001.webm.new", "20261123T0900-b.json"):
        (tmp_path / "clips" / name).write_bytes(b"half")
    assert [clip.name for clip in shelf.clips()] == [whole.name]
    assert shelf.path("20261123T090000-door-00000000.webm") is None
    shelf.tidy(START)
    assert len(list((tmp_path / "clips").iterdir())) == 2 and shelf.path(whole.name)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    shelf = Shelf(tmp_path / "clips", config.Clips())

    def refuse(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("interaction.whole_file.os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        put(shelf)
    assert not list((tmp_path / "clips").iterdir())


@pytest.mark.parametrize("name", ["../watches.json", "a.webm", "20261123T090000-door-0000000g.webm", "", "x/y.webm"])
def test_only_names_of_its_own_lead_to_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.webm").write_bytes(b"secret")
    assert Shelf(tmp_path / "clips", config.Clips()).path(name) is None


def test_a_link_is_no_clip_and_a_sheet_of_somebody_else_is_none(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "clips", config.Clips())
    clip = put(shelf, moments=("m1",))
    assert shelf.of_moments() == {"m1": clip.name}
    path = shelf.path(clip.name)
    assert path
    path.unlink()
    path.symlink_to("/etc/passwd")
    assert shelf.path(clip.name) is None
    path.with_suffix(".json").write_text(json.dumps(["no sheet"]))
    assert shelf.clips() == []


def test_a_clip_is_saved_under_a_name_that_says_what_it_is() -> None:
    assert download_name(name_of(START, "front door")) == "lookout-2026-11-23-09.00.00-front_door.webm"
    assert download_name(name_of(START, "门口")) == "lookout-2026-11-23-09.00.00-门口.webm"
    assert name_of(START, "../x").split("-")[1] == "_x"


def test_clips_need_memory() -> None:
    assert make_clips(Settings(_env_file=None), Path("nowhere"))
    assert make_clips(Settings(_env_file=None, memory={"enabled": False}), Path("nowhere")) is None
    assert make_clips(Settings(_env_file=None, clips={"enabled": False}), Path("nowhere")) is None
