"""What a session gets of its own from rooms that all share: ears and a task board."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import assets
from config import Settings
from interaction.hearing.attention import Attention
from interaction.hearing.base import Recognizer
from interaction.hearing.ears import Ears
from interaction.seeing.words import describe
from interaction.session import Session

if TYPE_CHECKING:
    from agent.board import TaskBoard
    from agent.probe import Sandbox


def load_vad(settings: Settings) -> Any:
    """The voice activity detector that the ears of all sessions share. Raises `assets.AssetError`."""
    from interaction.hearing.vad import load_silero

    return load_silero(assets.find("silero-vad", settings))


def make_ears(session: Session, recognizer: Recognizer, vad: Any) -> Ears:
    """The ears of one session, with a detector state of their own."""
    from interaction.hearing.vad import Silero

    hearing = session.settings.hearing
    return Ears(
        recognizer,
        Silero(vad),
        session.post,
        session.now,
        lambda: session.language,
        session.talk.saying,
        hearing,
        Attention(hearing, session.now, session.talk.reply_since),
    )


def make_board(session: Session, folder: Path, sandbox: Sandbox) -> TaskBoard:
    """The task board of one session; its tasks are kept below `folder`."""
    from agent.board import TaskBoard

    memory = session.memory

    async def recall(question: str, language: str) -> str:
        assert memory is not None
        return await memory.answer(question, language, session.wall())

    async def look() -> str:
        lane = session.main_lane()
        percepts = lane.newest if lane else None
        return describe(percepts, session.language) if percepts else ""

    return TaskBoard(
        session.settings.agent,
        folder,
        session.post,
        session.now,
        recall if memory else None,
        look,
        sandbox=sandbox,
        wall=session.wall,
        session=session.id,
    )
