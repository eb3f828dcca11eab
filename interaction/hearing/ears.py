"""The ears of a session: microphone sound in, the person's turns out.

microphone → chunks → VAD → turns (`endpointing.py`) → recognition → echo guard → `TranscriptFinal`.
Recognition begins at the first short silence and is thrown away when the person goes on; so most turns are
recognised by the time they are known to be over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.events import Event, NothingSaid, PersonSpeaking, Problem, Recovered, Severity, TranscriptFinal
from interaction.hearing.base import RATE, HearingError, Recognizer, Transcript
from interaction.hearing.echo import without_echo
from interaction.hearing.endpointing import Endpointer, Turn
from interaction.hearing.vad import CHUNK, CHUNK_S, Vad
from interaction.streams import Channel, TaskScope

STARVED_S = 1.0  # a microphone that delivers nothing for so long has gone: the turn under way is over
NOTHING = 2 / 32768  # a sample smaller than this is no sound; real microphones always hiss a little more


@dataclass(frozen=True, eq=False, slots=True)
class _Pending:
    """A finished turn whose words are being recognised."""

    turn: Turn
    words: asyncio.Task[Transcript | HearingError]


class Ears:
    """Hears one person. Create and feed it on the event loop; recognition runs off it.

    `emit` gets `PersonSpeaking`, `NothingSaid`, `TranscriptFinal`, `Problem`, `Recovered`; `now` is the session clock;
    `language` the language to recognise; `saying` what the house says or has just said aloud ("" if nothing).
    """

    def __init__(
        self,
        recognizer: Recognizer,
        vad: Vad,
        emit: Callable[[Event], None],
        now: Callable[[], float],
        language: Callable[[], str],
        saying: Callable[[], str],
        settings: Hearing | None = None,
    ) -> None:
        self._recognizer = recognizer
        self._vad = vad
        self._emit = emit
        self._now = now
        self._language = language
        self._saying = saying
        self._settings = settings or Hearing()
        self._endpointer = Endpointer(self._settings)
        self._rest = np.empty(0, np.float32)
        self._pending: Channel[_Pending] = Channel(self._settings.turns)
        self._words: asyncio.Task[Transcript | HearingError] | None = None
        self._scope = TaskScope(self._broke)
        self._number = 0
        self._fed = now()
        self._deaf_s = 0.0
        self._echoes = 0
        self._trouble: set[str] = set()

    def feed(self, pcm: NDArray[np.float32]) -> None:
        """Take microphone sound of any length: float32 [n], 16 kHz, −1…1, following what came before."""
        pcm = np.clip(np.nan_to_num(np.asarray(pcm, np.float32).ravel()), -1.0, 1.0)
        self._fed = self._now()
        self._listen_for_silence(pcm)
        sound = np.concatenate([self._rest, pcm])
        whole = len(sound) // CHUNK * CHUNK
        self._rest = sound[whole:]
        for chunk in sound[:whole].reshape(-1, CHUNK):
            self._hear(chunk)

    def reset(self) -> None:
        """The microphone was switched off or changed: the turn under way is dropped."""
        self._forget_words()
        turn = self._endpointer.finish()
        if turn and turn.announced:
            self._emit(PersonSpeaking(t=self._now(), active=False))
        self._vad.reset()
        self._rest = np.empty(0, np.float32)
        self._deaf_s = 0.0
        self._well("microphone")

    async def aclose(self) -> None:
        """Stop listening; what is being recognised is dropped. The recognizer belongs to the house and stays."""
        self._pending.close()
        await self._scope.aclose()

    def _hear(self, chunk: NDArray[np.float32]) -> None:
        said = self._saying()
        turn_before = self._endpointer.turn
        signals = self._endpointer.step(chunk, self._vad(chunk), bool(said))
        turn = self._endpointer.turn
        if turn and said:
            turn.overhear(said)
        if turn and not turn_before:
            self._scope.spawn("starved", self._end_when_starved())
        for signal in signals:
            match signal:
                case "announced":
                    self._emit(PersonSpeaking(t=self._now(), active=True))
                case "paused" if turn:
                    self._words = self._recognise(turn)
                case "resumed":
                    self._forget_words()
                case "ended":
                    self._take(self._endpointer.ended)
                case "cut":
                    self._forget_words()  # they may reach beyond the cut
                    self._take(self._endpointer.ended)

    def _take(self, turn: Turn | None) -> None:
        """A turn is over: its words are wanted."""
        if turn is None:
            return
        words, self._words = self._words, None
        if turn.announced:
            self._emit(PersonSpeaking(t=self._now(), active=False))
        if turn.voiced * CHUNK_S < self._settings.shortest_s:
            if words:
                words.cancel()
            self._nothing_in(turn)
            return
        words = words or self._recognise(turn)
        if not self._pending.send(_Pending(turn, words)):
            words.cancel()
            self._problem("hearing", "More was said than can be recognised in time; the last turn was not understood.")
        if "transcripts" not in self._scope.names:
            self._scope.spawn("transcripts", self._transcripts())

    def _recognise(self, turn: Turn) -> asyncio.Task[Transcript | HearingError]:
        self._number += 1
        return self._scope.spawn(f"recognise {self._number}", self._transcribe(turn.audio, self._language()))

    def _forget_words(self) -> None:
        if self._words:
            self._words.cancel()  # one that has not begun never will; one that has is not listened to
            self._words = None

    async def _transcribe(self, audio: NDArray[np.float32], language: str) -> Transcript | HearingError:
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await self._recognizer.transcribe(audio, language)
        except HearingError as error:
            return error
        except TimeoutError:
            return HearingError(f"Speech recognition took longer than {self._settings.timeout_s:.0f} seconds.")

    async def _transcripts(self) -> None:
        """Deliver what was recognised, in the order in which it was said."""
        async for pending in self._pending:
            await asyncio.wait([pending.words])
            if pending.words.cancelled() or pending.words.exception():
                continue  # cancelled, or already reported by the task scope
            result = pending.words.result()
            if isinstance(result, HearingError):
                self._problem("hearing", str(result))
                continue
            self._well("hearing")
            self._deliver(pending.turn, result)

    def _deliver(self, turn: Turn, words: Transcript) -> None:
        text = " ".join(words.text.split())[: self._settings.text_chars]
        left = without_echo(text, " ".join(turn.said)) if turn.said else text
        if text and not left:
            self._echoed(turn)
        if left:
            self._emit(TranscriptFinal(t=self._now(), text=left, language=words.language, origin="voice"))
        else:
            self._nothing_in(turn)

    def _nothing_in(self, turn: Turn) -> None:
        if turn.announced:
            self._emit(NothingSaid(t=self._now()))

    def _echoed(self, turn: Turn) -> None:
        """The house heard itself. If that stopped its voice, more evidence is asked of the next one."""
        self._echoes += 1
        if turn.announced:
            self._endpointer.barge_in = min(2 * self._endpointer.barge_in, int(1.0 / CHUNK_S))
        if self._echoes == 2:
            self._problem("echo", "The microphone picks up Lookout's own voice.")

    def _listen_for_silence(self, pcm: NDArray[np.float32]) -> None:
        """A muted or wrong microphone delivers zeros: say so instead of waiting for words."""
        if not pcm.size:
            return
        if float(np.abs(pcm).max()) >= NOTHING:
            self._deaf_s = 0.0
            self._well("microphone")
            return
        self._deaf_s += len(pcm) / RATE
        if self._deaf_s >= self._settings.deaf_s:
            self._problem("microphone", "I can't hear you: the microphone delivers only silence.")

    async def _end_when_starved(self) -> None:
        while self._endpointer.turn:
            await asyncio.sleep(STARVED_S)
            if self._now() - self._fed >= STARVED_S:
                self._take(self._endpointer.finish())

    def _problem(self, where: str, message: str) -> None:
        """Tell it once, until it is well again."""
        if where in self._trouble:
            return
        self._trouble.add(where)
        part, severity, kept, advice = TROUBLE[where]
        self._emit(Problem(t=self._now(), where=part, message=message, kept=kept, advice=advice, severity=severity))

    def _well(self, where: str) -> None:
        if where in self._trouble:
            self._trouble.discard(where)
            self._emit(Recovered(t=self._now(), where=where))

    def _broke(self, name: str, error: BaseException) -> None:
        self._problem("hearing", f"Hearing failed ({name}): {error!r}")


_KEPT = "Watching and speaking go on; what you type is understood."
# What goes wrong: the part of the house, how bad it is, what goes on working, what to do.
TROUBLE: dict[str, tuple[str, Severity, str, str]] = {
    "hearing": ("hearing", "error", _KEPT, "Say it again, or type it."),
    "microphone": (
        "microphone",
        "warning",
        _KEPT,
        "Unmute the microphone, or choose another one in the browser.",
    ),
    "echo": (
        "microphone",
        "warning",
        "Its own words are not taken for requests; interrupting it takes a little longer.",
        "Use headphones, or turn the loudspeaker down.",
    ),
}
