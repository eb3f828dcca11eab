"""How the troubles of a lane are told to the person. Pure."""

from __future__ import annotations

from interaction.events import Problem


def source_failed(t: float, lane: str, message: str) -> Problem:
    return Problem(
        t=t,
        where=f"source {lane}",
        message=message,
        kept="Everything else goes on: other sources, timers, conversation and memory.",
        advice="Check the source, or add another one.",
    )


def eyes_failed(t: float, lane: str, what: str) -> Problem:
    return Problem(
        t=t,
        where=f"seeing {lane}",
        message=f"The eyes failed on a picture: {what}"[:300],
        kept="Timers, conversation and tasks go on.",
        advice="They are started again by themselves; if this stays, run `python app.py doctor`.",
    )


def broke(t: float, lane: str, loop: str, error: BaseException) -> Problem:
    return Problem(
        t=t,
        where=f"{loop} {lane}",
        message=f"A fault in me: {type(error).__name__}: {error}"[:300],
        kept="Everything else goes on.",
        advice="If it stays, remove this source and add it again; the log has the details.",
    )


def masks_unknown(t: float, where: str) -> Problem:
    return Problem(
        t=t,
        where=where,
        message="What is masked on this source could not be read, so nothing of it is looked at.",
        kept="Other sources, timers and conversation go on.",
        advice="Draw its masks again (or save it without any), or repair areas.json in your folder.",
    )
