"""The outbox on virtual time with a scripted receiver: pauses, order, bounds, age, restarts, a disk that fails."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config import Alerts, Outlet, Settings
from interaction.clock import Clock
from interaction.events import AlertDelivered, Event, Problem, Recovered
from interaction.outlets.alert import Alert, new_id, read
from interaction.outlets.alerting import make_sender
from interaction.outlets.base import NotDelivered, Sender, pause_s
from interaction.outlets.folding import Folding
from interaction.outlets.outbox import Outbox
from interaction.outlets.webhook import _wait
from tests.house import START
from tests.receiver import SECRET, Answer, Receiver, receive


class Scripted(Sender):
    """Answers in order, the last one stays: None takes it, an exception is raised. `sent`: when, and what."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers) or [None]
        self.sent: list[tuple[float, Alert, bytes | None]] = []

    async def send(self, alert: Alert, picture: bytes | None, now: datetime) -> None:
        self.sent.append((round(asyncio.get_running_loop().time() - 1000, 2), alert, picture))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer:
            raise answer

    @property
    def texts(self) -> list[str]:
        return [alert.text for _, alert, _ in self.sent]


def alert(text: str = "Someone came in.", clock: Clock | None = None, **more: Any) -> Alert:
    at = clock.wall() if clock else START
    body = {"severity": "normal", "language": "en", "lane": "door", "watch": "someone comes in"}
    return Alert(**{"id": new_id(), "at": at, "text": text, **body, **more})


class Place:
    def __init__(self, folder: Path, senders: dict[str, Sender], **alerts: Any) -> None:
        outlets = [
            {"name": name, "url": f"https://{name.replace(chr(32), chr(45))}.example/", "secret": SECRET}
            for name in senders
        ]
        self.told: list[Event] = []
        self.clock = Clock(START)
        self.folder = folder
        given = Settings(_env_file=None, outlets=outlets, alerts=alerts)  # type: ignore[call-arg]
        self.box = Outbox(given, folder, senders, self.told.append, self.clock, luck=lambda: 0.5)

    def put(self, text: str, picture: bytes | None = None, **more: Any) -> None:
        self.box.put(alert(text, self.clock, **more), picture)

    async def until(self, t: float) -> None:
        await self.clock.sleep_until(t)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def files(self) -> list[str]:
        return sorted(path.suffix for path in self.folder.iterdir()) if self.folder.is_dir() else []


@asynccontextmanager
async def outbox(folder: Path, *answers: Exception | None, **alerts: Any) -> AsyncIterator[tuple[Place, Scripted]]:
    sender = Scripted(*answers)
    place = Place(folder, {"hook": sender}, **alerts)
    try:
        yield place, sender
    finally:
        await place.box.aclose()


FAILS = NotDelivered("it answered 500", "对方回应 500")


def test_pauses_double_up_to_five_minutes_and_are_spread() -> None:
    assert [pause_s(attempts, 0.5) for attempts in range(1, 12)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert (pause_s(3, 0.0), pause_s(3, 1.0)) == (3.0, 5.0)
    assert pause_s(10_000, 0.5) == 300


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120.0), ("", 0.0), ("-1", 0.0), ("Fri, 13 Nov", 0.0), ("9" * 20, 0.0), ("²", 0.0)]
)
def test_retry_after(said: str, seconds: float) -> None:
    assert _wait(said) == seconds


