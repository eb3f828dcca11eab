"""Long-term memory as the session knows it: remember, recall, answer, page through, forget. Never blocks the loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import config
from interaction.both import Both
from interaction.clock import standstill, wall_now
from interaction.events import Event, MemoryStored, Problem, Recovered
from memory.answers import answer
from memory.periods import midnight
from memory.pictures import Pictures
from memory.questions import parse
from memory.ranking import Found, find
from memory.record import Moment
from memory.store import MemoryFault, MemoryStore
from memory.writer import Entry, Reports, Writer

T = TypeVar("T")

_PAGE = 50  # moments a page of the memory panel
_DAYS = 60  # days listed beside it
_RECALLED = 5  # moments given to an observer or the agent
_WARM_UP_S = 60.0  # loading takes seconds; on a busy disk more
_FORGET_S = 120.0  # forgetting one moment copies all others: a minute at the bound


class Memory:
    """One person's memory. Create it on a running event loop; `close` writes what waits.

    `make_store` is called on the writer thread; `folder`: the person's, for pictures (the store may share it);
    `emit` is called on the event loop with MemoryStored, Problem and Recovered; `now`: session seconds.
    """

    def __init__(
        self,
        make_store: Callable[[], MemoryStore],
        folder: Path,
        emit: Callable[[Event], None],
        now: Callable[[], float],
        settings: config.Memory | None = None,
    ) -> None:
        self._settings = settings or config.Memory()
        self._loop = asyncio.get_running_loop()
        self._folder = folder
        self._emit = emit
        self._now = now
        self._days: list[str] | None = None
        self._kept_pictures = Pictures(folder / "pictures", self._settings)
        reports = Reports(self._stored, self._failed, self._recovered, self._dropped)
        self._writer = Writer(make_store, self._kept_pictures, self._settings, reports)
        self._writer.start()

    @property
    def pictures(self) -> Path:
        """The folder of the moments' pictures; ask `picture` for one of them."""
        return self._folder / "pictures"

    def picture(self, name: str) -> Path | None:
        """The file of a moment's picture, or None for a name that is none or is no longer kept."""
        return self._kept_pictures.path(name)

    def remember(self, moment: Moment, picture: bytes | None = None) -> None:
        """Keep a moment, with its JPEG. Returns at once; MemoryStored follows when it is durably written."""
        self._writer.put(Entry(moment, picture))

    async def warm_up(self) -> None:
        """Asking anything opens the store and loads the embedding."""
        await self.recall("what happened?", "en", now=wall_now(), deadline=_WARM_UP_S)

    async def recall(self, question: str, language: str, *, now: datetime, deadline: float) -> list[Moment]:
        """The moments that a question is about, best first; none when nothing fits or memory is slower than
        `deadline` seconds."""
        try:
            found = await self._find(question, language, now, deadline)
        except (MemoryFault, TimeoutError):
            return []
        return list(found.moments[:_RECALLED])

    async def answer(self, question: str, language: str, now: datetime, deadline: float | None = None) -> str:
        """One sentence to be spoken, with the time of what is remembered; honest when nothing is, or memory fails."""
        zh = language == "zh"
        try:
            found = await self._find(question, language, now, deadline or self._settings.recall_deadline_s)
        except TimeoutError:
            return (
                "我的记忆现在有点慢，请过一会儿再问。"
                if zh
                else "My memory is slow just now; ask me again in a moment."
            )
        except MemoryFault:
            return "我现在读不了自己的记忆。" if zh else "I can't read my memory at the moment."
        return answer(found, now)

    async def page(self, q: str = "", day: str | None = None, before: str | None = None) -> dict[str, Any]:
        """For the memory panel: `{moments: [...], days: ["YYYY-MM-DD", …]}`, newest or (with `q`) best first.

        `day`: "YYYY-MM-DD"; `before`: an ISO time to go on from. Raises `ValueError` for a bad one, `MemoryFault`.
        """
        bounds = _bounds(day, before)
        text = q.strip()[: self._settings.moment_chars]
        moments = await self._ask(lambda store: _listed(store, text, *bounds), self._settings.recall_deadline_s * 5)
        if self._days is None:
            self._days = await self._ask(_days, self._settings.recall_deadline_s * 5)
        return {"moments": [_shown(moment) for moment in moments], "days": list(self._days)}

    async def forget(self, ids: Sequence[str] | None = None) -> None:
        """Remove these moments and their pictures, or everything (None), also from disk. Raises `MemoryFault`."""

        def job(store: MemoryStore) -> None:
            if ids is None:
                self._kept_pictures.forget()
                store.forget()
                with contextlib.suppress(OSError):  # not empty: another room keeps something there
                    self._folder.rmdir()
            else:
                store.forget(ids)
                self._kept_pictures.forget(ids)

        if ids is None:
            self._writer.drop_waiting()
        await self._ask(job, _FORGET_S)
        self._days = None

    async def flush(self, deadline: float = 10.0) -> bool:
        """Wait until everything remembered so far is on disk; False when it is not after `deadline` seconds."""
        try:
            await self._ask(lambda store: None, deadline)
        except (MemoryFault, TimeoutError):
            return False
        return self._writer.waiting == 0

    def close(self) -> None:
        """Write what waits, then end the thread; returns at once."""
        self._writer.close()

    def join(self, deadline: float = 10.0) -> None:
        """Block until the thread has ended after `close`, for so many seconds at most."""
        self._writer.join(deadline)

    @property
    def ended(self) -> bool:
        return not self._writer.is_alive()

    async def aclose(self, deadline: float = 10.0) -> None:
        """Write what waits and end the thread."""
        self.close()
        with standstill():
            await asyncio.to_thread(self.join, deadline)

    async def _find(self, question: str, language: str, now: datetime, deadline: float) -> Found:
        query = parse(question[: self._settings.moment_chars], language, now)
        return await self._ask(lambda store: find(store, query, now), deadline)

    async def _ask(self, job: Callable[[MemoryStore], T], deadline: float) -> T:
        """On the writer thread. Virtual time stands still meanwhile: remembering takes no session time."""
        with standstill():
            async with asyncio.timeout(deadline):
                return await asyncio.wrap_future(self._writer.submit(job))

    # Reports of the writer, from its thread.

    def _stored(self, moments: Sequence[Moment]) -> None:
        self._on_loop(self._say_stored, tuple(moments))

    def _say_stored(self, moments: tuple[Moment, ...]) -> None:
        if self._days is not None and {_day(m) for m in moments} - set(self._days):
            self._days = None
        for moment in moments:
            self._emit(MemoryStored(t=self._now(), moment=moment.id, kind=moment.kind, text=moment.text))

    def _failed(self, message: str) -> None:
        self._say_problem(
            Both(message, f"记忆写不进去：{message}"),
            kept=Both(
                f"Watching goes on; up to {self._settings.queue} moments wait and are written when it works again.",
                f"观察照常；最多 {self._settings.queue} 个时刻先等着，恢复后再写入。",
            ),
            advice=Both(
                "Free some space, or check LOOKOUT_DATA_DIR and LOOKOUT_MEMORY__CHROMA_URL.",
                "请腾出一些空间，或检查 LOOKOUT_DATA_DIR 和 LOOKOUT_MEMORY__CHROMA_URL。",
            ),
        )

    def _dropped(self, bound: int) -> None:
        self._say_problem(
            Both(
                f"More than {bound} moments wait to be written; the oldest ones, decisions first, are left out.",
                f"等待写入的时刻超过 {bound} 个，最早的（先是各次判断）被略过了。",
            ),
            kept=Both(
                "Watching and speaking go on, and so does remembering what is new.",
                "观察和说话照常，新的内容也会记住。",
            ),
            advice=Both("See whether the disk is full or busy.", "请看看磁盘是不是满了，或太忙。"),
        )

    def _say_problem(self, message: Both, kept: Both, advice: Both) -> None:
        def say() -> None:
            self._emit(Problem(t=self._now(), where="memory", message=message, kept=kept, advice=advice))

        self._on_loop(say)

    def _recovered(self) -> None:
        self._on_loop(lambda: self._emit(Recovered(t=self._now(), where="memory", message="Memory is written again.")))

    def _on_loop(self, call: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and so has everyone who could be told
            self._loop.call_soon_threadsafe(call, *args)


def _bounds(day: str | None, before: str | None) -> tuple[datetime | None, datetime | None]:
    since = until = None
    if day:
        since = datetime.combine(date.fromisoformat(day), datetime.min.time()).astimezone()
        until = since + timedelta(days=1)
    if before:
        limit = datetime.fromisoformat(before)
        limit = limit if limit.tzinfo else limit.astimezone()
        until = min(until, limit) if until else limit
    return since, until


def _listed(store: MemoryStore, q: str, since: datetime | None, until: datetime | None) -> list[Moment]:
    if not q:
        return store.latest(limit=_PAGE, since=since, before=until)
    query = parse(q, "zh" if any("\u3400" <= c <= "\u9fff" for c in q) else "en", wall_now())
    found = store.search(query.text, limit=_PAGE, since=since, until=until)
    return [moment for moment, _ in found]


def _days(store: MemoryStore) -> list[str]:
    """Days that have moments, newest first: hops from the newest moment to the last one before its day."""
    days: list[str] = []
    before: datetime | None = None
    while len(days) < _DAYS and (newest := store.latest(limit=1, before=before)):
        days.append(_day(newest[0]))
        before = midnight(newest[0].at.astimezone())
    return days


def _day(moment: Moment) -> str:
    return moment.at.astimezone().date().isoformat()


def _shown(moment: Moment) -> dict[str, str]:
    at = moment.at.isoformat()
    shown = {"id": moment.id, "at": at, "kind": moment.kind, "text": moment.text, "lane": moment.lane}
    return shown | {"label": moment.label, "picture": moment.picture}
