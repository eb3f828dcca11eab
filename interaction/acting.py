"""What comes of a proposal besides the policy: what the person's wishes forbid, and what is said or handed over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from interaction import answers
from interaction.both import Both
from interaction.events import Problem, Recovered
from interaction.observers.base import Proposal
from interaction.understanding.languages import is_foreign, name_of
from interaction.watch_rules import forbidden
from interaction.watches import Watch
from interaction.whereabouts import placed

if TYPE_CHECKING:
    from interaction.lane import Lane
    from interaction.session import Session

LANGUAGE = "observer language"


class Acting:
    """Of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._foreign = False  # the model's last words of its own were in another language

    def forbids(self, proposal: Proposal) -> str:
        """Why it must not be said now: the limits of its watch, or words that the person may not understand."""
        if proposal.action == "silence" or proposal.answers:
            return ""
        watch = self._standing(proposal.watch)
        if watch and (why := forbidden(watch, self._session.wall())):
            return why
        return self._misunderstood(proposal, watch) if proposal.model else ""

    def placed(self, proposal: Proposal, lane: str) -> Proposal:
        """With where it was seen, where there is more than one source; fixed words of the person's stay as they are."""
        session, watch = self._session, self._standing(proposal.watch)
        if proposal.action != "speak" or proposal.kind == "result" or not proposal.text.strip():
            return proposal
        if not session.lanes.several or (watch and watch.say):
            return proposal
        language = proposal.language or (watch.language if watch else session.language)
        if proposal.answers:  # in the language of the question
            language = "zh" if "\u3400" <= proposal.text.strip()[0] <= "\u9fff" else "en"
        return replace(proposal, text=placed(proposal.text, lane, language, last=proposal.kind == "alert"))

    def act(self, ruling: Proposal, lane: Lane) -> None:
        """Do what a tick decided: speak, or hand over to the agent."""
        session = self._session
        if ruling.action == "silence":
            return
        watch = self._standing(ruling.watch)
        language = ruling.language or (watch.language if watch else session.language)
        if ruling.model and is_foreign(ruling.text, language):
            language = "en" if language == "zh" else "zh"  # as well as it can be said
        if ruling.action == "delegate":
            session.work.hand_over(ruling.question or "", ruling.text, lane, language)
        text = ruling.text or (answers.working("", language) if ruling.action == "delegate" else "")
        # What a model says of its own accord is old news when it says the next thing.
        place = f"lane {lane.name}" if ruling.model and not ruling.answers else ""
        place = f"{ruling.watch} {lane.name}" if ruling.watch else place  # of two rooms both are told
        urgent = bool(watch and watch.urgent)
        # A watch that speaks once, or seldom, has spoken: it must be heard.
        last = bool(watch and (watch.once or watch.limits.at_most))
        session.talk.say(text, ruling.kind, language, watch=ruling.watch, urgent=urgent, place=place, lasting=last)
        if watch:
            session.watch_changed("fired", session.watches.fire(watch.id, session.wall()))

    def _standing(self, id: str | None) -> Watch | None:
        return next((watch for watch in self._session.watches.standing() if watch.id == id), None)

    def _misunderstood(self, proposal: Proposal, watch: Watch | None) -> str:
        """A model that speaks another language is told of once; what a watch waited for is said all the same."""
        session = self._session
        wanted = {session.language, watch.language if watch else session.language}
        foreign = all(is_foreign(proposal.text, language) for language in wanted)
        if foreign and not self._foreign:
            session.publish(
                Problem(
                    t=session.now(),
                    where=LANGUAGE,
                    message=Both(
                        f"The model does not speak {name_of(session.language, 'en')}: {proposal.text[:80]!r}.",
                        f"模型没有说{name_of(session.language, 'zh')}：“{proposal.text[:80]}”。",
                    ),
                    kept=Both(
                        "Its answers are said; what nobody asked for is held back.", "回答照说，没人问起的就不说。"
                    ),
                    advice=Both(
                        "Set another LOOKOUT_OBSERVER_MODEL, or another language (LOOKOUT_LANGUAGE).",
                        "请设置另一个 LOOKOUT_OBSERVER_MODEL，或换一种语言（LOOKOUT_LANGUAGE）。",
                    ),
                    severity="warning",
                )
            )
        elif self._foreign and not foreign:
            session.publish(Recovered(t=session.now(), where=LANGUAGE))
        self._foreign = foreign
        return "in another language" if foreign and watch is None else ""