async def test_it_is_tried_again_ever_more_slowly_and_told_once(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", *[FAILS] * 5, None) as (place, sender):
        place.put("one")
        await place.until(20)
        assert place.files == [".json"] and len(sender.sent) == 5
        await place.until(100)
        times = [t for t, _, _ in sender.sent]
        assert [round(b - a) for a, b in pairwise(times)] == [1, 2, 4, 8, 16]
        assert len({sent.id for _, sent, _ in sender.sent}) == 1
        assert [event.status for event in place.of(AlertDelivered)] == ["waiting", "delivered"]
        assert [event.where for event in place.of(Problem)] == ["outlet hook"]
        assert [event.where for event in place.of(Recovered)] == ["outlet hook"]
        assert place.files == [] and place.box.idle


async def test_it_is_on_disk_before_it_is_sent(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    class Looks(Scripted):
        async def send(self, alert: Alert, picture: bytes | None, now: datetime) -> None:
            seen.append(place.files)

    place = Place(tmp_path / "outbox", {"hook": Looks()})
    place.put("one", b"picture")
    await place.until(1)
    assert seen == [[".jpg", ".json"]] and place.files == []
    await place.box.aclose()


async def test_when_it_works_again_what_waits_goes_at_once_urgent_first(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", *[FAILS] * 30, None) as (place, sender):
        for number in range(3):
            place.put(f"usual {number}")
        await place.until(60)
        sender.answers = [None]
        place.put("urgent", severity="urgent")
        await place.until(61)
        assert sender.texts[-4:] == ["urgent", "usual 0", "usual 1", "usual 2"]


async def test_one_outlet_that_fails_does_not_hold_up_the_other(tmp_path: Path) -> None:
    down, well = Scripted(FAILS), Scripted()
    place = Place(tmp_path / "outbox", {"down": down, "well": well})
    place.put("one")
    await place.until(10)
    assert len(down.sent) > 2 and len(well.sent) == 1
    (record,) = [json.loads(path.read_text()) for path in (tmp_path / "outbox").glob("*.json")]
    assert record["outlets"] == ["down"], "who got it does not get it again after a restart"
    await place.box.aclose()


async def test_a_restart_sends_the_rest_with_its_picture_and_id(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS) as (place, before):
        place.put("one", b"picture")
        await place.until(5)
    async with outbox(tmp_path / "outbox") as (place, after):
        await place.until(1)
        (_, sent, picture), (_, first, _) = after.sent[0], before.sent[0]
        assert (sent.id, sent.text, picture) == (first.id, "one", b"picture") and len(after.sent) == 1
        assert place.files == []


async def test_what_came_just_before_the_end_is_written_down(tmp_path: Path) -> None:
    place = Place(tmp_path / "outbox", {"hook": Scripted()})
    await place.box.loaded()
    place.put("one", b"picture")
    await place.box.aclose()
    place.put("too late")
    assert place.files == [".jpg", ".json"]


async def test_old_news_is_given_up_with_a_problem(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS, give_up_s=600) as (place, _):
        place.put("one", b"picture")
        await place.until(1500)
        assert [event.status for event in place.of(AlertDelivered)] == ["waiting", "failed"]
        assert "was never sent to hook" in place.of(Problem)[-1].message and place.files == []
        assert place.box.snapshot()[0]["waiting"] == 0 and place.box.snapshot()[0]["last"]["status"] == "failed"


async def test_age_counts_through_a_restart(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS) as (place, _):
        place.box.put(alert("old", at=START - timedelta(days=2)), None)
        await place.until(5)
    async with outbox(tmp_path / "outbox") as (place, sender):
        await place.until(5)
        assert sender.sent == [] and place.files == []


async def test_a_receiver_that_wants_no_more_is_not_asked_for_the_rest(tmp_path: Path) -> None:
    gone = NotDelivered("it answered 410", "对方回应 410", gone=True)
    async with outbox(tmp_path / "outbox", FAILS, FAILS, gone) as (place, sender):
        for number in range(2):
            place.put(f"{number}")
        await place.until(600)
        assert len(sender.sent) == 3 and place.files == []
        assert "wants no more" in place.of(Problem)[-1].message


async def test_a_receiver_that_asks_to_be_left_alone_is(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", NotDelivered("it answered 429", "对方回应 429", again_s=60), None) as (
        place,
        sender,
    ):
        place.put("one")
        await place.until(10)
        place.put("two")
        await place.until(90)
        assert [round(t) for t, _, _ in sender.sent][1:] == [60, 60]
        assert NotDelivered("", "", again_s=1e9).again_s == 300


async def test_more_than_fit_leave_out_the_oldest_that_is_not_urgent(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS, kept=3) as (place, sender):
        place.put("urgent", severity="urgent")
        for number in range(4):
            place.put(f"{number}")
        await place.until(1)
        assert len(list((tmp_path / "outbox").glob("*.json"))) == 3
        assert [problem.where for problem in place.of(Problem)] == ["outlet hook", "outlets"]
        sender.answers, sender.sent = [None], []
        await place.until(400)
        assert set(sender.texts) == {"urgent", "2", "3"}


async def test_pictures_are_bounded_by_their_bytes(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS, megabytes=1) as (place, _):
        for number in range(4):
            place.put(f"{number}", b"x" * 400_000)
        await place.until(1)
        assert sum(path.stat().st_size for path in (tmp_path / "outbox").glob("*.jpg")) == 800_000


async def test_a_disk_that_takes_nothing_costs_the_restart_not_the_alert(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where a folder should be")
    async with outbox(tmp_path / "outbox") as (place, sender):
        place.put("one", b"picture")
        await place.until(5)
        assert [(sent.text, picture) for _, sent, picture in sender.sent] == [("one", b"picture")]
        assert "cannot be written down" in place.of(Problem)[0].message


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"alert": 1, "outlets": []}', '{"alert": {}, "outlets": ["hook"]}', "[" * 5000, "x" * 200_000],
)
async def test_what_is_not_an_alert_on_disk_is_cleared_away(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "msg_0123456789abcdef01234567.json").write_text(content)
    (folder / "msg_0123456789abcdef01234567.jpg.new").write_text("half")
    (folder / "other.json").write_text("{}")
    async with outbox(folder) as (place, sender):
        await place.until(1)
        assert sender.sent == [] and place.files == []


async def test_for_an_outlet_that_is_gone_from_the_settings_nothing_is_kept(tmp_path: Path) -> None:
    place = Place(tmp_path / "outbox", {"hook": Scripted(FAILS), "former": Scripted(FAILS)})
    place.put("one")
    await place.until(1)
    await place.box.aclose()
    async with outbox(tmp_path / "outbox", FAILS) as (again, sender):
        await again.until(1)
        (record,) = (tmp_path / "outbox").glob("*.json")
        assert len(sender.sent) >= 1 and "hook" in record.read_text()
    place = Place(tmp_path / "outbox", {"third": Scripted()})
    await place.until(1)
    assert place.files == []
    await place.box.aclose()


async def test_a_fault_of_ours_in_a_sender_is_a_failed_attempt(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", ZeroDivisionError("https://KEY"), None) as (place, sender):
        place.put("one")
        await place.until(10)
        assert len(sender.sent) == 2 and "ZeroDivisionError" in place.of(Problem)[0].message
        assert "KEY" not in str(place.told)


def test_an_alert_comes_back_from_its_record() -> None:
    told = alert("有人进来了", more=3, since=START, language="zh")
    assert read(json.loads(json.dumps(told.record()))) == told
    assert told.words == "有人进来了（09:00 以来还有 3 次）"
    assert alert(more=2, since=START).words == "Someone came in. (2 more since 09:00)"
    for wrong in ({"severity": "dire"}, {"text": 4}, {"more": "3"}, {"at": "2026-11-23T09:00:00"}, {"at": 5}):
        with pytest.raises((TypeError, ValueError)):
            read(told.record() | wrong)


def at(t: float) -> datetime:
    return START + timedelta(seconds=t)


def test_the_same_again_is_counted_and_told_with_the_next() -> None:
    folding: Folding[str] = Folding(Alerts())
    told = [
        (t, folding.folds("w1", text, t, at(t), urgent=False, said=""))
        for t, text in (
            (0.0, "Someone came in."),
            (20.0, "Someone came in."),
            (40.0, "A person came in."),
            (59.0, "Someone has come in."),
            (61.0, "Someone came in."),
            (200.0, "Someone came in."),
        )
    ]
    assert told == [(0, (0, None)), (20, None), (40, None), (59, None), (61, (3, at(20))), (200, (0, None))]


def test_news_of_one_watch_is_told_but_not_in_a_burst() -> None:
    folding: Folding[str] = Folding(Alerts())

    def tell(text: str, t: float, watch: str = "w1") -> object:
        return folding.folds(watch, text, t, at(t), urgent=False, said=text)

    assert tell("It says 5.", 0) == (0, None) and folding.due == math.inf
    assert tell("It says 7.", 2) is tell("It says FIRE.", 4) is tell("It says 5.", 6) is None
    assert tell("It says 5.", 6, watch="w2") == (0, None), "another watch is another matter"
    assert folding.due == 10 and list(folding.waiting) == ["It says FIRE."] and folding.release(9.9) == []
    assert folding.release(10.01) == [("It says FIRE.", (2, at(2)))] and folding.release(30) == []
    assert tell("It says FIRE.", 12) is tell("It says 5.", 13) is None, "the gap begins with what was released"
    assert folding.due == 20 and folding.release(math.inf) == [("It says 5.", (1, at(12)))]


def test_what_is_held_gives_way_to_newer_news_and_can_be_forgotten() -> None:
    folding: Folding[str] = Folding(Alerts())
    assert folding.folds("w1", "Two people.", 0, at(0), urgent=False, said="") == (0, None)
    assert folding.folds("w1", "Three people.", 5, at(5), urgent=False, said="") is None
    assert folding.folds("w1", "Four people.", 12, at(12), urgent=False, said="") == (1, at(5)), "nobody asked at 10"
    assert folding.folds("w1", "Five people.", 13, at(13), urgent=False, said="") is None
    folding.forget()
    assert folding.release(math.inf) == []


def test_an_urgent_watch_is_told_sooner() -> None:
    folding: Folding[str] = Folding(Alerts())
    assert folding.folds("w1", "Smoke!", 0, at(0), urgent=True, said="") == (0, None)
    assert folding.folds("w1", "Fire!", 1, at(1), urgent=True, said="") == (0, None)
    assert folding.folds("w1", "Fire!", 5, at(5), urgent=True, said="") is None
    assert folding.folds("w1", "Fire!", 12, at(12), urgent=True, said="") == (1, at(5))


def test_a_cooldown_of_nothing_folds_nothing() -> None:
    folding: Folding[str] = Folding(Alerts(gap_s=0, fold_s=0))
    assert all(folding.folds("w1", "Someone.", t, at(t), urgent=False, said="") == (0, None) for t in range(5))


async def test_what_is_to_be_forgotten_is_not_sent(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS) as (place, sender):
        place.put("one", b"picture")
        await place.until(5)
        place.put("two", b"picture")
        await place.box.forget()
        sender.answers, sender.sent = [None], []
        await place.until(600)
        assert sender.sent == [] and place.files == [] and place.box.idle


async def test_two_outlets_that_are_done_at_once_leave_no_trace(tmp_path: Path) -> None:
    place = Place(tmp_path / "outbox", {f"hook {number}": Scripted() for number in range(8)})
    for number in range(10):
        place.put(f"{number}", b"picture")
    await place.until(5)
    assert place.files == [] and place.of(Problem) == [] and len(place.of(AlertDelivered)) == 80
    await place.box.aclose()


async def test_what_a_mask_hides_now_goes_out_with_no_alert_that_waits(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS, FAILS, None) as (place, sender):
        place.put("at the door", b"a face")
        place.put("in the kitchen", b"a pot", lane="kitchen")
        await place.until(0.5)
        assert place.files == [".jpg", ".jpg", ".json", ".json"]
        place.box.hide("door")
        await place.until(20)
        told = {alert.text: picture for t, alert, picture in sender.sent if t > 0.5}
        assert told == {"at the door": None, "in the kitchen": b"a pot"} and place.files == []


FACE = b"\xff\xd8\xff a face"


@asynccontextmanager
async def posting(folder: Path) -> AsyncIterator[tuple[Place, Receiver]]:
    """To a real receiver that takes the third attempt."""
    with receive(Answer(500), Answer(500), Answer(204)) as receiver:
        outlet = Outlet(name="hook", url=receiver.url, secret=SECRET)  # type: ignore[arg-type]
        place = Place(folder, {"hook": make_sender(outlet, Settings(_env_file=None))})  # type: ignore[call-arg]
        try:
            yield place, receiver
        finally:
            await place.box.aclose()


def faces(receiver: Receiver) -> list[bool]:
    """Whether each post has the face in it."""
    found = [base64.b64decode(alert["picture"] or "") for alert in receiver.alerts]
    assert all(picture in (b"", FACE) for picture in found)
    return [bool(picture) for picture in found]


@pytest.mark.parametrize("turns", range(4))
async def test_a_mask_that_is_drawn_just_after_an_alert_takes_its_picture(tmp_path: Path, turns: int) -> None:
    async with posting(tmp_path / "outbox") as (place, receiver):
        await place.box.loaded()
        place.put("at the door", FACE)
        for _ in range(turns):  # it arrives, it is being written
            await asyncio.sleep(0)
        place.box.hide("door")
        await place.until(20)
        assert faces(receiver) == [False] * 3 and place.files == []


async def test_a_mask_that_is_drawn_while_the_disk_writes_or_reads_takes_the_picture(tmp_path: Path) -> None:
    for name in ("keep", "picture"):
        async with posting(tmp_path / name) as (place, receiver):
            shelf, loop = place.box._shelf, asyncio.get_running_loop()
            real: Any = getattr(shelf, name)

            def drawn(*given: Any, real: Any = real, loop: Any = loop, box: Outbox = place.box) -> Any:
                result = real(*given)
                loop.call_soon_threadsafe(box.hide, "door")
                return result

            setattr(shelf, name, drawn)
            place.put("at the door", FACE)
            place.put("in the kitchen", FACE, lane="kitchen")
            await place.until(30)
            told = {(alert["lane"], bool(alert["picture"])) for alert in receiver.alerts}
            assert told == {("door", False), ("kitchen", True)} and place.files == []


async def test_a_mask_that_is_drawn_before_the_outbox_was_read_takes_the_pictures_in_it(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS) as (place, _):
        place.put("at the door", FACE)
        await place.until(2)
    async with posting(tmp_path / "outbox") as (place, receiver):
        place.box.hide("door")
        await place.until(20)
        assert faces(receiver) == [False] * 3 and place.files == []


async def test_what_is_being_written_is_forgotten_too(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox") as (place, sender):
        await place.box.loaded()
        place.put("one", FACE)
        await asyncio.sleep(0)
        await place.box.forget()
        await place.until(5)
        assert sender.sent == [] and place.files == [] and place.box.idle


async def test_a_picture_that_was_hidden_does_not_come_back_with_a_restart(tmp_path: Path) -> None:
    async with outbox(tmp_path / "outbox", FAILS) as (place, _):
        place.put("at the door", b"a face")
        await place.until(0.5)
        place.box.hide("door")
    async with outbox(tmp_path / "outbox", None) as (place, sender):
        await place.until(5)
        assert [picture for _, _, picture in sender.sent] == [None]
