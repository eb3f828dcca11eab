"""From one plan to another while the session goes on: only what the file says otherwise is touched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from config import Camera
from interaction import cameras
from interaction.both import Both, why
from interaction.drawing import draw
from interaction.services import CommandRefused
from interaction.unattended.file import Plan
from interaction.zones import LaneAreas, read

if TYPE_CHECKING:
    from interaction.session import Session
    from interaction.unattended.resident import Resident

STAYS = Both("What was drawn on it stays.", "原来画好的不变。")
ZONE_STAYS = Both("The zone stays as long as the watch.", "只要这项留意还在，区域就保留。")


async def change(resident: Resident, session: Session, old: Plan, new: Plan) -> list[str]:
    """What changed, a line each. `session.settings` are those of `new` already."""
    told = _renamed(resident, session, old, new)
    refused = [camera for camera in new.cameras if not _redrawn(resident, session, old, camera, last=False)]
    told += _sources(resident, session, old, new)
    told += await _watches(resident, session, old, new)
    for camera in refused:  # a watch that waited at a zone that went is cancelled by now, or a person's own
        _redrawn(resident, session, old, camera, last=True)
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
        if drawn:
            session.command("areas", lane=camera.name, **drawn.to_json())
        for watch in session.watches:
            if watch.source == before:
                origin = watch.origin.replace(f"{before}: ", f"{camera.name}: ", 1) if watch.origin else ""
                moved = session.watches.edit(watch.id, source=camera.name, origin=origin)
                session.watch_changed("changed", moved)
        if lane:
            cameras.remove(session, before)
            was = next(one for one in old.cameras if one.name == before)
            resident.open(session, camera, drawn_by(was, session), paused=lane.paused)
    return told


def _redrawn(resident: Resident, session: Session, old: Plan, camera: Camera, *, last: bool) -> bool:
    """Draw what the file says otherwise; whether all of it is drawn. `last`: nothing more will make it possible."""
    before = _named(old, camera.name)
    if before is None or (before.zones, before.masks) == (camera.zones, camera.masks):
        return True  # a new one is drawn as it is opened
    try:
        left = draw(session, camera, drawn_by(before, session))
    except CommandRefused as error:
        resident.problem(session, f"source {camera.name}", why(error), STAYS)
        return True
    if left and last:
        resident.problem(session, f"source {camera.name}", left, ZONE_STAYS)
    return left is None


def drawn_by(camera: Camera, session: Session) -> LaneAreas:
    """What the file says is drawn on a source."""
    return read(camera.zones, camera.masks, session.settings.areas)


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
