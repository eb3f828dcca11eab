"""Puts a board's runner together from settings: an external agent, a model that plans, or rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.graph import ARTEFACTS, GraphRunner
from agent.model import ModelPlanner
from agent.planner import RulePlanner
from agent.probe import Sandbox
from agent.runner import Runner
from agent.sandbox import Limits
from agent.state import Planner
from agent.tools.base import Tool
from agent.tools.calculate import Calculate
from agent.tools.clock import Clock
from agent.tools.python import Python
from agent.tools.senses import Look, LookNow, LookUp, Recall
from agent.tools.units import Convert

if TYPE_CHECKING:
    from config import Agent as AgentSettings

__all__ = ["ARTEFACTS", "limits_of", "make_runner"]


def make_runner(
    settings: AgentSettings,
    folder: Path,
    recall: LookUp | None,
    look: Look | None,
    sandbox: Sandbox,
    wall: Callable[[], datetime],
    session: str,
) -> Runner:
    """`settings.solve_url` before `settings.url` before rules."""
    if settings.solve_url:
        from agent.solve import SolveRunner  # its HTTP client takes half a second to load

        return SolveRunner(settings, session)
    tools: list[Tool] = [Calculate(), Convert(), Clock(), Python(sandbox if settings.python else None)]
    tools += [Recall(recall, settings.answer_chars), LookNow(look, settings.answer_chars)]
    hosts = (urlsplit(settings.url).netloc,) if settings.url else ()
    planner: Planner = ModelPlanner(settings, tools, wall) if settings.url else RulePlanner()
    return GraphRunner(
        planner, tools, folder, steps=settings.steps, answer_chars=settings.answer_chars, wall=wall, hosts=hosts
    )


def limits_of(settings: AgentSettings) -> Limits:
    """The bounds of the Python tool."""
    return Limits(
        wall_s=settings.python_wall_s,
        cpu_s=settings.python_cpu_s,
        memory=settings.python_memory_mb << 20,
        code_chars=settings.python_code_chars,
        output=settings.python_output_bytes,
        file=settings.python_file_mb << 20,
        files=settings.python_files,
        files_total=settings.python_files_mb << 20,
        flood=settings.python_flood,
    )
