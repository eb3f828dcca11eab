"""The sources of a session by name: configured ones added, any removed, paused, listed, and asked what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from config import Camera, Settings
from interaction import answers
from interaction.both import NOTHING, Both, why
from interaction.drawing import draw
from interaction.events import LaneChanged, Problem, Recovered
from interaction.intents import Question, SourceOrder
from interaction.services import CommandRefused
from interaction.sources.base import FrameSource, SourceError
from interaction.sources.opening import open_source
from interaction.understanding import about_lane
from interaction.understanding.cameras import which
from interaction.whereabouts import called
from interaction.wire import clean
from interaction.zones import NOTHING as NOT_DRAWN
from interaction.zones import LaneAreas

if TYPE_CHECKING:
    from interaction.session import Session


def open_camera(camera: Camera, settings: Settings) -> FrameSource:
    """Its source, tried for ever. Raises `SourceError` for what can be known without opening.

    Whoever writes the configuration has the machine, so files, devices and private addresses may stand there.
    """
    return open_source(
        camera.url.get_secret_value(),
        camera.name,
        allow_files=True,
        allow_private=True,
        fps=settings.seeing.busy_fps,  # nothing looks at more
        limits=settings.sources,
        transport=camera.transport,
        must_open=False,
    )


def add(
    session: Session, camera: Camera, source: FrameSource | None = None, before: LaneAreas = NOT_DRAWN
) -> Both | None:
    """Watch it, its masks before anything is seen; `before` and what is given back: as `drawing.draw`.

    Raises `CommandRefused` or `SourceError`.
    """
    session.add_lane(source or open_camera(camera, session.settings))
    if (where := f"source {camera.name}") in session.problems:  # an earlier attempt was refused
        session.publish(Recovered(t=session.now(), where=where))
    try:
        return draw(session, camera, before)
    except CommandRefused:
        session.remove_lane(camera.name)  # what is to be masked must not be seen without its masks
        session.publish(LaneChanged(t=session.now(), lane=camera.name, state="ended"))
        raise


def tell_refused(
    session: Session, name: str, error: Exception, severity: Literal["warning", "error"] = "error"
) -> None:
    """Shown until a source of that name is watched. `error`: a `CommandRefused` or `SourceError`."""
    where, advice = f"source {name}", getattr(error, "advice", NOTHING)
    session.publish(Problem(t=session.now(), where=where, message=why(error), advice=advice, severity=severity))


def configured(session: Session) -> list[str]:
    return [camera.name for camera in session.settings.cameras]


def add_named(session: Session, name: str) -> None:
    """Watch a configured source. Raises `CommandRefused` or `SourceError`."""
    found = which(name, configured(session))
    if found is None:
        known = configured(session)
        raise CommandRefused(
            Both(f"No source named {name!r} is configured.", f"没有配置名为“{name}”的来源。"),
            Both(f"There are: {', '.join(known)}.", f"现有：{'、'.join(known)}。")
            if known
            else Both(
                "None is configured (LOOKOUT_CAMERAS, serve --config).",
                "还没有配置任何来源（LOOKOUT_CAMERAS，serve --config）。",
            ),
        )
    add(session, next(camera for camera in session.settings.cameras if camera.name == found))
    session.lanes.typed[found] = None


def add_typed(session: Session, url: str, name: str, *, must_open: bool = True) -> None:
    """Watch a network address that somebody typed. Raises `CommandRefused` or `SourceError`."""
    settings = session.settings
    source = open_source(
        url,
        name,
        allow_private=settings.allow_private,
        fps=settings.seeing.busy_fps,  # nothing looks at more
        limits=settings.sources,
        must_open=must_open,
    )
    session.add_lane(source)
    session.lanes.typed[name] = url


def remove(session: Session, name: str) -> None:
    """End a lane, and let every page know."""
    session.remove_lane(name)
    session.publish(LaneChanged(t=session.now(), lane=name, state="ended"))


def obey(session: Session, order: SourceOrder, language: str) -> None:
    """Do what a person said, and say so."""
    session.say(_done(session, order, language), "acknowledgement", language)


def _done(session: Session, order: SourceOrder, language: str) -> str:
    lane = session.lanes.get(which(order.name, tuple(session.lanes)) or "")
    verb = order.verb
    if verb == "add" and lane:
        verb = "resume"
    try:
        match verb:
            case "add":
                if which(order.name, configured(session)) is None:
                    return _said("unknown", language, order.name) + listed(session, language)
                add_named(session, order.name)
            case _ if lane is None:
                return _said("unknown", language, order.name) + listed(session, language)
            case "remove":
                remove(session, lane.name)
            case "pause" | "resume":
                if lane.paused == (verb == "pause"):
                    return _said(f"{verb}d already", language, lane.name)
                session.lanes.pause(lane.name, verb == "pause")
    except (CommandRefused, SourceError) as error:  # shown, not spoken
        name = clean(which(order.name, configured(session)) or order.name)
        tell_refused(session, name, error)
        return _said("refused", language, name)
    return _said(verb, language, lane.name if lane else which(order.name, configured(session)) or order.name)


_SAID = {
    "add": ("All right, I'm connecting to the {name}.", "好，正在连接{name}。"),
    "remove": ("I no longer watch the {name}.", "不再看{name}了。"),
    "pause": ("Paused: the {name}.", "暂停看{name}。"),
    "resume": ("Watching the {name} again.", "继续看{name}。"),
    "paused already": ("The {name} is paused already.", "{name}已经暂停了。"),
    "resumed already": ("I'm watching the {name} already.", "已经在看{name}了。"),
    "refused": ("That did not work with the {name}; the page says why.", "{name}没弄成，原因在页面上。"),
    "unknown": ("I know no source named {name}. ", "没有叫{name}的摄像头。"),
}


def _said(what: str, language: str, name: str) -> str:
    if what == "unknown" and not name:
        return "要哪一个？" if language == "zh" else "Which one? "
    return _SAID[what][language == "zh"].format(name=called(name, language))


def listed(session: Session, language: str) -> str:
    """Which sources there are, how they are, and which may be added."""
    zh = language == "zh"
    states = _STATES_ZH if zh else _STATES
    here = [
        called(lane.name, language) + ("" if lane.state == "watching" else f" ({states.get(lane.state, lane.state)})")
        for lane in session.lanes.values()
        if not lane.ended.is_set()
    ]
    more = [name for name in configured(session) if name not in session.lanes]
    if not here and not more:
        return "现在没有摄像头。" if zh else "There are no cameras. Turn one on, or add one on the page."
    if zh:
        watched, offered = f"在看：{'、'.join(here)}。", f"可以加上：{'、'.join(more)}。"
    else:
        watched, offered = f"I'm watching: {', '.join(here)}.", f"You can add: {', '.join(more)}."
    return ("" if zh else " ").join([watched] * bool(here) + [offered] * bool(more))


_STATES = {"connecting": "connecting", "stalled": "no new pictures", "down": "not reachable", "paused": "paused"}
_STATES_ZH = {"connecting": "正在连接", "stalled": "没有新画面", "down": "连不上", "paused": "已暂停"}


def ask(session: Session, question: Question, language: str) -> None:
    """Put a question to the source that it names; what one sentence tells of each, to all; else to the main one."""
    main = session.main_lane()
    named = about_lane(question.text, tuple(session.lanes), session.wall())
    asked = [session.lanes[named]] if named else [main] if main else []
    if not named and question.kind in ("scene", "count", "text"):
        asked = session.lanes.looking() or asked
        seen = [lane for lane in asked if lane.newest and lane.newest.counts.get(question.label or "")]
        asked = seen if seen and question.kind == "scene" else asked  # "where is the cup?"
    able = [lane for lane in asked if not (lane.ended.is_set() or lane.paused or session.paused)]
    for lane in able:
        lane.ask(question)
    if not able:
        paused = session.paused or any(lane.paused for lane in asked)
        session.say(answers.no_picture(paused, language), "answer", language)
