"""The assistant's side of the conversation: who has the floor, what is being said, what was heard.

Joins the pure `Floor` with the `Mouth` that makes sound. Nothing here is awaited by a tick.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from interaction.events import Decision, Event, UtteranceEnded, UtteranceKind, UtteranceStarted
from interaction.floor import Floor, Utterance
from interaction.speaking.mouth import PATIENCE_S, Mouth
from interaction.speaking.normalise import plain
from interaction.speaking.sentences import unheard
from interaction.streams import TaskScope

log = logging.getLogger(__name__)

# What a person may reply to without saying to whom; an alert in an empty room must not open the ears for a radio.
CONVERSATION: frozenset[UtteranceKind] = frozenset({"answer", "acknowledgement", "result"})
# Own words may still come back through the microphone this long after they were played.
RESUME_S = 8.0  # an answer that was cut longer ago is not gone on with: a recogniser takes its time, a person does not
ECHO_S = 1.2  # the browser's buffer holds up to a second; longer, and a person's quick reply would be taken for one


class Talk:
    """Says things one after the other. `heard`: the last things the person really heard, newest last.

    `never_said`: called with what gave way, or waited too long for the floor.
    """

    def __init__(
        self,
        mouth: Mouth,
        now: Callable[[], float],
        publish: Callable[[Event], None],
        scope: TaskScope,
        waiting: int,
        never_said: Callable[[Utterance], None] = lambda utterance: None,
    ) -> None:
        self.floor = Floor(waiting)
        self.heard: deque[str] = deque(maxlen=20)
        self.quiet = False  # captions only; urgent alerts are spoken
        self.brief = False  # small words are shown, not spoken
        self._mouth = mouth
        self._now = now
        self._publish = publish
        self._scope = scope
        self._never_said = never_said
        self._number = 0
        self._aloud: int | None = None
        self._last: tuple[float, str] = (-ECHO_S, "")
        self._answered = float("-inf")  # when the last answer had been said
        self._resumed = 0  # the utterance that goes on with one that was cut
        self._cut: tuple[float, Utterance, str] | None = None  # by the person: when, what, what of it was heard

    @property
    def idle(self) -> bool:
        """Nothing is being said and nothing waits."""
        return self.floor.speaking is None and not self.floor.waiting

    def say(
        self,
        text: str,
        kind: UtteranceKind,
        language: str,
        *,
        watch: str | None = None,
        urgent: bool = False,
        place: str = "",
        lasting: bool = False,
    ) -> None:
        """Say it now, or when the floor is free, or never if something better fills the wait.

        `place`: of what waits for the floor, a newer one takes it (else: that of its watch); `lasting`: it waits long.
        """
        self._number += 1
        utterance = Utterance(self._number, text, kind, language, self._now(), watch, urgent, place, lasting)
        verdict, gave_way = self.floor.offer(utterance)
        if verdict == "interrupt":
            self._mouth.stop()
        if verdict in ("now", "interrupt"):
            self._start(utterance)
        if gave_way and verdict != "interrupt":
            self._unsaid(gave_way, "something newer had to be said")
            self._never_said(gave_way)

    def person_started(self) -> None:
        """Barge-in: the person talks, the voice stops."""
        if cut := self.floor.person_started():
            # Once: an echo that cuts it again and again must not make it say the same sentence for ever.
            self._cut = None if cut.id == self._resumed else (self._now(), cut, "")
            self._mouth.stop()

    def person_stopped(self) -> None:
        self.floor.person_stopped()
        self.go_on()

    def resume(self) -> bool:
        """Go on with what the person just cut: they coughed, or only said "mhm". False if there is nothing."""
        cut, self._cut = self._cut, None
        if cut is None or self._now() - cut[0] > RESUME_S:
            return False
        _, was, heard = cut
        if rest := unheard(plain(was.text, was.language), heard):
            self.say(rest, was.kind, was.language, watch=was.watch, urgent=was.urgent)
            self._resumed = self._number
        return True

    def let_go(self) -> None:
        """The person said something: what they cut is not wanted any more."""
        self._cut = None

    def silence(self) -> None:
        """Stop speaking and drop what waits (Esc, "stop")."""
        self._cut = None
        for utterance in self.floor.waiting:
            self._unsaid(utterance, "silence was asked for")
        if self.floor.silence():
            self._mouth.stop()

    def started(self, event: UtteranceStarted) -> None:
        """The mouth began: aloud, or as a caption only."""
        self._aloud = event.utterance if event.spoken else None

    def ended(self, event: UtteranceEnded) -> None:
        """Bookkeeping when the mouth is done with an utterance."""
        if self._cut and self._cut[1].id == event.utterance:
            self._cut = (self._cut[0], self._cut[1], event.heard)
        if event.heard:
            self.heard.append(event.heard)
        if event.heard and event.utterance == self._aloud:
            self._last = (event.t, event.heard)
        speaking = self.floor.speaking
        if speaking and speaking.id == event.utterance and speaking.kind in CONVERSATION:
            self._answered = event.t
        self.floor.ended(event.utterance)
        self.go_on()

    def go_on(self) -> None:
        """Say what waits, if the floor is free."""
        utterance, stale = self.floor.next(self._now())
        for old in stale:
            self._unsaid(old, "waited too long")
            self._never_said(old)
        if utterance:
            self._start(utterance)

    def reply_since(self) -> float | None:
        """Since when, in session seconds, the person may reply to what they were told; None while it is being said."""
        return None if self.floor.speaking else self._answered

    def saying(self) -> str:
        """What may be audible now: the present utterance and the one before (for the echo guard)."""
        speaking = self.floor.speaking
        now_said = speaking.text if speaking and speaking.id == self._aloud else ""
        t, before = self._last
        return f"{before} {now_said}".strip() if self._now() - t < ECHO_S else now_said

    def _start(self, utterance: Utterance) -> None:
        small = self.brief and utterance.kind in PATIENCE_S
        self._mouth.muted = (self.quiet or small) and not utterance.urgent
        try:
            work = self._mouth.say(utterance.id, utterance.text, utterance.kind, utterance.language, utterance.watch)
        except Exception as error:  # of a normaliser, at words nobody thought of: else nothing would be said again
            log.error("cannot be said: %r", utterance.text, exc_info=error)
            self._unsaid(utterance, "it cannot be put into spoken words")
            self.floor.ended(utterance.id)
            self.go_on()
            return
        self._scope.spawn(f"saying {utterance.id}", work)

    def _unsaid(self, utterance: Utterance, why: str) -> None:
        reason = f"not said: {why} ({utterance.text[:80]})"
        self._publish(Decision(t=self._now(), lane="", action="silence", reason=reason, watch=utterance.watch))
