"""The ears of a session: microphone sound in, the person's turns out.

microphone → chunks → VAD → turns (`endpointing.py`) → recognition → echo guard → `TranscriptFinal`.
The house's own voice is told twice: by its sound before it interrupts (`own_voice.py`), by its words before it is a
request (`echo.py`). Who talks over it is recognised from their first sound on, less the echo (`subtraction.py`).
Recognition begins at the first short silence and is thrown away when the person goes on; so most turns are
recognised by the time they are known to be over, which is sooner after a whole question (`completeness.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.both import Both, why
from interaction.events import (
    Event,
    ModeChanged,
    NothingSaid,
    Overheard,
    PersonSpeaking,
    TranscriptFinal,
    TranscriptPartial,
)
from interaction.hearing.attention import Attention
from interaction.hearing.base import HearingError, Recognizer, Transcript
from interaction.hearing.completeness import completeness
from interaction.hearing.echo import without_echo
from interaction.hearing.endpointing import Endpointer, Heard, Turn
from interaction.hearing.live import Live
from interaction.hearing.own_voice import OwnVoice
from interaction.hearing.recognition import Recognition, text_of, words_in
from interaction.hearing.trouble import OWN_VOICE, TOO_MUCH, Troubles
from interaction.hearing.vad import CHUNK, CHUNK_S, Vad
from interaction.streams import Channel, TaskScope

STARVED_S = 1.0  # a microphone that delivers nothing for so long has gone: the turn under way is over


@dataclass(frozen=True, eq=False, slots=True)
class _Pending:
    """A finished turn whose words are being recognised."""

    turn: Turn
    words: asyncio.Task[Transcript | HearingError]


class Ears:
    """Hears one person. Create and feed it on the event loop; recognition runs off it.

    `emit` gets `PersonSpeaking`, `NothingSaid`, `TranscriptPartial`, `TranscriptFinal`, `Overheard`, `ModeChanged`
    (attentive), `Problem`, `Recovered`; `now` is the session clock; `language` the language to recognise; `saying` what
    the house says or has just said aloud ("" if nothing); `attention`: what is meant for the house, by default all;
    `own_voice`: what of the sound is the house's own, by default nothing.
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
        attention: Attention | None = None,
        own_voice: OwnVoice | None = None,
    ) -> None:
        self._vad = vad
        self._own_voice = own_voice
        self._emit = emit
        self._now = now
        self._saying = saying
        self._settings = settings or Hearing()
        self.attention = attention or Attention(self._settings, now)
        self._endpointer = Endpointer(self._settings)
        self._rest = np.empty(0, np.float32)
        self._pending: Channel[_Pending] = Channel(self._settings.turns)
        self._words: asyncio.Task[Transcript | HearingError] | None = None
        self._scope = TaskScope(self._broke)
        self._recognition = Recognition(recognizer, language, self._scope, self._settings)
        self._live = Live(self._recognition, self._understood, now, self._current)
        self._fed = now()
        self._echoes = 0
        self._trouble = Troubles(emit, now, self._settings)
        self._held_chunks = 0  # since the button was pressed
        self._release_at: int | None = None  # of these: it was let go, what is on the way still comes
        self.attentive = False  # as it was last told: with wake words on, they are not needed now

    def feed(self, pcm: NDArray[np.float32]) -> None:
        """Take microphone sound of any length: float32 [n], 16 kHz, −1…1, following what came before."""
        pcm = np.clip(np.nan_to_num(np.asarray(pcm, np.float32).ravel()), -1.0, 1.0)
        self._fed = self._now()
        self._trouble.listen(pcm)
        self._tell_attention()
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
        if self._own_voice:
            self._own_voice.reset()
        self._rest = np.empty(0, np.float32)
        self._endpointer.pressed = False
        self._trouble.switched()

    def microphone(self, there: bool) -> None:
        """Whether the page has one: without, its silence is no trouble."""
        self._trouble.there = there

    @property
    def held(self) -> bool:
        """The person holds the button to talk, or has just let it go."""
        return self._endpointer.pressed

    def hold(self) -> None:
        """The button is pressed: what is said until it is let go is one turn, meant for the house."""
        if not self.held:
            self._endpointer.pressed = True
            self._held_chunks = 0
            self._fed = self._now()
            self._scope.spawn("starved", self._end_when_starved())
        self._release_at = None

    def let_go(self) -> None:
        """The button is free: the turn ends as soon as the sound that is still on its way has come."""
        if not self.held or self._release_at is not None:
            return
        if self._held_chunks * CHUNK_S < self._settings.held_least_s:
            self.reset()  # a click
        else:
            self._release_at = self._held_chunks + round(self._settings.release_s / CHUNK_S)

    async def aclose(self) -> None:
        """Stop listening; what is being recognised is dropped. The recognizer belongs to the house and stays."""
        self._pending.close()
        await self._scope.aclose()

    def _hear(self, chunk: NDArray[np.float32]) -> None:
        said = self._saying()
        turn_before = self._endpointer.turn
        if turn_before and turn_before.completeness == "unknown":
            turn_before.completeness = completeness(text_of(self._words))
        odds = self._vad(chunk)
        own = self._own_voice is not None and self._own_voice.explains(chunk, odds)
        heard = Heard(chunk, odds, own, self._own_voice.echo if self._own_voice else None)
        signals = self._endpointer.step(heard, bool(said), self.attention.open())
        turn = self._endpointer.turn
        if turn and said:
            turn.overhear(said)
        if turn and not turn_before:
            self._scope.spawn("starved", self._end_when_starved())
        for signal in signals:
            match signal:
                case "announced":
                    self._live.anew()
                    self._emit(PersonSpeaking(t=self._now(), active=True))
                case "paused" if turn:
                    self._words = self._recognition.begin(turn.audio)
                case "resumed":
                    self._forget_words()
                case "ended":
                    self._take(self._endpointer.ended)
                case "cut":
                    self._forget_words()  # they may reach beyond the cut
                    self._take(self._endpointer.ended)
        if self.held:
            self._count_held()
        # Of what may not be meant for the house, only a name is of interest, and only while it stops the voice.
        if (turn := self._endpointer.turn) and (turn.announced or (said and self.attention.on)):
            self._live.look(turn)

    def _count_held(self) -> None:
        self._held_chunks += 1
        longest = round(self._settings.longest_hold_s / CHUNK_S)  # a page that lost its "let go" must not hold for ever
        if self._held_chunks >= (longest if self._release_at is None else self._release_at):
            self._endpointer.pressed = False
            self._take(self._endpointer.finish())

    def _current(self, turn: Turn) -> bool:
        """Whether it still goes on and no final is being made of it; asked from any thread."""
        return self._endpointer.turn is turn and self._words is None

    def _understood(self, turn: Turn, text: str, stable: str) -> None:
        """What is understood so far of a turn that goes on."""
        if turn.said and not without_echo(text, " ".join(turn.said)):
            return
        if not turn.announced and self.attention.called(text):
            turn.announced = True
            self._emit(PersonSpeaking(t=self._now(), active=True))
        if turn.announced:
            self._emit(TranscriptPartial(t=self._now(), text=text, stable=stable))

    def _take(self, turn: Turn | None) -> None:
        """A turn is over: its words are wanted."""
        if turn is None:
            return
        words, self._words = self._words, None
        if turn.heard:
            self._trouble.weigh(turn.microphone)
        if turn.announced:
            self._emit(PersonSpeaking(t=self._now(), active=False))
        if turn.voiced * CHUNK_S < self._settings.shortest_s:
            if words:
                words.cancel()
            self._nothing_in(turn)
            return
        words = words or self._recognition.begin(turn.audio)
        if not self._pending.send(_Pending(turn, words)):
            words.cancel()
            self._trouble.problem("hearing", TOO_MUCH)
        if "transcripts" not in self._scope.names:
            self._scope.spawn("transcripts", self._transcripts())

    def _forget_words(self) -> None:
        if self._words:
            self._words.cancel()  # one that has not begun never will; one that has is not listened to
            self._words = None

    async def _transcripts(self) -> None:
        """Deliver what was recognised, in the order in which it was said."""
        async for pending in self._pending:
            await asyncio.wait([pending.words])
            if pending.words.cancelled() or pending.words.exception():
                continue  # cancelled, or already reported by the task scope
            result = pending.words.result()
            if isinstance(result, HearingError):
                self._trouble.problem("hearing", why(result, "语音识别出错了：{}"))
                continue
            self._trouble.well("hearing")
            self._deliver(pending.turn, result)

    def _deliver(self, turn: Turn, words: Transcript) -> None:
        text = words_in(words.text)[: self._settings.text_chars]
        left = without_echo(text, " ".join(turn.said)) if turn.said else text
        if text and not left:
            self._echoed(turn)
        if not left:
            self._nothing_in(turn)
            return
        self._recognition.spoken = words.language
        match self.attention.judge(left, turn.addressed):
            case None:
                self._emit(Overheard(t=self._now(), text=left))
                self._nothing_in(turn)  # if it took the floor
            case request:
                self._request(turn, request, words.language)

    def _request(self, turn: Turn, text: str, language: str) -> None:
        """Pass on what was said to the house. With wake words the voice went on until now: the name stops it."""
        late = self.attention.on and not turn.announced
        if late:
            self._emit(PersonSpeaking(t=self._now(), active=True))
        if text:
            self._emit(TranscriptFinal(t=self._now(), text=text, language=language, origin="voice"))
        if late:
            self._emit(PersonSpeaking(t=self._now(), active=False))

    def _tell_attention(self) -> None:
        """Show when the house takes what is said for a request without its name."""
        attentive = self.attention.on and self.attention.open()
        if attentive != self.attentive:
            self.attentive = attentive
            self._emit(ModeChanged(t=self._now(), name="attentive", value=attentive))

    def _nothing_in(self, turn: Turn) -> None:
        if turn.announced:
            self._emit(NothingSaid(t=self._now()))

    def _echoed(self, turn: Turn) -> None:
        """The house heard itself. If that stopped its voice, more evidence is asked of the next one."""
        self._echoes += 1
        if turn.announced:
            self._endpointer.barge_in = min(2 * self._endpointer.barge_in, int(1.0 / CHUNK_S))
        if self._echoes == 2:
            self._trouble.problem("echo", OWN_VOICE)

    async def _end_when_starved(self) -> None:
        while self._endpointer.turn or self.held:
            await asyncio.sleep(STARVED_S)
            if self._now() - self._fed >= STARVED_S:
                self._endpointer.pressed = False  # whoever comes back does not hold it any more
                self._take(self._endpointer.finish())

    def _broke(self, name: str, error: BaseException) -> None:
        self._trouble.problem("hearing", Both(f"Hearing failed ({name}): {error!r}", f"聆听出错了：{error!r}"))
