"""The mouth of a session: says one utterance at a time, and knows what of it was heard.

text → plain → sentences → spoken words → voice (one sentence ahead) → sink. Stopping is a new generation: whatever
an older one still makes is never played.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import aclosing
from typing import Any, cast

from config import Speaking
from interaction.both import Both
from interaction.events import Event, Problem, Recovered, UtteranceEnded, UtteranceKind, UtteranceStarted
from interaction.speaking.base import RATE, AudioSink, Pcm, SpeakingError, Voice
from interaction.speaking.normalise import plain, spoken
from interaction.speaking.played import Played
from interaction.speaking.sentences import FIRST, FIRST_OF_ALERT, sentences
from interaction.speaking.sinks import UnmadeVoice
from interaction.speaking.utterance import Piece, Utterance
from interaction.stalls import Stalls

SLICE = RATE // 10  # samples handed to the sink at once: what a stop may have to take back
# Small words that are not audible by then are shown instead: late they confuse, and what matters would wait for them.
PATIENCE_S: dict[UtteranceKind, float] = {"acknowledgement": 3.0, "notice": 3.0}
GAP_S = 4.0  # of silence amid an utterance: whoever waits longer takes it for its end; the rest is shown
BEHIND = (
    1.5  # seconds that a second of sound takes to make: from then on commentary is shown, to leave room for answers
)
FORGIVEN_S = 30.0  # after which a voice that was that slow is tried with commentary again
REST = {"en": "The rest is on the page.", "zh": "其余的写在页面上。"}
UNMADE = UnmadeVoice()
READ_CPS = 15.0  # characters a second that a caption is read at
SHORTEST_READ_S, LONGEST_READ_S = 1.0, 10.0


class Mouth:
    """Speaks for one session. `sink` may be exchanged at any time; `muted` shows captions instead of speaking;
    `pace`: how fast, of the voice's own speed."""

    def __init__(
        self,
        voice: Voice | None,
        sink: AudioSink,
        emit: Callable[[Event], None],
        now: Callable[[], float],
        settings: Speaking | None = None,
    ) -> None:
        self.voice = voice
        self.sink = sink
        self.muted = False
        self.pace = 1.0
        self.speakers: dict[str, str] = {}  # by language; "" or none: the voice's own
        self.stalls = Stalls()
        self.played = Played(now)
        self._emit = emit
        self._now = now
        self._settings = settings or Speaking()
        self._generation = 0
        self._current: Utterance | None = None
        self._playing: asyncio.Task[None] | None = None
        self._broken = False
        self._behind = (0.0, 0.0)  # when a sentence was made, and seconds that one second of its sound took

    def say(
        self, utterance_id: int, text: str, kind: UtteranceKind, language: str, watch: str | None = None
    ) -> Coroutine[Any, Any, str]:
        """Say it; returns what was heard. Exactly one `UtteranceEnded` follows, also when it never began.

        The generation is taken now, not when the coroutine first runs: a stop in between counts. What is still being
        said is cut.
        """
        first = FIRST_OF_ALERT if kind == "alert" else FIRST
        pieces = [Piece(shown, spoken(shown, language)) for shown in self._pieces(text, language, first)]
        if len(text) > self._settings.text_chars:
            pieces[-1:] = [Piece(rest := REST.get(language, REST["en"]), rest)]  # the last one may be half a sentence
        return self._say(Utterance(utterance_id, text, kind, language, watch, pieces), self._generation)

    def stop(self) -> None:
        """Cut the voice at once."""
        self._generation += 1
        self._cut()

    async def prepare(self, texts: Iterable[str], language: str) -> None:
        """Have the sound of these likely alerts ready. Failing costs nothing now; saying them will tell."""
        if self.voice is None or language not in self.voice.languages:
            return
        voice = self.voice.as_speaker(self.speakers.get(language, ""))
        for text in texts:
            for shown in self._pieces(text, language, FIRST_OF_ALERT):
                if words := spoken(shown, language):
                    try:
                        await voice.prepare(words, language, self.pace)
                    except SpeakingError:
                        return

    def _pieces(self, text: str, language: str, first: int) -> list[str]:
        return sentences(plain(text[: self._settings.text_chars], language), first)

    async def _say(self, utterance: Utterance, generation: int) -> str:
        if generation != self._generation:
            self._ended(utterance, interrupted=True)
            return utterance.heard
        self._cut()
        self._current, utterance.stalls = utterance, self.stalls.count
        task = self._playing = asyncio.ensure_future(self._deliver(utterance))
        try:
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
        finally:
            task.cancel()
            if self._current is utterance:
                self._cut() if not utterance.whole else self._ended(utterance, interrupted=False)
        return utterance.heard

    def _cut(self) -> None:
        """Silence the utterance under way, count what was heard of it, and forget it."""
        utterance, task = self._current, self._playing
        if utterance is None:
            return
        if task:
            task.cancel()  # also out of a `play` that waits: it must not hand over its chunk after the clear
        if utterance.aloud:
            self.played.cut()
            utterance.stopped(unheard=self.sink.clear())
        elif utterance.began:
            utterance.heard = utterance.text  # a caption is there at once, and stays
        self._ended(utterance, interrupted=True)

    def _ended(self, utterance: Utterance, interrupted: bool) -> None:
        if self._current is utterance:
            self._current = self._playing = None
        u, stalls = utterance, self.stalls.count - utterance.stalls
        self._emit(UtteranceEnded(t=self._now(), utterance=u.id, heard=u.heard, interrupted=interrupted, stalls=stalls))

    async def _deliver(self, utterance: Utterance) -> None:
        voice, language = self.voice, utterance.language
        if voice and not self.muted and language in voice.languages and utterance.words and self._in_time(utterance):
            try:
                await self._speak(utterance, voice.as_speaker(self.speakers.get(language, "")))
                if not self.sink.deaf:
                    self._works()
            except TimeoutError:  # a busy machine: it says less, not later
                await self._show(utterance)
            except Exception as error:  # a voice may be anybody's: the words must reach the person all the same
                self._fails(error)
                await self._show(utterance)
        else:
            await self._show(utterance)
        utterance.finished()

    def _in_time(self, utterance: Utterance) -> bool:
        """Whether speaking it holds up nothing that matters more."""
        made, factor = self._behind
        return utterance.kind != "notice" or factor < BEHIND or self._now() - made > FORGIVEN_S

    async def _speak(self, utterance: Utterance, voice: Voice) -> None:
        """Play piece after piece while the next one is being made."""
        room = asyncio.Semaphore(1)  # with one more for each piece that is reached: one ahead
        maker = asyncio.ensure_future(self._make(utterance, voice, room))
        watching = asyncio.ensure_future(self.stalls.watch())
        try:
            for number, piece in enumerate(utterance.pieces):
                async with asyncio.timeout(GAP_S if number else PATIENCE_S.get(utterance.kind)):
                    await piece.ready()
                room.release()
                sound = piece.sound()
                while True:
                    async with asyncio.timeout(GAP_S):
                        pcm = await anext(sound, None)
                    if pcm is None:
                        break
                    self._begin(utterance, aloud=True)
                    piece.handed += len(pcm) / RATE
                    self.played.add(pcm)
                    await self.sink.play(pcm)
            await self.sink.drain()
        finally:
            maker.cancel()
            watching.cancel()

    async def _make(self, utterance: Utterance, voice: Voice, room: asyncio.Semaphore) -> None:
        """Synthesise one piece ahead of the one that is played."""
        for piece in utterance.pieces:
            await room.acquire()
            try:
                if piece.words:
                    await self._synthesise(piece, voice, utterance.language)
                piece.complete()
            except Exception as error:  # handed on to the player, which is the one that is awaited
                piece.complete(error)
                return

    async def _synthesise(self, piece: Piece, voice: Voice, language: str) -> None:
        if unheard := self.sink.deaf:
            voice = UNMADE
        begin, samples = self._now(), 0
        sound = cast(AsyncGenerator[Pcm], voice.synthesise(piece.words, language, self.pace))
        async with aclosing(sound):
            while True:
                try:
                    async with asyncio.timeout(self._settings.timeout_s):
                        pcm = await anext(sound, None)
                except TimeoutError:
                    seconds = self._settings.timeout_s
                    raise SpeakingError(f"The voice {voice.name} made no sound for {seconds:.0f} seconds.") from None
                if pcm is None:
                    break
                samples += len(pcm)
                for k in range(0, len(pcm), SLICE):
                    piece.add(pcm[k : k + SLICE])
        if samples and not unheard:
            self._behind = (self._now(), (self._now() - begin) * RATE / samples)

    async def _show(self, utterance: Utterance) -> None:
        """A caption instead of speech, for as long as reading takes."""
        self._begin(utterance, aloud=False)
        seconds = len(utterance.unheard) / READ_CPS
        await asyncio.sleep(min(LONGEST_READ_S, max(SHORTEST_READ_S, seconds)))

    def _begin(self, utterance: Utterance, aloud: bool) -> None:
        """The person hears or sees it from now on."""
        if not utterance.began:
            utterance.began, utterance.aloud = True, aloud
            u = utterance
            started = UtteranceStarted(
                t=self._now(), utterance=u.id, text=u.text, kind=u.kind, watch=u.watch, spoken=aloud
            )
            self._emit(started)

    def _fails(self, error: Exception) -> None:
        if self._broken:
            return
        self._broken = True
        message = str(error) if isinstance(error, SpeakingError) else f"The voice failed: {error!r}"
        said = Both(message, f"语音出错了：{error}" if isinstance(error, SpeakingError) else f"语音出错了：{error!r}")
        kept = Both("Everything goes on; answers are shown as captions.", "一切照常，回答以字幕显示。")
        advice = Both(
            "Read the captions; the voice is tried again with the next answer.", "请看字幕；下次回答时会再试语音。"
        )
        self._emit(Problem(t=self._now(), where="voice", message=said, kept=kept, advice=advice))

    def _works(self) -> None:
        if self._broken:
            self._broken = False
            self._emit(Recovered(t=self._now(), where="voice"))
