"""Any chat-completions URL that takes pictures, as observer.

What it is told and how it answers is a dialect's business (`dialects.py`), what it still remembers a context's
(`context.py`). A failed request leaves no trace in the past and costs one tick. The pictures go to the configured
host; `hosts` names it for the page.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from dataclasses import dataclass, replace
from typing import Any

import cv2

import config
from interaction.chat_server import ChatError, ChatServer
from interaction.clock import Clock, standstill
from interaction.observers.base import ObserverError, ObserverModel, Proposal, Usage, View
from interaction.observers.budget import Plan, picture_size
from interaction.observers.context import Context, Message, Picture, Turn
from interaction.observers.dialects import conditions, harmless, watched
from interaction.observers.pace import Pace
from interaction.observers.reply import Parsed, first_tokens, prompt_tokens
from interaction.observers.served import Served, inquire
from interaction.observers.summaries import Summaries
from interaction.seeing.base import jpeg
from interaction.sources.base import Frame

QUALITY = 80  # of a picture, as JPEG
# Of a reply: 256 tokens with everything that servers put around them.
REPLY_BYTES = 200_000
ANSWER_CHARS = 600  # of an answer that is kept: a long one is still said whole
NOTE_CHARS = 300  # of a turn that is remembered


@dataclass(slots=True)
class Lane:
    """One lane's conversation, and the watches that the model was told of last."""

    name: str
    planned: Plan  # by what the server says of itself; the chunks are as long as it keeps pace with
    context: Context
    stated: tuple[str, ...] | None = None


