"""How it is told that a part of the house could not be had. Pure."""

from __future__ import annotations

from pathlib import Path

from interaction.both import DOCTOR, Both
from interaction.events import Problem

WORKS = Both("Everything else works.", "其他功能照常。")


def lacking(where: str, message: str) -> Problem:
    said = Both(message, f"这一部分用不了：{message}")
    return Problem(t=0.0, where=where, message=said, kept=WORKS, advice=DOCTOR)


def no_disk(folder: Path, error: OSError) -> Problem:
    reason = error.strerror or type(error).__name__
    return Problem(
        t=0.0,
        where="disk",
        message=Both(f"{folder} cannot be written: {reason}", f"{folder} 无法写入：{reason}"),
        kept=Both("Watching and talking work; nothing is remembered.", "观察和对话照常，但什么都记不下来。"),
        advice=Both("Set LOOKOUT_DATA_DIR.", "请设置 LOOKOUT_DATA_DIR。"),
    )
