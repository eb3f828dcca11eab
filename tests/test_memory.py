"""The memory facade on virtual time, with a store in a list: order, faults, overload, deadlines."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import config
from interaction.clock import Clock
from interaction.events import Event, MemoryStored, Problem, Recovered
from memory.pictures import Pictures
from memory.recall import Memory
from memory.record import Moment, MomentKind
from memory.store import MemoryFault, MemoryStore

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=timezone(timedelta(hours=1)))


class ListStore(MemoryStore):
    """Keeps moments in a dictionary; `broken`: what every call raises."""

    name = "list"

    def __init__(self) -> None:
        self.kept: dict[str, Moment] = {}
        self.batches: list[int] = []
        self.broken: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.threads: set[str] = set()

    def add(self, moments: Sequence[Moment]) -> None:
        self._check()
        self.batches.append(len(moments))
        self.kept.update({m.id: m for m in moments})

    def search(
        self,
        query: str,
        *,
        limit: int = 8,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[MomentKind] = (),
    ) -> list[tuple[Moment, float]]:
        self._check()
        return [(m, 0.1) for m in self.latest(limit=limit, since=since, before=until, kinds=kinds)]

    def latest(
        self,
        *,
        limit: int = 50,
        before: datetime | None = None,
        since: datetime | None = None,
        kinds: Sequence[MomentKind] = (),
        label: str = "",
        events: Sequence[str] = (),
        words: Sequence[str] = (),
    ) -> list[Moment]:
        self._check()
        found = [
            m
            for m in self.kept.values()
            if (before is None or m.at < before)
            and (since is None or m.at >= since)
            and (not kinds or m.kind in kinds)
            and (not label or m.label == label)
            and (not events or m.event in events)
            and (not words or any(w in m.text.lower() for w in words))
        ]
        return sorted(found, key=lambda m: m.at, reverse=True)[:limit]

    def forget(self, ids: Sequence[str] | None = None) -> None:
        self._check()
        for id in list(self.kept) if ids is None else ids:
            self.kept.pop(id, None)

    def count(self) -> int:
        self._check()
        return len(self.kept)

    def _check(self) -> None:
        self.threads.add(threading.current_thread().name)
        assert self.gate.wait(20)
        if self.broken:
            raise self.broken


class House:
    """A memory with everything around it that a test looks at."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.store = ListStore()
        self.events: list[Event] = []
        self.clock = Clock(NOW)
        bounds = config.Memory(batch_s=0.01, retry_s=0.01).model_copy(update=settings)
        self.memory = Memory(lambda: self.store, folder, self.events.append, self.clock.now, bounds)

    def of(self, kind: type[Event]) -> list[Event]:
        return [e for e in self.events if isinstance(e, kind)]

    def ask(self, question: str, language: str = "en", **more: float) -> object:
        return self.memory.answer(question, language, NOW, **more)


def arrival(i: int, minutes_ago: float, event: str = "arrived", **more: str) -> Moment:
    text = "Someone just came in on the left." if event == "arrived" else "Someone just left on the right."
    fields = {"lane": "camera", "label": "person", "event": event} | more
    return Moment(f"m{i}", NOW - timedelta(minutes=minutes_ago), "seen", fields.pop("text", text), **fields)


async def test_what_is_remembered_is_announced_when_it_is_on_disk(tmp_path: Path) -> None:
    house = House(tmp_path)
    for i in range(30):
        house.memory.remember(arrival(i, i))
    assert house.events == []
    assert await house.memory.flush()
    assert [e.moment for e in house.of(MemoryStored)] == [f"m{i}" for i in range(30)]
    assert len(house.store.batches) < 10 and house.store.threads == {"memory"}
    assert house.clock.now() == 0.0  # virtual time stood still
    await house.memory.aclose()


async def test_the_same_moment_twice_is_kept_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.memory.remember(arrival(1, 5))
    house.memory.remember(arrival(1, 5))
    await house.memory.flush()
    assert len(house.store.kept) == 1
    await house.memory.aclose()