class OpenAICompatibleObserver(ObserverModel):
    """`LOOKOUT_OBSERVER*`. Raises `ObserverError` for an address that is none."""

    gated = True
    capabilities = frozenset(
        {"people", "objects", "faces", "motion", "text", "counting", "timers", "memory", "delegation", "greeting"}
        | {"open-questions", "open-watches"}
    )

    def __init__(self, settings: config.Settings) -> None:
        url, key = settings.observer, settings.observer_key.get_secret_value()
        try:
            self._server = ChatServer(
                url, settings.observer_model, key, settings.session.observer_deadline_s, REPLY_BYTES
            )
        except ValueError:
            raise ObserverError(f"LOOKOUT_OBSERVER: {url!r} is neither an observer's name nor an http(s) URL") from None
        self._settings, self._pace = settings, Pace.of(url)
        self._served: Served | None = None
        self._lanes: dict[str, Lane] = {}
        self._summaries = Summaries(self._words)
        self._drawn = secrets.token_hex(6)  # of this observer's pictures: other sessions use the same server
        self._pictures = 0
        self.name = settings.observer_model or self._server.host
        self.hosts = (self._server.host,)
        self.sees = {"en": "whatever the model can", "zh": "模型能看到的一切"}
        self.usage: Usage = Usage()

    async def decide(self, view: View) -> list[Proposal]:
        if view.frame is None and not (view.questions or view.results):
            return [Proposal("silence", reason="no new picture")]
        with standstill():  # with `--fast`, a file waits for the server
            try:
                return await self._decided(view, await self._known())
            except ChatError as error:
                if error.status in (0, 404):
                    self._served = None  # it may come back as another one
                raise ObserverError(f"{error}{_hint(error)}") from error

    def forget(self, lane: str) -> None:
        self._lanes.pop(lane, None)
        self._summaries.take(lane)

    async def aclose(self) -> None:
        await self._summaries.aclose()
        await self._server.aclose()

    async def _decided(self, view: View, served: Served) -> list[Proposal]:
        lane = self._lane(view, served)
        said = served.dialect.said(view, lane.stated)
        newest = Turn(view.t, said.before, await self._picture(view.frame, lane.context.plan), said.after)
        full = not lane.context.fits(newest, said.suffix)
        if full:
            self._renew(lane, served.dialect.head(view), watched(view))
            newest = replace(newest, before=served.dialect.said(view, lane.stated).before)
        clock = Clock()
        choice = await self._ask(lane, newest, said.suffix, served)
        reply, read = self._read(choice, view, served)
        if (
            read[0].action == "silence" and not full and served.vllm
        ):  # words take time of their own, and so does a new head
            self._pace.silent(len(lane.context.turns), clock.now())
        p_speak = served.dialect.p_speak(first_tokens(choice))
        likely = p_speak is not None and p_speak >= lowest(self._settings, view)
        if read[0].action == "silence" and served.vllm and (likely or view.results):
            only_words = {"structured_outputs": {"regex": served.dialect.aloud}}
            choice = await self._ask(lane, newest, said.suffix, served, again=True, **only_words)
            reply, read = self._read(choice, view, served)
        found = proposal(view, *read, p_speak)
        unsure = p_speak is not None and p_speak < threshold(self._settings, view, found.watch)
        if unsure and found.action != "silence" and not found.answers:
            why = f"held back: {p_speak:.0%} sure of {found.text[:80]!r}"
            found, reply = Proposal("silence", reason=why, p_speak=p_speak), served.dialect.quiet
        if view.results and found.action != "speak":  # the person waits for it, and another task would never end
            found = _as_it_is(view)
            reply = served.dialect.speech + found.text
        note = _note(view, found)[:NOTE_CHARS]
        picture = newest.picture if served.vllm else None  # nobody else is shown it a second time
        turn = replace(newest, picture=picture, answer=reply.strip()[:ANSWER_CHARS], note=note)
        lane.context = replace(lane.context, plan=self._pace.plan(lane.planned))
        lane.context = lane.context.kept(turn, prompt_tokens(self._server.reported))
        lane.stated = watched(view)
        if self._settings.observer_summaries and served.vllm and lane.context.ending:
            self._summaries.begin(view.lane, lane.context, view.language)
        return [found]

    def _renew(self, lane: Lane, head: str = "", stated: tuple[str, ...] | None = None) -> None:
        """A new chunk. `stated`: the watches that its head tells of; None: the next turn tells of them."""
        lane.context, lane.stated = lane.context.renewed(head, self._summaries.take(lane.name)), stated

    async def _words(self, messages: list[Message], **options: Any) -> str:
        """What the model says to a question that is no tick."""
        words = await self._server.complete(messages, **options)
        count(self.usage, self._server.reported)
        return words

    def _read(self, choice: dict[str, Any], view: View, served: Served) -> tuple[str, tuple[Parsed, str | None]]:
        """The reply, and what it means. Raises `ObserverError` for what is in no known form."""
        reply = str(choice["message"]["content"] or "")
        read = served.dialect.read(reply, view)
        if read is None:
            raise ObserverError(
                f"{self.name} answers in a form of its own ({reply.strip()[:60]!r}); another LOOKOUT_OBSERVER_MODEL or "
                "LOOKOUT_OBSERVER_DIALECT may do better"
            )
        return reply, read

    async def _ask(
        self, lane: Lane, newest: Turn, suffix: str, served: Served, again: bool = False, **more: Any
    ) -> dict[str, Any]:
        """The model's choice. What the server says about too long a prompt or forgotten pictures is acted on. `again`:
        the server has the newest picture already."""
        sure: dict[str, Any] = {"logprobs": True, "top_logprobs": 5} if served.vllm else {}
        options = served.dialect.options(served.vllm) | sure | more
        try:
            choice = await self._server.choice(lane.context.messages(newest, suffix, again=again), **options)
        except ChatError as error:
            if error.status == 400 and _says(error, "cache miss"):  # it was started anew, or had no room
                choice = await self._server.choice(lane.context.messages(newest, suffix, whole=True), **options)
            else:
                if limit := re.search(r"at most (\d{1,4}) image", str(error), re.IGNORECASE):
                    self._served = replace(served, plan=served.plan.limited(int(limit[1])))
                elif error.status == 400 and _says(error, "context", "too long", "length", "tokens"):
                    self._renew(lane)  # it is not sent a second time
                raise
        self.name = self._server.model
        count(self.usage, self._server.reported)
        return choice

    def _lane(self, view: View, served: Served) -> Lane:
        lane = self._lanes.get(view.lane)
        system = served.dialect.system(view.language)
        if lane is None:
            context = Context(self._pace.plan(served.plan), system, by_id=served.vllm)
            lane = self._lanes[view.lane] = Lane(view.lane, served.plan, context)
        elif (lane.planned, lane.context.system, lane.context.by_id) != (served.plan, system, served.vllm):
            lane.planned = served.plan
            lane.context = replace(lane.context, plan=self._pace.plan(served.plan), system=system, by_id=served.vllm)
            self._renew(lane)
        return lane

    async def _picture(self, frame: Frame | None, plan: Plan) -> Picture | None:
        if frame is None:
            return None
        self._pictures += 1
        # milliseconds that sound need not wait for
        url = await asyncio.to_thread(_data_url, frame, plan.frame_tokens, self._settings.observer_picture_bytes)
        return Picture(f"{self._drawn}-{self._pictures}", url)

    async def _known(self) -> Served:
        """What the server serves; asked once, and again after it was gone. Raises `ChatError`, `ObserverError`."""
        if self._served is None:
            self._served = await inquire(self._server, self._settings)
        return self._served


