"""What a person said, turned into deeds. `understanding` says what was meant; here it is done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from interaction import answers, cameras, guide, phrases, showing
from interaction.events import TranscriptFinal
from interaction.intents import AddWatch, Control, Intent, Question, Remark, SourceOrder, Task, Unable
from interaction.understanding import (
    WatchRef,
    acknowledge,
    beyond_models,
    examples,
    is_question,
    language_of,
    understand,
)
from interaction.understanding.grammar import Situation
from interaction.understanding.nowhere import told
from interaction.understanding.wishes import no_translation
from interaction.watches import Watch, WatchError
from interaction.wire import clean

if TYPE_CHECKING:
    from interaction.session import Session

# An offer ("shall I watch … instead?") stands this long.
OFFER_S = 20.0


def reference(watch: Watch) -> WatchRef:
    """What the grammar may know of a standing watch, to change or cancel it."""
    return WatchRef(
        watch.id,
        watch.wording,
        watch.condition,
        watch.schedule,
        watch.say,
        watch.source,
        watch.once,
        watch.urgent,
        watch.ask,
        len(watch.steps),
        watch.limits,
    )


def ends_with_question(reply: str | None) -> bool:
    """Whether the house asked back: the next words may complete the request."""
    return reply is not None and any(mark in reply for mark in "?？")


class Requests:
    """Acts on one request after the other."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._offer: tuple[float, str] | None = None
        self._open: tuple[float, str] | None = None  # a request of which the house asked "When?"
        self._puzzled = 0  # how often typed words were not understood

    def take(self, said: TranscriptFinal) -> None:
        """A finished turn of the person."""
        session = self._session
        if said.origin == "voice" and not self._offer and answers.follows(said.text) and session.talk.resume():
            return
        session.talk.let_go()
        text, offer = clean(said.text), self._offer
        self._offer = None
        if offer and session.now() - offer[0] < OFFER_S and answers.agrees(text):
            text = offer[1]
        intents = self._understood(text, said.language)
        intents = self._completed(text, said.language, intents) or intents
        if self._beyond_grammar(intents) and session.rewordings.reads(
            text,
            self._situation(said.language),
            lambda intents: self._do_all(intents, said.language),
            lambda: self._take(text, said, intents),
        ):
            return
        self._take(text, said, intents)

    def _beyond_grammar(self, intents: list[Intent]) -> bool:
        """Whether a text model may find a request in it: nothing was found, or a question that nothing here answers."""
        session = self._session
        match intents:
            case [Remark(reply=None, text=text)]:
                return bool(text.strip()) and not answers.agrees(text) and not answers.declines(text)
            case [Question(kind="open", text=text)]:
                answered = "open-questions" in session.observer.capabilities or session.services.capable_agent
                return not answered or not is_question(text)  # "could you mind the soup": a wish, perhaps
        return False

    def _situation(self, language: str) -> Situation:
        session = self._session
        return Situation(
            language,
            session.wall(),
            lanes=tuple(session.lanes),
            zones=session.lanes.zones,
            capabilities=session.services.capabilities,
        )

    def _take(self, text: str, said: TranscriptFinal, intents: list[Intent]) -> None:
        """Do what the grammar understood."""
        session = self._session
        if any(isinstance(intent, Remark) and ends_with_question(intent.reply) for intent in intents):
            self._open = (session.now(), text)
        if said.origin == "typed" and (reply := self._to_nothing(intents, said.language)):
            session.say(reply, "answer", said.language)
        self._do_all(intents, said.language)

    def _do_all(self, intents: list[Intent], language: str) -> None:
        changed = len(intents) > 1 and isinstance(intents[-1], AddWatch)
        for intent in intents:
            # "change that to two people" cancels and arms: said once
            self._do(intent, language, quietly=changed and isinstance(intent, Control))

    def _understood(self, text: str, language: str) -> list[Intent]:
        session = self._session
        return understand(
            text,
            language,
            now=session.wall(),
            watches=[reference(watch) for watch in session.watches],
            lanes=tuple(session.lanes),
            zones=session.lanes.zones,
            capabilities=session.services.capabilities,
            cameras=cameras.configured(session),
        )

    def _completed(self, text: str, language: str, alone: list[Intent]) -> list[Intent]:
        """ "Remind me to call" – "When?" – "in ten minutes": the two together, if they make a wish."""
        asked, self._open = self._open, None
        asks = any(not isinstance(i, Remark) and getattr(i, "kind", "") != "open" for i in alone)
        if asked is None or asks or self._session.now() - asked[0] > OFFER_S:
            return []
        whole = f"{text}{asked[1]}" if language == "zh" else f"{asked[1].rstrip('.!')} {text}"
        intents = self._understood(whole, language)
        return intents if all(isinstance(intent, AddWatch) for intent in intents) else []

    def _to_nothing(self, intents: list[Intent], language: str) -> str:
        """The reply to typed words that would have none; overheard speech may go unanswered."""
        match intents:
            case [Remark(reply=None, text=text)] if answers.agrees(text) or answers.declines(text):
                return answers.all_right(language)
            case [Remark(reply=None)]:
                known = examples(language, self._session.services.capabilities)
                self._puzzled += 1
                return answers.not_understood(known[(self._puzzled - 1) % len(known)], language)
            case [Control(verb="stop_talking")] if self._session.talk.idle:
                return answers.silent_already(language)
        return ""

    def _do(self, intent: Intent, language: str, quietly: bool = False) -> None:
        session = self._session
        match intent:
            case AddWatch():
                self.arm(intent, language)
            case Question():
                self.answer(intent, language)
            case Task():
                session.work.delegate(intent.text, language)
            case Control():
                session.control(intent, language, quietly)
            case SourceOrder():
                cameras.obey(session, intent, language)
            case Unable():
                if intent.nearest:
                    self._offer = (session.now(), intent.nearest)
                session.say(answers.unable(intent, language), "answer", language)
            case Remark(reply=str(reply)):
                session.say(reply, "answer", language)

    def arm(self, wish: AddWatch, language: str) -> None:
        """Arm a watch, acknowledge it once, and have its likely sentence ready."""
        session = self._session
        try:
            watch = self.stand(wish, language)
        except WatchError:
            session.say(answers.too_many(session.settings.session.watches, language), "answer", language)
            return
        self._acknowledge(self._understood_as(wish, language), language, watch)
        self.begin(watch)

    def stand(self, wish: AddWatch, language: str, origin: str = "") -> Watch:
        """Put it on the list, and tell everyone. `origin`: of `Watch`. Raises `WatchError`."""
        session = self._session
        watch, new = session.watches.add(wish, language, session.wall())
        watch = session.watches.edit(watch.id, origin=origin) if origin else watch
        session.watch_changed("armed" if new else "changed", watch)
        return watch

    def begin(self, watch: Watch) -> None:
        """Have it looked for at once, and its likely sentence ready."""
        session, language = self._session, watch.language
        session.lanes.armed(watch)
        sentences = [step.say for step in watch.steps if step.say] or ([watch.say] if watch.say else [])
        if watch.condition and not watch.say:
            sentences = phrases.likely(watch.condition, language)
        if sentences:
            session.scope.spawn(f"prepare {watch.id}", session.mouth.prepare(sentences, language))

    def _understood_as(self, wish: AddWatch, language: str) -> str:
        """What is said of it; the embedded eyes cannot be told how sure to be, nor do they know every place."""
        if wish.nowhere:
            names = (*self._session.lanes, *self._session.lanes.zones)
            known = self._understood_as(replace(wish, nowhere=""), language)
            return f"{known}{'' if language == 'zh' else ' '}{told(wish.nowhere, names).told(language)}"
        if not wish.limits.certainty or "open-watches" in self._session.observer.capabilities:
            return acknowledge(wish, language)
        plain = acknowledge(replace(wish, limits=replace(wish.limits, certainty="")), language)
        return f"{plain}{'' if language == 'zh' else ' '}{answers.no_certainty(language)}"

    def _acknowledge(self, words: str, language: str, watch: Watch) -> None:
        """Say so once the watch is on disk: what was promised outlives a killed process."""
        session = self._session

        def say() -> None:
            session.say(words, "acknowledgement", language, watch)
            guide.begin(session, watch.id)

        async def when_kept() -> None:
            await session.keeper.kept()
            say()

        if session.keeper.is_kept:
            say()
        else:
            session.scope.spawn(f"answer armed {watch.id}", when_kept())

    def answer(self, question: Question, language: str) -> None:
        """Answer from where the answer is: house, memory, eyes, or the background agent."""
        session = self._session
        capabilities = session.observer.capabilities
        match question.kind:
            case "memory" | "elapsed":
                session.scope.spawn(f"answer {question.text[:40]}", self._recall(question.text, language))
            case "clip" | "shown":
                session.scope.spawn(f"answer {question.text[:40]}", showing.show(session, question, language))
            case "open" if "open-questions" not in capabilities and session.services.capable_agent:
                session.work.delegate(question.text, language)
            case "open" if "open-questions" not in capabilities and (needs := beyond_models(question.text, language)):
                session.say(answers.beyond(needs, language), "answer", language)
            case "scene" if question.label and not self._in_view(question.label):  # "where is the cup?"
                session.scope.spawn(f"answer {question.text[:40]}", self._recall(question.text, language))
            case "translation" if not {"translation", "open-questions"} & session.services.capabilities:
                if self._reads_already(question.into or language):
                    self.answer(replace(question, kind="text"), language)
                elif session.services.capable_agent:
                    session.work.delegate(question.text, language)
                else:
                    doubt = "怎么翻译" if language == "zh" else "how to translate that"
                    self._do(no_translation(question.text, doubt, language), language)
            case "scene" | "count" | "text" | "translation" | "commentary" | "open":
                cameras.ask(session, question, language)
            case _:
                session.say(self._from_the_house(question, language), "answer", language)

    def _reads_already(self, language: str) -> bool:
        """Whether what can be read is in this language."""
        lane = self._session.main_lane()
        text = " ".join(lane.newest.text) if lane and lane.newest else ""
        return bool(text.strip()) and language_of(text, "") == language

    def _in_view(self, label: str) -> bool:
        lanes = self._session.lanes.values()
        return any(lane.newest and lane.newest.counts.get(label) for lane in lanes)

    def _from_the_house(self, question: Question, language: str) -> str:
        session = self._session
        match question.kind:
            case "time":
                return answers.clock(session.wall(), language, question.text)
            case "step":
                return guide.where(session, language)
            case "sources":
                return cameras.listed(session, language)
            case "watches":
                standing = session.watches.standing()
                paused = len(session.watches) - len(standing)
                return answers.watching(standing, paused, language, session.wall(), session.lanes.here)
            case "tally":
                counting = [w for w in session.watches.standing() if w.condition and w.condition.kind == "count"]
                counting = counting or [w for w in session.watches.standing() if w.fired]
                return answers.tally([(w.wording, w.fired) for w in counting], language)
            case "tasks":
                return answers.tasks(session.work.running, language)
            case _:
                listed = examples(language, session.services.capabilities)
                return answers.abilities(listed, session.observer.sees[language], language)

    async def _recall(self, question: str, language: str) -> None:
        session = self._session
        if session.memory is None:
            session.say(answers.no_memory(language), "answer", language)
            return
        session.say(await session.memory.answer(question, language, session.wall()), "answer", language)
