"""From one plan to another while the session goes on: only what the file says otherwise is touched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from config import Camera
from interaction import cameras
from interaction.both import Both
from interaction.services import CommandRefused
from interaction.unattended.file import Plan

if TYPE_CHECKING:
    from interaction.session import Session
    from interaction.unattended.resident import Resident


async def change(resident: Resident, session: Session, old: Plan, new: Plan) -> list[str]:
    """What changed, a line each. `session.settings` are those of `new` already."""
    told = _renamed(resident, session, old, new)
    refused = []
    for camera in new.cameras:
        before = _named(old, camera.name)
        if not _redrawn(session, before, camera):
            refused.append(camera)
            _redrawn(session, before, camera, beside=True)  # watches of the file may move from one zone to another
    told += _sources(resident, session, old, new)
    told += await _watches(resident, session, old, new)
    for camera in refused:  # a watch that waited at a zone that went is cancelled by now, or a person's own
        if not _redrawn(session, _named(old, camera.name), camera):
            message = Both(
                "A watch waits at a zone that the file took away.", "文件里去掉了一个区域，但还有留意事项用着它。"
            )
            kept = Both("The zone stays as long as the watch.", "只要这项留意还在，区域就保留。")
            resident.problem(session, f"source {camera.name}", message, kept)
    if new.quiet != old.quiet:
        told.append(f"quiet hours: {_hours(new.quiet)}")
    if new.language != old.language:
        told.append(f"language: {new.language or 'as set otherwise'}")
        if new.language:
            session.command("language", value=new.language)
    if new.outlets != old.outlets:
        told.append(f"outlets: {', '.join(outlet.name for outlet in new.outlets) or 'those that are set otherwise'}")
    return told


def _named(plan: Plan, name: str) -> Camera | None:
    return next((camera for camera in plan.cameras if camera.name == name), None)


def renames(old: Plan, new: Plan) -> dict[str, Camera]:
    """By the name of before: sources of the same address that are called otherwise now."""
    come = [camera for camera in new.cameras if _named(old, camera.name) is None]
    found: dict[str, Camera] = {}
    for gone in old.cameras:
        if _named(new, gone.name) is None:
            for camera in come:
                if (camera.url, camera.transport) == (gone.url, gone.transport) and camera not in found.values():
                    found[gone.name] = camera
                    break
    return found


def _renamed(resident: Resident, session: Session, old: Plan, new: Plan) -> list[str]:
    """With what is drawn on it, before a picture of it is seen under the new name, and with the watches for it."""
    told = []
    for before, camera in renames(old, new).items():
        told.append(f"source {before} is {camera.name} now")
        drawn, lane = session.lanes.areas.of(before), session.lanes.get(before)
        if drawn and not (camera.zones or camera.masks):
            session.command("areas", lane=camera.name, **drawn.to_json())
        for watch in session.watches:
            if watch.source == before:
                origin = watch.origin.replace(f"{before}: ", f"{camera.name}: ", 1) if watch.origin else ""
                moved = session.watches.edit(watch.id, source=camera.name, origin=origin)
                session.watch_changed("changed", moved)
        if lane:
            cameras.remove(session, before)
            resident.open(session, camera, paused=lane.paused)
    return told


def _redrawn(session: Session, old: Camera | None, new: Camera, *, beside: bool = False) -> bool:
    """Draw what the file says otherwise; False: a watch waits at a zone that would go. `beside`: the old zones stay."""
    if old is None or (old.zones, old.masks) == (new.zones, new.masks):
        return True
    names = {zone["name"] for zone in new.zones}
    stay = [zone for zone in old.zones if beside and zone["name"] not in names]
    try:
        session.command("areas", lane=new.name, zones=[*new.zones, *stay], masks=list(new.masks))
    except CommandRefused:
        return False
    return True


def _sources(resident: Resident, session: Session, old: Plan, new: Plan) -> list[str]:
    told, moved = [], renames(old, new)
    for camera in old.cameras:
        if _named(new, camera.name) is None and camera.name not in moved:
            told.append(f"source {camera.name} is gone")
            if camera.name in session.lanes:
                cameras.remove(session, camera.name)
    for camera in new.cameras:
        before = _named(old, camera.name)
        if camera in moved.values() or before == camera:
            continue
        told.append(f"source {camera.name} is {'new' if before is None else 'changed'}")
        if before and (before.url, before.transport) == (camera.url, camera.transport):
            continue  # what is drawn on it
        lane = session.lanes.get(camera.name)
        if lane:  # also one that somebody had added under this name: the file wins
            cameras.remove(session, camera.name)
        resident.open(session, camera, paused=bool(before and lane and lane.paused))
    return told


async def _watches(resident: Resident, session: Session, old: Plan, new: Plan) -> list[str]:
    moved = renames(old, new)
    were = {}
    for wish in old.wishes:
        same = replace(wish, source=moved[wish.source].name) if wish.source in moved else wish
        were[same.key] = same
    now, told, changed = session.wall(), [], []
    names = [{camera.name for camera in plan.cameras} for plan in (old, new)]
    for wish in new.wishes:
        before = were.get(wish.key)
        if before is None:
            told.append(f"watch is new: {wish.say}")
        else:
            beside = [(one.urgent, one.once, plan.quiet) for one, plan in ((before, old), (wish, new))]
            if names[0] == names[1] and beside[0] == beside[1]:
                continue
            meant = [resident.understood(session, one, plan, now) for one, plan in ((before, old), (wish, new))]
            if meant[0] == meant[1]:
                continue
            told.append(f"watch is changed: {wish.say}")
        changed.append(wish)
        await asyncio.sleep(0)  # fifty of them take a second
    told += [f"watch is gone: {wish.say}" for key, wish in were.items() if key not in {w.key for w in new.wishes}]
    resident.arm_again(session, changed)
    resident.cancel_old(session)
    return told


def _hours(quiet: tuple[int, int] | None) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in quiet) if quiet else "none"
