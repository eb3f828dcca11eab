""" "Show me when someone came in": what is remembered is said, and the page plays its clip, or shows its picture."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from interaction import answers
from interaction.events import MomentShown
from interaction.intents import Question
from interaction.wire import clean

if TYPE_CHECKING:
    from interaction.clip_shelf import Clip
    from interaction.session import Session


async def show(session: Session, question: Question, language: str) -> None:
    """Answer a question of kind "clip" or "shown", and have the page play what there is of it."""
    clips = session.services.clips
    kept = await asyncio.to_thread(clips.shelf.clips) if clips else []
    if question.kind == "clip":
        _show_last(session, kept, language)
    elif session.memory is None:
        session.say(answers.no_memory(language), "answer", language)
    else:
        await _show_remembered(session, kept, question.text, language)


def _show_last(session: Session, kept: list[Clip], language: str) -> None:
    if not kept:
        session.say(no_clips(session.services.clips is not None, language), "answer", language)
        return
    clip = kept[0]
    session.say(this_is(clip, session.wall(), language), "answer", language)
    session.publish(MomentShown(t=session.now(), at=clip.at, text=clip.wording, lane=clip.lane, clip=clip.name))


async def _show_remembered(session: Session, kept: list[Clip], question: str, language: str) -> None:
    memory, now = session.memory, session.wall()
    assert memory is not None
    deadline = session.settings.memory.recall_deadline_s
    found = await memory.recall(question, language, now=now, deadline=deadline)
    said = await memory.answer(question, language, now)
    if not found:  # nothing is remembered, or memory is away: it says which
        session.say(said, "answer", language)
        return
    moment = found[0]
    clip = next((clip.name for clip in kept if moment.id in clip.moments), "")
    if not clip:
        said += no_clip(bool(moment.picture), language)
    session.say(said, "answer", language)
    if clip or moment.picture:
        shown = MomentShown(
            t=session.now(),
            at=moment.at.isoformat(),
            text=clean(moment.text),
            lane=moment.lane,
            clip=clip,
            picture="" if clip else moment.picture,
        )
        session.publish(shown)


def this_is(clip: Clip, now: datetime, language: str) -> str:
    """Said while the last clip is played."""
    at = datetime.fromisoformat(clip.at).astimezone(now.tzinfo)
    days = (now.date() - at.date()).days
    if language == "zh":
        day = "" if not days else "昨天" if days == 1 else f"{at.month}月{at.day}日"
        return f"这是{day}{at:%H:%M}的录像：{clip.wording}。"
    day = "" if not days else "yesterday, " if days == 1 else f"{at:%d %B}, "
    return f"This is the clip of {day}{at:%H:%M}: {clip.wording}."


def no_clips(enabled: bool, language: str) -> str:
    if language == "zh":
        return "还没有录像：关注的事发生时，前后几秒才会留下。" if enabled else "录像没有打开。"
    if enabled:
        return "There is no clip yet: the seconds around a fired watch are what I keep."
    return "Clips are switched off here."


def no_clip(pictured: bool, language: str) -> str:
    """Said after what is remembered, where no film was kept of it."""
    if language == "zh":
        return "那时没有录像，只有一张照片。" if pictured else "那时没有录像，也没有照片。"
    return " I have no clip of that, only a picture." if pictured else " I have no clip or picture of that."
