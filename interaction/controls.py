"""Direct orders of a person, spoken or by the page, carried out on a session."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from interaction import answers, guide
from interaction.both import Both
from interaction.events import ModeChanged
from interaction.intents import AddWatch, Control
from interaction.modes import PACES, SPEAKERS
from interaction.understanding import as_watch
from interaction.understanding.times import say_duration

if TYPE_CHECKING:
    from interaction.session import Session


def control(session: Session, order: Control, language: str, quietly: bool = False) -> None:
    """Carry out a spoken order and say so briefly, unless `quietly`."""
    verb: str = order.verb
    reply: str = order.verb
    wordings: list[str] = []
    match verb:
        case "stop_talking":
            session.talk.silence()
        case "cancel_last" | "cancel_watch" | "cancel_all" | "pause_watch" | "resume_watch":
            wordings, reply = change_watches(session, order)
        case "cancel_task":
            reply = cancel_tasks(session)
        case "pause" | "resume":
            set_mode(session, "paused", verb == "pause")
            wordings = _for_a_time(session, "paused", order, language)
        case "quiet" | "voice":
            set_mode(session, "voice", verb == "voice")
            wordings = _for_a_time(session, "voice", order, language)
        case "wake_words" | "no_wake_words":
            set_mode(session, "wake", verb == "wake_words")
            wordings = [session.settings.hearing.call(language)]
        case "brief" | "normal" | "chatty":
            set_mode(session, "verbosity", verb)
        case "step_next" | "step_back" | "step_again":
            guide.go(session, verb, language)
        case "slower" | "faster":
            reply = change_pace(session, faster=verb == "faster")
        case "other_voice":
            reply = change_speaker(session, language)
        case "repeat":
            heard = session.talk.heard
            session.say(heard[-1] if heard else answers.done("nothing", language), "answer", language)
    if not quietly and (text := answers.done(reply, language, wordings)):
        session.say(text, "acknowledgement", language)


def change_pace(session: Session, faster: bool) -> str:
    """Speak one step faster or slower; what to report."""
    paces = list(PACES)
    now = paces.index(session.modes.pace)
    wanted = now + 1 if faster else now - 1
    if not 0 <= wanted < len(paces):
        return "fastest" if faster else "slowest"
    set_mode(session, "pace", paces[wanted])
    return "faster" if faster else "slower"


def speakers(session: Session, language: str) -> tuple[str, ...]:
    """Who can speak a language here; empty: nobody can be chosen."""
    return session.mouth.voice.speakers(language) if session.mouth.voice else ()


def change_speaker(session: Session, language: str) -> str:
    """Speak a language as the next one who can; what to report."""
    mode = next((name for name, spoken in SPEAKERS.items() if spoken == language), "speaker")
    known = speakers(session, SPEAKERS[mode])
    if len(known) < 2:
        return "only_voice"
    now = getattr(session.modes, mode) or known[0]
    set_mode(session, mode, known[(known.index(now) + 1) % len(known)])
    return "other_voice"


def _comment(session: Session, on: bool) -> None:
    """Chatty means: it comments on what happens, by a watch like any other; less chatty ends that."""
    kinds = {w.id: w.ask.kind for w in session.watches if w.ask and not w.schedule}
    standing = [id for id, kind in kinds.items() if kind == "commentary"]
    if on and not standing:
        words = "解说发生的事" if session.language == "zh" else "comment on what happens"
        wish = as_watch(words, session.language, now=session.wall())
        if isinstance(wish, AddWatch):
            session.requests.arm(wish, session.language)
    for id in () if on else standing:
        session.watch_changed("cancelled", session.watches.cancel(id))


def _for_a_time(session: Session, mode: str, order: Control, language: str) -> list[str]:
    """Let the clock undo a mode that was wished for a time; how long that is, in words (none if until told)."""
    if order.lasts is None:
        return []

    back = Control("resume" if mode == "paused" else "voice")
    session.timers.lapse(mode, order.lasts, lambda: control(session, back, session.language))
    if mode == "paused":
        _keep_pause(session, timedelta(seconds=order.lasts))
    return [say_duration(order.lasts, language)]


def change_watches(session: Session, order: Control) -> tuple[list[str], str]:
    """Cancel, pause or resume the watches that are meant; their wordings, and what to report."""
    if order.verb == "cancel_last" and not order.target:
        if session.work.running and session.board:
            session.board.cancel(session.work.running[-1]["task"])
            return [], "cancel_task"
        session.talk.silence()
    targets = [w for w in session.watches if w.id in order.target]
    if order.verb == "cancel_all":
        targets = list(session.watches)
        cancel_tasks(session)
    latest = session.watches.latest()
    if not targets and not order.target and latest:
        targets = [latest]
    for watch in targets:
        match order.verb:
            case "pause_watch":
                session.watch_changed("paused", session.watches.pause(watch.id))
            case "resume_watch":
                session.watch_changed("resumed", session.watches.resume(watch.id, session.wall()))
            case _:
                session.watch_changed("cancelled", session.watches.cancel(watch.id))
    everything = order.verb == "cancel_all"
    return [w.wording for w in targets], order.verb if targets or everything else "nothing"


def cancel_tasks(session: Session) -> str:
    """Stop all running tasks; what to report."""
    running = session.work.running
    for task in running:
        if session.board:
            session.board.cancel(task["task"])
    return "cancel_task" if running else "nothing"


def set_mode(session: Session, name: str, value: object) -> None:
    """Switch a mode and tell everyone; what was to undo it later is void. Raises ValueError for what cannot be."""
    if name in SPEAKERS and value not in speakers(session, SPEAKERS[name]):
        raise ValueError(Both(f"There is no voice {value!r} here.", f"这里没有“{value}”这个声音。"))
    changed = session.modes.set(name, value)
    session.timers.stay(name)
    if name == "paused":
        _keep_pause(session)
    if not changed:
        return
    session.talk.quiet = not session.modes.voice
    session.talk.brief = session.modes.verbosity == "brief"
    session.mouth.pace = PACES[session.modes.pace]
    session.mouth.speakers = {language: getattr(session.modes, mode) for mode, language in SPEAKERS.items()}
    if session.ears:
        session.ears.attention.on = session.modes.wake
        if name == "microphone":
            session.ears.reset()
    if name == "verbosity":
        _comment(session, value == "chatty")
    session.publish(ModeChanged(t=session.now(), name=name, value=value))
    if name == "paused":
        for lane in session.lanes.values():
            lane.wake()


def _keep_pause(session: Session, lasts: timedelta | None = None) -> None:
    """Write down whether the whole session is paused; `lasts`: how long, where that was said."""
    until = session.wall() + lasts if lasts else None
    if session.lanes.pauses.whole(session.paused, until):
        session.scope.spawn("saving pauses", session.lanes.pauses.save())


def pause_again(session: Session) -> None:
    """Before the sources of last time are opened: pause the session if it was."""
    left = session.lanes.pauses.standing(session.wall())
    if not left or session.paused:
        return
    set_mode(session, "paused", True)
    if isinstance(left, timedelta):
        back = Control("resume")
        session.timers.lapse("paused", left.total_seconds(), lambda: control(session, back, session.language))
        _keep_pause(session, left)
