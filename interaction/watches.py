"""Standing watches: what a person asked to be told about, each with its own state.

A pure state machine: no clock is read and nothing is spoken here. Times are aware wall-clock times, because a
watch outlives its session. The states are active ⇄ paused, and three ends: cancelled, expired, done (a `once`
watch that fired). Whether a condition holds is the observer's business; whether a schedule is due, ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from interaction.both import Both
from interaction.intents import UNLIMITED, AddWatch, Condition, Limits, Question, Schedule, Step
from interaction.watch_rules import STANDING, check, first_due, later, limits_of, step_of

WatchState = Literal["active", "paused", "cancelled", "expired", "done"]


class WatchError(Exception):
    """The watch list cannot do that; the message is for the person."""

    def __init__(self, message: Both) -> None:
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Watch:
    """One standing watch. `fired` counts firings; `next_due` is set for schedules; `say`: fixed words.

    `steps`: of a guide; `step`: the one that is waited for, whose wording, condition, schedule and words the watch has;
    `origin`: the entry of the file that asked for it, "": a person did; `clip`: its last one, by name, "": none.
    """

    id: str
    wording: str
    armed: datetime
    condition: Condition | None = None
    schedule: Schedule | None = None
    say: str | None = None
    ask: Question | None = None
    source: str | None = None
    once: bool = False
    urgent: bool = False
    language: str = "en"
    state: WatchState = "active"
    fired: int = 0
    last_fired: datetime | None = None
    next_due: datetime | None = None
    expires: datetime | None = None
    steps: tuple[Step, ...] = ()
    step: int = 0
    limits: Limits = UNLIMITED
    origin: str = ""
    clip: str = ""

    @property
    def zones(self) -> frozenset[str]:
        """Names of the places that it, or a step of it, waits at."""
        conditions = (self.condition, *(step.condition for step in self.steps))
        return frozenset(condition.zone for condition in conditions if condition)

    def snapshot(self) -> dict[str, Any]:
        """JSON-ready; `Watch.restore` reads it back."""
        body = asdict(self)
        for name in ("armed", "last_fired", "next_due", "expires"):
            body[name] = body[name].isoformat() if body[name] else None
        return body

    @staticmethod
    def restore(body: dict[str, Any]) -> Watch:
        """The inverse of `snapshot`. Raises KeyError, TypeError or ValueError for anything else."""
        fields = dict(body)
        for name in ("armed", "last_fired", "next_due", "expires"):
            fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
        fields["condition"] = Condition(**fields["condition"]) if fields["condition"] else None
        fields["schedule"] = Schedule(**fields["schedule"]) if fields["schedule"] else None
        fields["ask"] = Question(**fields["ask"]) if fields.get("ask") else None
        fields["steps"] = tuple(step_of(step) for step in fields.get("steps") or ())
        fields["limits"] = limits_of(fields.get("limits") or {})
        watch = Watch(**fields)
        check(watch)
        return watch


class Watches:
    """The watches of one session, in the order in which they were armed."""

    def __init__(self, limit: int, watches: Iterable[Watch] = ()) -> None:
        self._limit = limit
        self._all: dict[str, Watch] = {watch.id: watch for watch in watches if watch.state in STANDING}
        self._number = max((int(w.id[1:]) for w in self._all.values() if w.id[1:].isdigit()), default=0)

    def __iter__(self) -> Iterator[Watch]:
        return iter(tuple(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def get(self, watch: str) -> Watch:
        try:
            return self._all[watch]
        except KeyError:
            raise WatchError(Both(f"there is no watch {watch!r} any more", f"留意事项“{watch}”已经不在了")) from None

    def standing(self, lane: str | None = None) -> tuple[Watch, ...]:
        """Active watches, of `lane` or of all lanes."""
        return tuple(w for w in self._all.values() if w.state == "active" and w.source in (None, lane or w.source))

    def add(self, wish: AddWatch, language: str, now: datetime) -> tuple[Watch, bool]:
        """Arm a watch; returns it and whether it is new (the same wish twice keeps one, resumed if paused)."""
        for old in self._all.values():
            if wish.steps and old.steps == wish.steps:
                return self.to_step(old.id, 0, now), False  # said again: from the beginning
            if self._same(old, wish):
                watch = replace(
                    old,
                    state="active",
                    urgent=old.urgent or wish.urgent,
                    once=wish.once,
                    say=wish.say,
                    expires=self._expiry(wish, now),
                    limits=wish.limits,
                )
                self._all[old.id] = watch
                return watch, False
        if len(self._all) >= self._limit:
            raise WatchError(
                Both(
                    f"{self._limit} watches stand already; cancel one first",
                    f"已经在留意 {self._limit} 项了，请先取消一项",
                )
            )
        self._number += 1
        watch = Watch(
            id=f"w{self._number}",
            wording=wish.wording,
            armed=now,
            condition=wish.condition,
            schedule=wish.schedule,
            say=wish.say,
            ask=wish.ask,
            source=wish.source,
            once=not wish.steps and (wish.once or bool(wish.schedule and wish.schedule.every is None)),
            urgent=wish.urgent,
            language=language,
            next_due=first_due(wish.schedule, now) if wish.schedule else None,
            expires=self._expiry(wish, now),
            steps=wish.steps,
            limits=wish.limits,
        )
        self._all[watch.id] = watch
        return watch, True

    @staticmethod
    def _same(old: Watch, wish: AddWatch) -> bool:
        if wish.schedule is not None or wish.steps or old.steps:
            return False  # two reminders may say the same
        asks = [ask and (ask.kind, ask.label, ask.into) for ask in (old.ask, wish.ask)]
        same = old.condition == wish.condition and old.schedule is None and old.source == wish.source
        same = same and asks[0] == asks[1]
        return same and old.say == wish.say and (wish.condition is not None or old.wording == wish.wording)

    @staticmethod
    def _expiry(wish: AddWatch, now: datetime) -> datetime | None:
        return now + timedelta(seconds=wish.expires) if wish.expires else None

    def edit(self, watch: str, **changes: Any) -> Watch:
        """Change `wording`, `condition`, `say`, `urgent`, `once` or `source` of a standing watch."""
        edited = replace(self.get(watch), **changes)
        self._all[watch] = edited
        return edited

    def clipped(self, watch: str, clip: str) -> Watch | None:
        """Note its last clip ("": it has none any more); None if it does not stand any more."""
        return self.edit(watch, clip=clip) if watch in self._all else None

    def pause(self, watch: str) -> Watch:
        return self.edit(watch, state="paused")

    def resume(self, watch: str, now: datetime) -> Watch:
        """Make it active again; a schedule that came due meanwhile starts anew."""
        old = self.get(watch)
        due = old.next_due
        if old.schedule and due and due <= now:
            due = first_due(old.schedule, now)
        return self.edit(watch, state="active", next_due=due)

    def cancel(self, watch: str) -> Watch:
        return self._end(watch, "cancelled")

    def fire(self, watch: str, now: datetime) -> Watch:
        """Count a firing of an active watch; a `once` watch ends with it, and a guide with that of its last step."""
        old = self.get(watch)
        if old.state != "active":
            raise WatchError(Both(f"{old.wording!r} is {old.state}", f"“{old.wording}”现在没有在留意"))
        if old.steps:
            self.edit(watch, fired=old.fired + 1, last_fired=now)
            last = old.step + 1 >= len(old.steps)
            return self._end(watch, "done") if last else self.to_step(watch, old.step + 1, now)
        due = old.next_due
        if old.schedule and old.schedule.every and due:
            missed = max(0, (now - due) // timedelta(seconds=old.schedule.every))
            due = later(due, old.schedule.every * (missed + 1))
        fired = self.edit(watch, fired=old.fired + 1, last_fired=now, next_due=due)
        return self._end(watch, "done") if old.once else fired

    def to_step(self, watch: str, step: int, now: datetime) -> Watch:
        """Let a guide wait for this step of it (0: the first)."""
        wanted = self.get(watch).steps[step]
        schedule = Schedule(after=wanted.after) if wanted.after is not None else None
        return self.edit(
            watch,
            state="active",
            step=step,
            wording=wanted.wording,
            condition=wanted.condition,
            schedule=schedule,
            say=wanted.say,
            ask=wanted.ask,
            next_due=first_due(schedule, now) if schedule else None,
        )

    def due(self, now: datetime) -> list[Watch]:
        """Active schedules whose time has come, earliest first."""
        ready = [w for w in self.standing() if w.next_due and w.next_due <= now]
        return sorted(ready, key=lambda w: w.next_due or now)

    def expire(self, now: datetime) -> list[Watch]:
        """End and return those whose time is over."""
        over = [w.id for w in self._all.values() if w.expires and w.expires <= now]
        return [self._end(watch, "expired") for watch in over]

    def shift(self, by: timedelta) -> None:
        """The wall clock was set: what was meant as so many minutes from now moves along, times of day stay."""
        for watch in tuple(self._all.values()):
            if watch.schedule and not watch.schedule.at and watch.next_due:
                self.edit(watch.id, next_due=watch.next_due + by)
            if watch.expires:
                self.edit(watch.id, expires=watch.expires + by)
            if watch.last_fired:  # else "at most once an hour" would last longer, or not as long
                self.edit(watch.id, last_fired=watch.last_fired + by)

    def next_time(self) -> datetime | None:
        """When `due` or `expire` will next have something to say; None if never."""
        times = [w.next_due for w in self.standing() if w.next_due]
        times += [w.expires for w in self._all.values() if w.expires]
        return min(times, default=None)

    def latest(self) -> Watch | None:
        """The one armed last."""
        return next(reversed(self._all.values()), None)

    def snapshot(self) -> list[dict[str, Any]]:
        return [watch.snapshot() for watch in self._all.values()]

    def _end(self, watch: str, state: WatchState) -> Watch:
        ended = self.edit(watch, state=state)
        del self._all[watch]
        return ended


def restore_all(bodies: Sequence[dict[str, Any]]) -> tuple[list[Watch], int]:
    """Watches that were kept, and how many records could not be read."""
    watches: list[Watch] = []
    broken = 0
    for body in bodies:
        try:
            watches.append(Watch.restore(body))
        except (KeyError, TypeError, ValueError, AttributeError):
            broken += 1
    return watches, broken