async def test_a_question_sees_what_was_remembered_just_before(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.memory.remember(arrival(1, 5))
    assert await house.ask("when did someone come in?") == "Someone came in at 14:55, five minutes ago."
    assert await house.ask("有人什么时候进来的？", "zh") == "有人在14:55进来，五分钟前。"
    assert [m.id for m in await house.memory.recall("when did someone come in?", "en", now=NOW, deadline=5)] == ["m1"]
    await house.memory.aclose()


async def test_a_store_that_fails_is_a_problem_once_and_nothing_is_lost(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.memory.flush()
    house.store.broken = MemoryFault("Nothing can be stored: the disk is full.")
    for i in range(5):
        house.memory.remember(arrival(i, i))
    assert not await house.memory.flush()
    assert not await house.memory.flush()
    problems = house.of(Problem)
    assert len(problems) == 1 and problems[0].where == "memory" and "disk is full" in problems[0].message
    assert problems[0].kept and problems[0].advice
    assert await house.ask("when did someone come in?") == "I can't read my memory at the moment."
    house.store.broken = None
    assert await house.memory.flush()
    assert len(house.store.kept) == 5 and len(house.of(Recovered)) == 1
    await house.memory.aclose()


async def test_a_store_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    store, attempts = ListStore(), []

    def open_store() -> ListStore:
        attempts.append(1)
        if len(attempts) < 3:
            raise MemoryFault("the folder may not be written")
        return store

    events: list[Event] = []
    memory = Memory(open_store, tmp_path, events.append, Clock().now, config.Memory(batch_s=0.01, retry_s=0.01))
    memory.remember(arrival(1, 1))
    for _ in range(3):
        await memory.flush()
    assert store.kept and [type(e) for e in events if not isinstance(e, MemoryStored)] == [Problem, Recovered]
    await memory.aclose()


async def test_overload_drops_decisions_first_and_says_so_once(tmp_path: Path) -> None:
    house = House(tmp_path, queue=10)
    await house.memory.flush()
    house.store.gate.clear()  # the disk hangs
    house.memory.remember(arrival(0, 50))
    for i in range(1, 8):
        house.memory.remember(arrival(i, 50 - i))
    for i in range(8, 30):
        house.memory.remember(Moment(f"m{i}", NOW, "decided", "Silent."))
    house.memory.remember(arrival(99, 0))
    house.store.gate.set()
    await house.memory.flush()
    seen = [m.id for m in house.store.kept.values() if m.kind == "seen"]
    assert seen == [*[f"m{i}" for i in range(8)], "m99"]
    assert len(house.of(Problem)) == 1 and "left out" in house.of(Problem)[0].message
    await house.memory.aclose()


@pytest.mark.real_time
async def test_a_slow_store_does_not_hold_up_an_answer(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.memory.flush()
    house.store.gate.clear()
    assert "slow" in await house.ask("when did someone come in?", deadline=0.05)
    assert await house.memory.recall("when did someone come in?", "en", now=NOW, deadline=0.05) == []
    house.store.gate.set()
    await house.memory.aclose()


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    house = House(tmp_path, batch_s=30)
    house.memory.remember(arrival(1, 1))
    await house.memory.aclose()
    assert "m1" in house.store.kept


async def test_pictures_are_kept_bounded_and_forgotten(tmp_path: Path) -> None:
    house = House(tmp_path, pictures=3)
    for i in range(5):
        house.memory.remember(arrival(i, 10 - i), b"jpeg" * 10)
    await house.memory.flush()
    names = sorted(path.name for path in house.memory.pictures.iterdir())
    assert names == [house.store.kept[f"m{i}"].picture for i in (2, 3, 4)]
    assert house.memory.picture(names[0]).read_bytes() == b"jpeg" * 10
    assert (house.memory.pictures.stat().st_mode & 0o777) == 0o700
    await house.memory.forget(["m3"])
    assert house.memory.picture(names[1]) is None and house.memory.picture(names[2]) is not None
    await house.memory.forget()
    assert not house.memory.pictures.exists() and not house.store.kept
    await house.memory.aclose()


@pytest.mark.parametrize("name", ["../x.jpg", "/etc/passwd", "a/b.jpg", "x.png", "", "x.jpg\0", "..jpg", "x.jpg/"])
def test_names_of_pictures_lead_nowhere_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.jpg").write_bytes(b"secret")
    pictures = Pictures(tmp_path / "pictures", config.Memory())
    assert pictures.path(name) is None
    with pytest.raises(ValueError, match="not a name"):
        pictures.save(name, b"")


def test_a_link_is_not_a_picture(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    pictures = Pictures(tmp_path / "pictures", config.Memory())
    pictures.save("a.jpg", b"x")
    (tmp_path / "pictures" / "b.jpg").symlink_to(tmp_path / "secret")
    assert pictures.path("a.jpg") and pictures.path("b.jpg") is None


async def test_pages_and_days(tmp_path: Path) -> None:
    house = House(tmp_path)
    for i in range(60):
        house.memory.remember(arrival(i, 24 * 60 * (i // 20) + i))
    first = await house.memory.page()
    assert [m["id"] for m in first["moments"]] == [f"m{i}" for i in range(50)]
    assert len(first["days"]) == 3 and first["days"] == sorted(first["days"], reverse=True)
    rest = await house.memory.page(before=first["moments"][-1]["at"])
    assert [m["id"] for m in rest["moments"]] == [f"m{i}" for i in range(50, 60)]
    day = await house.memory.page(day=first["days"][1])
    assert {m["at"][:10] for m in day["moments"]} <= set(first["days"]) and 15 <= len(day["moments"]) <= 25
    for bad in ({"day": "yesterday"}, {"before": "x"}):
        with pytest.raises(ValueError):
            await house.memory.page(**bad)
    await house.memory.aclose()


async def test_forgetting_everything_takes_what_waits_too(tmp_path: Path) -> None:
    house = House(tmp_path, batch_s=30)
    house.memory.remember(arrival(1, 1))
    await house.memory.forget()
    await house.memory.flush()
    assert not house.store.kept and not house.of(MemoryStored)
    await house.memory.aclose()


CONVERSATION = [
    arrival(1, 130),
    arrival(2, 70),
    arrival(3, 65, event="left"),
    Moment("m4", NOW - timedelta(minutes=40), "heard", "tell me when someone comes in"),
    Moment("m5", NOW - timedelta(minutes=30), "heard", "I am going out for a moment"),
    arrival(6, 12, text="Two people just came in on the right.", lane="door"),
    Moment("m7", NOW - timedelta(minutes=11), "said", "Two people just came in on the right."),
    Moment("m8", NOW - timedelta(seconds=2), "heard", "did anyone come in while I was away?"),
]


@pytest.mark.parametrize(
    ("question", "language", "said"),
    [
        ("when did someone last come in?", "en", "Someone came in at 14:48 (seen by “door”), twelve minutes ago."),
        ("when did the first person come in today?", "en", "Someone came in at 12:50, two hours ago."),
        ("how long since someone left?", "en", "It has been one hour since someone left, at 13:55."),
        ("上次有人离开是多久以前？", "zh", "上次有人离开是在13:55，已经过了一个小时。"),
        ("did anyone come in while I was away?", "en", "Yes: someone came in at 14:48 (seen by “door”), twelve "
         "minutes ago."),
        ("我不在的时候有人来过吗？", "zh", "有：有人在14:48进来（door），十二分钟前。"),
        ("did anyone leave in the last ten minutes?", "en", "I have no memory of someone leaving in that time."),
        ("how many times did someone come in today?", "en", "Four times today; the last time was at 14:48."),
        ("今天有几个人来过？", "zh", "今天来过四次，最近一次在14:48。"),
        ("what did I say?", "en", "You said at 14:59: “did anyone come in while I was away?”, just now."),
        ("我刚才说了什么？", "zh", "在14:59你说：“did anyone come in while I was away?”，刚刚。"),
        ("when did the dog come in?", "en", "I have no memory of a dog coming in."),
        ("has a car arrived yesterday?", "en", "I have no memory of a car coming in yesterday."),
        ("what happened in the last two hours?", "en", "Between 13:50 and 14:59: 3 people came in; 1 person left; you "
         "said “I am going out for a moment” and “did anyone come in while I was away?”, and 1 more."),
        ("过去一小时发生了什么？", "zh", "14:20到14:59之间：人出现2次；你说了“I am going out for a moment”、"
         "“did anyone come in while I was away?”，还有另外1句。"),
    ],
)  # fmt: skip
async def test_answers(tmp_path: Path, question: str, language: str, said: str) -> None:
    house = House(tmp_path)
    for moment in CONVERSATION:
        house.memory.remember(moment)
    assert await house.ask(question, language) == said
    await house.memory.aclose()
