"""Turns a task into steps by rules, in English and Chinese, and says what it cannot do and what that would need.

It understands what it has tools for and nothing else: arithmetic, percentages, units, dates and time, small programs,
looking back, looking now, and these one after the other. A clause of which one word is left over is not understood.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from agent.arithmetic import read_sum
from agent.dates import find_date
from agent.numbers import digits
from agent.phrasings import (
    CODE,
    FILLER,
    FILLER_ZH,
    HELPLESS,
    LOOK,
    RECALL,
    SPLIT,
    SPLIT_ZH,
    clock_patterns,
    needs_something,
    unit_patterns,
)
from agent.recipes import find_recipe
from agent.state import Move, Planner, Step, TaskState
from agent.tools.clock import find_zone
from agent.tools.units import find_unit
from agent.wording import pick

STEPS = 4  # one after the other; more is a case for a model
# Characters of one clause. What people say is shorter; matching takes 0.2 s at the worst up to here, then more.
CLAUSE = {"en": 240, "zh": 100}
SOME_DAY = date(2026, 1, 1)  # to see whether words name a day at all; the tool works out which


Reader = Callable[[str, str], Step | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` to take in order; `undone`: what cannot be done, as a sentence, empty if everything can."""

    steps: tuple[Step, ...] = ()
    undone: str = ""


class RulePlanner(Planner):
    """Plans once, by rules; then tells what the steps gave."""

    async def next(self, state: TaskState) -> Move:
        language, done = state["language"], state.get("done", [])
        if not state.get("steps"):
            found = await asyncio.to_thread(plan, state["question"], language)  # loads the numeral libraries
            if found.steps:
                return Move(steps=found.steps, undone=found.undone)
            return Move(answer=found.undone, ok=False)
        undone = state.get("undone", "")
        told = [step["text"] for step in done] + ([undone] if undone else [])
        return Move(
            answer=("" if language == "zh" else " ").join(told), ok=all(step["ok"] for step in done) and not undone
        )


def plan(question: str, language: str) -> Plan:
    """The steps for a task. `undone` says honestly what is missing, for the whole or for a part."""
    whole = _clause(question, language, EXACT, first=True)
    if whole:
        return Plan((whole,))
    clauses = _split(question, language)
    if len(clauses) > STEPS:
        return Plan(undone=_helpless(question, language))
    steps: list[Step] = []
    for clause in clauses:
        step = _clause(clause, language, (*SEARCHING, *EXACT), first=not steps)
        if step is None:
            return Plan(tuple(steps), _helpless(clause, language))
        if step not in steps or step["tool"] != "look":  # "look at the picture and count the people" is one look
            steps.append(step)
    return Plan(tuple(steps)) if steps else Plan(undone=_helpless(question, language))


def _split(question: str, language: str) -> list[str]:
    parts = re.split(SPLIT_ZH if language == "zh" else SPLIT, question.strip(), flags=re.IGNORECASE)
    return [part.strip() for part in parts if part and part.strip(" ,.，。?？")]


def _clause(clause: str, language: str, readers: Sequence[Reader], *, first: bool) -> Step | None:
    """The step for one clause. `first`: nothing came before that "it" could mean."""
    if match := re.match(CODE, clause, flags=re.IGNORECASE | re.DOTALL):
        return _program(match["code"], language)
    if len(clause) > CLAUSE[language]:
        return None
    plain = " ".join(clause.lower().split()).strip(" .?!。？！,，")
    bare = (FILLER_ZH if language == "zh" else FILLER).sub("", plain).strip(" ,，")
    if any(re.search(pattern, bare) for pattern, _ in HELPLESS):
        return None
    prepared = digits(bare, language)
    for read in readers:
        step = read(clause if read in SEARCHING else prepared, language)
        if step:
            needs_earlier = any("$" in str(value) for value in step["args"].values() if step["tool"] != "python")
            return None if needs_earlier and first else step
    return None


def _step(tool: str, language: str, english: str, chinese: str, **args: object) -> Step:
    return Step(tool=tool, args=dict(args), doing=pick(language, english, chinese))


