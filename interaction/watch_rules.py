"""What holds for a watch: when its clock and its limits let it speak, and which records of one are no watch. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from interaction.intents import Certainty, Condition, ConditionKind, Limits, Question, Schedule, Step

if TYPE_CHECKING:
    from interaction.watches import Watch

STANDING = ("active", "paused")
DAY_MIN = 24 * 60
MOST_S = 366 * 86_400.0  # who wants to hear of something once a year wants a calendar


def quiet_until(limits: Limits, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` (aware, local) lies in; None: it lies in none."""
    if limits.quiet is None:
        return None
    start, end = limits.quiet
    minute = now.hour * 60 + now.minute
    if (minute - start) % DAY_MIN >= (end - start) % DAY_MIN:
        return None
    over = now.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    if is_local(now):  # else summer time that begins at night would end them an hour later
        over = over.replace(tzinfo=None).astimezone()
    return over if over > now else later(over, 86_400.0)


def forbidden(watch: Watch, now: datetime) -> str:
    """Why the person's own limits forbid it to speak now; empty: they do not.

    An urgent watch is heard in quiet hours too; how often it speaks was asked for with it, so that holds for any.
    """
    if not watch.urgent and (over := quiet_until(watch.limits, now)):
        return f"quiet hours until {over:%H:%M}"
    since = (now - watch.last_fired).total_seconds() if watch.last_fired else -1.0
    if watch.limits.at_most and 0 <= since < watch.limits.at_most:  # below 0: the clock was set back
        return f"asked for at most every {watch.limits.at_most:g} s, and told {since:.0f} s ago"
    return ""


def later(due: datetime, seconds: float) -> datetime:
    """`seconds` after `due`; whole days keep the hour on the wall where summer time begins or ends between."""
    moment = due + timedelta(seconds=seconds)
    if seconds % 86_400 or not is_local(due):
        return moment
    return moment.replace(tzinfo=None).astimezone()


def is_local(moment: datetime) -> bool:
    """Whether it is told in this machine's zone."""
    return moment.astimezone().utcoffset() == moment.utcoffset()


def first_due(schedule: Schedule, now: datetime) -> datetime:
    """When a schedule armed at `now` is due for the first time."""
    if schedule.at:
        at = datetime.fromisoformat(schedule.at)
        return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    return now + timedelta(seconds=schedule.after if schedule.after is not None else schedule.every or 0.0)


def limits_of(body: dict[str, Any]) -> Limits:
    """From a snapshot. Raises like `Watch.restore`."""
    quiet = body.get("quiet")
    if quiet is not None:
        start, end = (int(minute) for minute in quiet)
        if start == end or not (0 <= start < DAY_MIN and 0 <= end < DAY_MIN):
            raise ValueError("quiet hours that are none")
        quiet = (start, end)
    return Limits(**{**body, "quiet": quiet})


def step_of(body: dict[str, Any]) -> Step:
    """A step from its snapshot. Raises like `Watch.restore`."""
    condition, ask = body["condition"], body["ask"]
    return Step(**{**body, "condition": condition and Condition(**condition), "ask": ask and Question(**ask)})


def check(watch: Watch) -> None:
    """Raises ValueError or TypeError for what no session ever wrote: a file may have been edited or damaged."""
    condition, schedule, ask = watch.condition, watch.schedule, watch.ask
    known = [
        (condition and condition.kind, get_args(ConditionKind)),
        (ask and ask.kind, get_args(get_type_hints(Question)["kind"])),
        (watch.state, STANDING),
        (watch.language, ("en", "zh")),
        (watch.limits.certainty, get_args(Certainty)),
    ]
    for step in watch.steps:
        known += [(step.condition and step.condition.kind, get_args(ConditionKind))]
        known += [(step.ask and step.ask.kind, get_args(get_type_hints(Question)["kind"]))]
    if any(value is not None and value not in allowed for value, allowed in known):
        raise ValueError("an unknown kind of watch")
    if not (isinstance(watch.id, str) and isinstance(watch.wording, str) and isinstance(watch.say, str | None)):
        raise TypeError("a watch without words")
    if not all(isinstance(s.wording, str) and isinstance(s.say, str | None) for s in watch.steps):
        raise TypeError("a step without words")
    if watch.steps and not 0 <= watch.step < len(watch.steps):
        raise ValueError("a guide beyond its last step")
    if any(s.after is not None and s.after <= 0 for s in watch.steps):
        raise ValueError("a step that is due before it is armed")
    if any(time is not None and time.tzinfo is None for time in _times(watch)):
        raise ValueError("a time without its zone")
    if not (watch.limits.at_most is None or 0 < watch.limits.at_most <= MOST_S):
        raise ValueError("a limit that is none")
    if schedule and not (watch.next_due and all(s is None or s > 0 for s in (schedule.after, schedule.every))):
        raise ValueError("a schedule that is never due, or always")


def _times(watch: Watch) -> tuple[datetime | None, ...]:
    return watch.armed, watch.last_fired, watch.next_due, watch.expires
