"""What can be counted in a process, in a session and in a data folder: one flat mapping of names to numbers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil

from bench.server import MB, memory
from interaction.session import Session


def of_process(process: psutil.Process) -> dict[str, float]:
    """Memory in MB, threads, open descriptors and child processes, of a process with its children."""
    sizes = memory(process)
    counted = {"memory: allocated MB": sizes["Pss_Anon"], "memory: RSS MB": sizes["Rss"]}
    counted["handles: threads"] = counted["handles: descriptors"] = 0.0
    members = [process, *process.children(recursive=True)]
    for member in members:
        try:
            counted["handles: threads"] += member.num_threads()
            counted["handles: descriptors"] += member.num_fds()
        except psutil.Error:
            continue  # it ended meanwhile
    return counted | {"handles: processes": len(members)}


def of_folder(folder: Path) -> dict[str, float]:
    """MB below each folder of a house's data, and how many files there are in all. People's folders are added up."""
    sizes: dict[str, float] = {"files: number": 0.0}
    for path in folder.rglob("*"):
        try:
            size = path.stat().st_size / MB if path.is_file() else None
        except OSError:
            continue  # removed meanwhile
        if size is not None:
            name = f"disk: {_group(path.relative_to(folder))} MB"
            sizes[name] = sizes.get(name, 0.0) + size
            sizes["files: number"] += 1
    return sizes


def _group(path: Path) -> str:
    """`people/<id>/memory/chroma/…` is memory/chroma; a file stands for itself."""
    parts = path.parts[2:] if path.parts[0] == "people" else path.parts
    return "/".join(parts[:-1][:2]) or path.name


def of_session(session: Session) -> dict[str, float]:
    """How much of everything that a session keeps there is now, and the tasks of its event loop."""
    lanes = list(session.lanes.values())
    return {
        "tasks: asyncio": len(asyncio.all_tasks()),
        "kept: history": len(session.subscribers.history),
        "kept: inbox": len(session.inbox),
        "kept: problems": len(session.problems),
        "kept: watches": len(session.watches),
        "kept: utterances waiting": len(session.talk.floor.waiting),
        "kept: tasks listed": len(session.snapshot()["tasks"]),
        "kept: turns": sum(len(lane.turns) for lane in lanes),
        "kept: questions and results": sum(len(lane.questions) + len(lane.results) for lane in lanes),
        "kept: pictures of two minutes": sum(len(lane.album) for lane in lanes),
    }