def _program(code: str, language: str) -> Step | None:
    code = re.sub(r"^```(?:python|py)?\s*\n?|```\s*$", "", code.strip()).strip("`").strip()
    return _step("python", language, "Running your program", "正在运行你的程序", code=code) if code else None


def _look(clause: str, language: str) -> Step | None:
    if any(re.search(pattern, clause.lower()) for pattern in LOOK[language]):
        return _step("look", language, "Looking at the picture", "正在看画面")
    return None


def _recall(clause: str, language: str) -> Step | None:
    if any(re.search(pattern, clause.lower()) for pattern in RECALL[language]):
        return _step("recall", language, "Looking back in memory", "正在回想", question=clause.strip()[:500])
    return None


def _sum(text: str, language: str) -> Step | None:
    found = read_sum(text, language)
    if found is None:
        return None
    doing = (
        f"Working out {found.said}".replace("$said", "the next step"),
        f"正在算{found.said}".replace("$said", "下一步"),
    )
    args = {"expression": found.expression, "said": found.said} | ({"unit": found.unit} if found.unit else {})
    return _step("calculate", language, *doing, **args)


def _recipe(text: str, language: str) -> Step | None:
    text = re.sub(
        r"^(?:list|give me|show me|print|tell me|what is|what are|work out|calculate|compute|find)\s+", "", text
    )
    text = re.sub(r"^(?:列出|给我|计算|求|算出)|(?:是多少|是什么|是哪些|吗)$", "", text) if language == "zh" else text
    found = find_recipe(text.strip(), language)
    if found is None:
        return None
    return _step("python", language, "Running a small program", "正在运行一个小程序", code=found.code, lead=found.lead)


def _units(text: str, language: str) -> Step | None:
    for pattern in unit_patterns(language):
        match = re.fullmatch(pattern, text)
        if match is None:
            continue
        found = match.groupdict()
        amount, source, target = found.get("n") or "", found.get("u") or "", found["v"].strip()
        if not source:
            amount, source = "$value", "$unit"
        if (source == "$unit" or find_unit(source)) and find_unit(target):
            doing = f"Converting to {target}", f"正在换算成{target}"
            return _step(
                "convert",
                language,
                *doing,
                amount="1" if amount in ("", "a", "an") else amount,
                source=source.strip(),
                target=target,
            )
    return None


def _clock(text: str, language: str) -> Step | None:
    for ask, pattern in clock_patterns(language):
        match = re.fullmatch(pattern, text)
        if match is None:
            continue
        step = _clock_step(ask, match.groupdict(), language)
        if step:
            return step
    return None


def _clock_step(ask: str, found: dict[str, str | None], language: str) -> Step | None:
    args: dict[str, object] = {"ask": ask}
    for name in ("day", "other"):
        if phrase := (found.get(name) or "").strip():
            if find_date(phrase, SOME_DAY) is None:
                return None
            args[name] = phrase
    if place := (found.get("place") or "").strip():
        if find_zone(place) is None:
            return None
        args["place"] = place
    if count := found.get("n"):
        args["amount"] = -int(count) if found.get("ago") else int(count)
        args["unit"] = {"天": "day", "日": "day", "周": "week", "月": "month", "年": "year"}.get(
            (found["unit"] or "").replace("个", "").replace("星期", "周"), (found["unit"] or "").rstrip("s")
        )
    return _step("clock", language, "Looking at the calendar", "正在查日历", **args)


# Those that understand every word of a clause, and those that recognise what it is about.
EXACT: tuple[Reader, ...] = (_clock, _units, _recipe, _sum)
SEARCHING: tuple[Reader, ...] = (_look, _recall)


def _helpless(clause: str, language: str) -> str:
    """What is missing, in one or two plain sentences."""
    said = clause.strip().rstrip(".?!。？！")
    said = said if len(said) <= 80 else said[:79] + "…"
    plain = clause.lower()[: CLAUSE[language]]
    for pattern, need in HELPLESS:
        if re.search(pattern, plain):
            return need(said, language)
    return needs_something(said, language)