def threshold(settings: config.Settings, view: View, watch: str | None) -> float:
    """The probability from which the model's words are said, for the watch that they serve."""
    certainty = next((standing.limits.certainty for standing in view.watches if standing.id == watch), "")
    if certainty == "eager":
        return min(settings.observer_threshold, settings.observer_threshold_eager)
    if certainty == "sure":
        return max(settings.observer_threshold, settings.observer_threshold_sure)
    return settings.observer_threshold


def lowest(settings: config.Settings, view: View) -> float:
    """The probability from which a silent model is asked for words: only those tell which watch they serve."""
    if view.questions or view.results:
        return settings.observer_threshold  # it is an answer that is wanted
    served = [threshold(settings, view, watch.id) for watch in conditions(view)]
    return min(served, default=settings.observer_threshold)


def _data_url(frame: Frame, tokens: int, most: int) -> str:
    """`most`: bytes of the JPEG, about: a grainy picture loses its grain first."""
    height, width = frame.image.shape[:2]
    size = picture_size(width, height, tokens)
    image = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)  # exactly: the server would round up
    data = jpeg(image, max(size), QUALITY)
    if len(data) > most:  # measured: quality 65 leaves half to two thirds of the bytes, 50 a third to half
        data = jpeg(image, max(size), 65 if most > 0.6 * len(data) else 50 if most > 0.4 * len(data) else 35)
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def count(usage: Usage, reported: Any) -> None:
    """`reported`: the server's own count of tokens; what is no number is nothing."""
    details = reported.get("prompt_tokens_details") if isinstance(reported, dict) else None
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    usage.calls += 1
    usage.prompt_tokens += prompt_tokens(reported)
    usage.cached_tokens += cached if isinstance(cached, int) and cached > 0 else 0


def _note(view: View, said: Proposal) -> str:
    """What is worth remembering of a turn: requests and words, never a silence."""
    asked = [f"the person asked {question.text!r}" for question in view.questions]
    asked += [f"the background agent found {harmless(text)!r}" for text in view.results]
    if said.action != "silence":
        asked.append(f"you said {said.text!r}" + (f" and delegated {said.question!r}" if said.question else ""))
    return f"<{view.t:.1f} seconds> {', '.join(asked)}" if asked else ""


def proposal(view: View, parsed: Parsed, watch: str | None = None, p_speak: float | None = None) -> Proposal:
    """What was read in a reply. `watch`: the one that it names; the only one that stands needs no name."""
    if parsed.action == "silence":
        return Proposal("silence", reason="the model saw no reason to speak", p_speak=p_speak, model=True)
    answers = bool(view.questions or view.results)
    standing = conditions(view)
    if watch is None and len(standing) == 1 and not answers:
        watch = standing[0].id
    kind = "answer" if view.questions else "result" if view.results else "alert" if standing else "notice"
    reason = "the person asked" if answers else "the model decided to speak"
    return Proposal(
        parsed.action,
        parsed.text,
        reason,
        watch=None if answers else watch,
        question=parsed.question,
        kind=kind,  # type: ignore[arg-type]
        answers=answers,
        p_speak=p_speak,
        model=True,
    )


def _as_it_is(view: View) -> Proposal:
    """What background tasks found, in their own words: the model has none for it."""
    return Proposal("speak", " ".join(view.results), "a background task is done", kind="result", answers=True)


def _hint(error: ChatError) -> str:
    """Which setting may be to blame."""
    if error.status in (401, 403):
        return "; set LOOKOUT_OBSERVER_KEY"
    if error.status == 404:
        return "; check LOOKOUT_OBSERVER and LOOKOUT_OBSERVER_MODEL"
    if error.status == 400 and _says(error, "image", "multimodal", "multi-modal"):
        return "; LOOKOUT_OBSERVER needs a model that takes pictures"
    return ""


def _says(error: ChatError, *words: str) -> bool:
    return any(word in str(error).casefold() for word in words)
