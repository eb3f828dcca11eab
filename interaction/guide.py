"""A guide in a session: the person asks where it is, goes on, goes back, or hears a step again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interaction import answers
from interaction.intents import Step
from interaction.watches import Watch

if TYPE_CHECKING:
    from interaction.session import Session


def latest(session: Session) -> Watch | None:
    """The guide that is meant: the one that was armed last."""
    return next((watch for watch in reversed(session.watches.standing()) if watch.steps), None)


def where(session: Session, language: str) -> str:
    """Which step is next, and what it waits for."""
    watch = latest(session)
    return answers.next_step(watch, session.wall()) if watch else answers.no_guide(language)


def go(session: Session, verb: str, language: str, watch: Watch | None = None) -> None:
    """ "next", "go back", "say the step again", of the guide that is meant."""
    watch = watch or latest(session)
    if watch is None:
        session.say(answers.no_guide(language), "answer", language)
    elif verb == "step_next":
        session.watch_changed("fired", session.watches.fire(watch.id, session.wall()))
        _tell(session, watch.steps[watch.step], watch)
    elif verb == "step_back" and watch.step > 1:
        session.watch_changed("changed", session.watches.to_step(watch.id, watch.step - 1, session.wall()))
        _tell(session, watch.steps[watch.step - 2], watch)
    elif watch.step:
        _tell(session, watch.steps[watch.step - 1], watch)
    else:
        session.say(answers.next_step(watch, session.wall()), "answer", watch.language)


def begin(session: Session, id: str) -> None:
    """A guide was armed: a first step that waits for nothing is told at once."""
    watch = next((watch for watch in session.watches.standing() if watch.id == id), None)
    if watch and watch.steps and watch.step == 0 and watch.steps[0].by_hand:
        go(session, "step_next", watch.language, watch)


def _tell(session: Session, step: Step, watch: Watch) -> None:
    if step.ask:
        session.requests.answer(step.ask, watch.language)
    else:
        session.say(answers.step(step, watch.language), "answer", watch.language)
