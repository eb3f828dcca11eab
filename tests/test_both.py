"""What a person can be told is there in English and in Chinese: the types demand it, and this looks that they do."""

from __future__ import annotations

import ast
import copy
import re
from pathlib import Path
from typing import get_type_hints

import pytest

from agent.state import AgentError
from interaction.both import Both, why
from interaction.events import LaneChanged, Problem
from interaction.services import CommandRefused
from interaction.sources.base import SourceError
from interaction.watches import WatchError
from interaction.wire import chinese, to_json

ROOT = Path(__file__).resolve().parents[1]
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("told", "names"),
    [
        (Problem, ("message", "kept", "advice")),
        (LaneChanged, ("detail",)),
        (CommandRefused, ("message", "advice")),
        (AgentError, ("detail", "advice")),
        (SourceError, ("message",)),
        (WatchError, ("message",)),
    ],
)
def test_nobody_can_tell_of_trouble_in_one_language(told: type, names: tuple[str, ...]) -> None:
    """mypy holds everyone to these types."""
    hints = get_type_hints(told.__init__ if issubclass(told, Exception) else told)
    assert {name: hints[name] for name in names} == dict.fromkeys(names, Both)
    assert "strict = true" in (ROOT / "pyproject.toml").read_text()


def texts(tree: ast.AST) -> list[tuple[str, str, int]]:
    """Every `Both` of two written texts: their fixed parts, and the line."""

    def fixed(node: ast.expr) -> str | None:
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        known = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        return "".join(known) if known else None

    found = []
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Both":
            en, zh = (fixed(part.value if isinstance(part, ast.Subscript) else part) for part in call.args)
            if en and en.strip(" .:()") and zh is not None:
                found.append((en, zh, call.lineno))
    return found


def test_the_chinese_is_chinese_and_the_english_is_not() -> None:
    files = [path for room in ("interaction", "agent", "memory") for path in (ROOT / room).rglob("*.py")]
    found = [(path.name, *text) for path in (*files, ROOT / "rooms.py") for text in texts(ast.parse(path.read_text()))]
    assert len(found) > 100
    assert [text for text in found if HAN.search(text[1]) or not HAN.search(text[2])] == []


@pytest.mark.parametrize("line", ['Both("It broke.", "It broke.")', 'Both(f"{n} broke."[:9], f"{n} broke."[:9])'])
def test_the_test_sees_what_was_not_translated(line: str) -> None:
    ((_, zh, _),) = texts(ast.parse(line))
    assert not HAN.search(zh)


def test_pages_get_both_and_the_journal_keeps_english() -> None:
    event = Problem(t=1.0, where="disk", message=Both("It is full.", "磁盘满了。"))
    assert to_json(event, 3) == {
        "t": 1.0, "seq": 3, "type": "problem", "where": "disk", "message": "It is full.", "kept": "", "advice": "",
        "severity": "error",
    }  # fmt: skip
    assert chinese(event) == {"message_zh": "磁盘满了。", "kept_zh": "", "advice_zh": ""}
    assert copy.deepcopy(event.message).zh == "磁盘满了。" and event.message.told("zh") != event.message.told("en")


def test_what_an_exception_says_keeps_its_languages() -> None:
    told = why(SourceError(Both("It is away.", "它不在。")))
    assert (told, told.zh) == ("It is away.", "它不在。")
    foreign = why(OSError("disk {full}"), "出错了：{}")
    assert (foreign, foreign.zh) == ("disk {full}", "出错了：disk {full}")
