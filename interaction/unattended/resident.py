"""What a watch file asks for, kept going in one session: its sources, its watches. No page is needed.

The file is the truth at each start: its watches stand as they are written there, also those that somebody cancelled
or paused on the page meanwhile; those that it no longer names are cancelled; what a person asked for stands beside
them. A watch of the file keeps how often it fired, and when its clock is due next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from config import Camera, Settings
from interaction import cameras
from interaction.both import NOTHING, Both, why
from interaction.controls import pause_again
from interaction.drawing import UNREAD, draw
from interaction.events import ObserverChanged, Problem, Recovered
from interaction.intents import AddWatch, Unable
from interaction.lane_troubles import ALL_ELSE
from interaction.services import CommandRefused
from interaction.sources.base import FrameSource, SourceError
from interaction.unattended import before
from interaction.unattended.changing import ZONE_STAYS, change
from interaction.unattended.file import Plan, Wish
from interaction.understanding import acknowledge, language_of, understand
from interaction.understanding.nowhere import told
from interaction.watches import Watch, WatchError
from interaction.zones import NOTHING as NOT_DRAWN
from interaction.zones import LaneAreas

if TYPE_CHECKING:
    from interaction.session import Session

log = logging.getLogger(__name__)

NAME, PLACES = "watch file", "places in the watch file"
Open = Callable[[Camera, Settings], FrameSource]

OTHERS_STAND = Both("All other watches stand.", "其余的留意事项都有效。")
REPHRASE = Both(
    "Say it in other words, or set another LOOKOUT_OBSERVER.",
    "请换个说法，或设置另一个 LOOKOUT_OBSERVER。",
)
AS_CALLED = Both("Name a source or a zone as it is called here.", "请用这里来源或区域的名字。")
STOPPED = Both(
    "Stop was pressed on a page: nothing is watched until somebody presses Start there, or Lookout is started anew.",
    "有人在页面上按了停止：在页面上按开始，或重新启动 Lookout 之前，什么都不看。",
)
GOES_ON = Both("Start was pressed on a page: watching goes on.", "有人在页面上按了开始：继续观察。")
DRAW_ANEW = Both("Look at its zones and masks on the page.", "请在页面上检查它的区域和遮挡。")


class Resident:
    """`tell`: a line for the log of whoever started the house; `open_camera`: as `cameras.open_camera`."""

    def __init__(self, plan: Plan, tell: Callable[[str], None], open_camera: Open = cameras.open_camera) -> None:
        self._plan = plan
        self._waiting: tuple[Wish, ...] = ()  # those that nobody here understands yet
        self._lost: dict[str, Both] = {}  # by the key of a wish: that it names a place which nobody here knows
        self.session: Session | None = None  # the newest that it moved into
        self._tell = tell
        self._open = open_camera

    def moves_into(self, session: Session) -> Session:
        """The session, which will do what the file says as soon as it runs."""
        beside = {**session.services.beside, NAME: self.run}
        session.services = replace(session.services, beside=beside)
        session.detach_sink(session.mouth.sink)  # no page is there yet
        self.session = session
        return session

    def stopped(self, stopped: bool) -> None:
        """A page stopped the session that stays, or began it again."""
        self._tell(STOPPED if stopped else GOES_ON)

    async def follow(self, plan: Plan, settings: Settings) -> list[str]:
        """Go by another plan from now on; what changed, a line each. `settings`: with the plan over them."""
        old, self._plan = self._plan, plan
        session = self.session
        if session is None or session.finished:  # the next one begins with it
            return ["it holds from the next Start on"]
        update = {"cameras": settings.cameras, "outlets": settings.outlets, "language": settings.language}
        session.settings = session.settings.model_copy(update=update)
        told = await change(self, session, old, plan)
        await self._remember(session)
        return told

    async def run(self, session: Session) -> None:
        """Begin what is not there yet; try again what could not be understood whenever another observer decides."""
        subscription = session.subscribe()
        try:
            pause_again(session)
            left = self._open_sources(session)
            self._waiting = self._arm(session, self._plan.wishes)
            self.cancel_old(session)
            self._draw_again(session, left)
            await self._remember(session)
            async for _, event in subscription.events:
                if isinstance(event, ObserverChanged) and self._waiting:
                    self._waiting = self._arm(session, self._waiting)
        finally:
            subscription.close()

    def _open_sources(self, session: Session) -> list[tuple[Camera, LaneAreas]]:
        """Those of which a zone could not go yet, with what the file said of them before."""
        earlier = before.load(session.services.folder, session.settings.areas)
        opened = [camera for camera in self._plan.cameras if camera.name not in session.lanes]
        found = [(camera, earlier.get(camera.name, NOT_DRAWN)) for camera in opened]
        return [(camera, drawn) for camera, drawn in found if self.open(session, camera, drawn)]

    def open(
        self, session: Session, camera: Camera, drawn: LaneAreas | None = None, *, paused: bool = False
    ) -> Both | None:
        """Watch a source; what cannot be is shown. `drawn`: what the file said before of its zones and masks; why some
        of it is still there, if it is."""
        left = None
        try:
            left = cameras.add(session, camera, self._open(camera, session.settings), drawn or NOT_DRAWN)
        except (CommandRefused, SourceError) as error:
            self.problem(session, f"source {camera.name}", why(error), ALL_ELSE)
        else:
            if paused:
                session.lanes.pause(camera.name, True)
            if left is UNREAD:
                self.problem(session, f"source {camera.name}", left, ALL_ELSE, DRAW_ANEW)
        return left

    def _draw_again(self, session: Session, left: Sequence[tuple[Camera, LaneAreas]]) -> None:
        """Watches of the file that waited at a zone which it took away are cancelled by now."""
        for camera, drawn in left:
            if camera.name in session.lanes and (why_not := draw(session, camera, drawn)):
                self.problem(session, f"source {camera.name}", why_not, ZONE_STAYS)

    async def _remember(self, session: Session) -> None:
        """What the file says is drawn, for the next start."""
        try:
            await asyncio.to_thread(before.save, session.services.folder, self._plan.cameras)
        except OSError as error:  # the areas themselves are told of; without this more is hidden at the next start
            log.warning("%s is not written: %s", before.NAME, error.strerror)

    def arm_again(self, session: Session, changed: Sequence[Wish]) -> None:
        """After the plan changed: those that changed, and those that were not understood before."""
        waited = {wish.key for wish in self._waiting} | {wish.key for wish in changed}
        if waited:
            self._waiting = self._arm(session, tuple(wish for wish in self._plan.wishes if wish.key in waited))

    def _tell_unknown(self, session: Session, wishes: Sequence[Wish]) -> None:
        """Those of the plan that name a place which is no source and no zone; `wishes` were armed now."""
        now = {wish.key: wish for wish in self._plan.wishes}
        self._lost = {key: line for key, line in self._lost.items() if key in now}
        if lines := [self._lost[wish.key] for wish in wishes if wish.key in self._lost]:
            message = Both(" ".join(self._lost.values()), "".join(line.zh for line in self._lost.values()))
            self.problem(session, PLACES, message, OTHERS_STAND, AS_CALLED, lines=lines)
        elif PLACES in session.problems and not self._lost:
            session.publish(Recovered(t=session.now(), where=PLACES))

    def _arm(self, session: Session, wishes: tuple[Wish, ...]) -> tuple[Wish, ...]:
        """Arm these; those that nobody here understands, each named once with why."""
        left: list[Wish] = []
        named: list[Both] = []
        for wish in wishes:
            made = self.understood(session, wish, self._plan, session.wall())
            try:
                if isinstance(made, Both):
                    left.append(wish)
                    named.append(
                        Both(
                            f"{wish.where}: {wish.say!r} cannot be watched for here: {made}",
                            f"{wish.where}：这里没法留意“{wish.say}”：{made.zh}",
                        )
                    )
                else:
                    self._lost.pop(wish.key, None)
                    self._stand(session, wish, made)
            except WatchError as error:
                named.append(Both(f"{wish.where}: {error}", f"{wish.where}：{why(error).zh}。"))
        if named:
            message = Both(" ".join(named), "".join(line.zh for line in named))
            self.problem(session, NAME, message, OTHERS_STAND, REPHRASE, lines=named)
        elif NAME in session.problems:
            session.publish(Recovered(t=session.now(), where=NAME))
        self._tell_unknown(session, wishes)
        return tuple(left)

    def understood(self, session: Session, wish: Wish, plan: Plan, now: datetime) -> list[AddWatch] | Both:
        """The watches in a wish of a plan; or why there is none."""
        language = language_of(wish.say, session.settings.language)
        intents = understand(
            wish.say,
            language,
            now=now,
            lanes=_names(plan),
            zones=session.lanes.zones,
            capabilities=session.services.capabilities,
            cameras=(*cameras.configured(session), *session.lanes),
        )
        if unable := next((intent for intent in intents if isinstance(intent, Unable)), None):
            nearest, zh = ("", "")
            if unable.nearest:
                nearest, zh = f" The nearest: {unable.nearest!r}.", f"最接近的是“{unable.nearest}”。"
            return Both(f"it needs {unable.needs}.{nearest}", f"需要{unable.needs}。{zh}")
        watches = [intent for intent in intents if isinstance(intent, AddWatch)]
        if len(watches) < len(intents):
            return Both("these words are no wish to be told of something.", "这句话没有说要留意什么。")
        return [_as_written(watch, wish, plan) for watch in watches]

    def _stand(self, session: Session, wish: Wish, made: list[AddWatch]) -> None:
        language = language_of(wish.say, session.settings.language)
        if (place := made[-1].nowhere) and not wish.source:
            message = told(place, (*_names(self._plan), *session.lanes.zones))
            self._lost[wish.key] = Both(f"{wish.where}: {message}", f"{wish.where}：{message.zh}")
        for number, watch in enumerate(made):
            origin = f"{wish.key} #{number}"
            old = next((old for old in session.watches if old.origin == origin), None)
            if old and _goes_on(old, watch):
                stands = session.watches.edit(
                    old.id, state="active", urgent=watch.urgent, limits=watch.limits, source=watch.source
                )
                if stands != old:
                    session.watch_changed("changed", stands)
                continue
            if old:
                session.watch_changed("cancelled", session.watches.cancel(old.id))
            session.requests.begin(session.requests.stand(watch, language, origin))
            log.info("%s: %s", wish.where, acknowledge(watch, language))

    def cancel_old(self, session: Session) -> None:
        """What the file named at an earlier start and names no more."""
        wanted = {wish.key for wish in self._plan.wishes}
        for watch in session.watches:
            if watch.origin and watch.origin.rpartition(" #")[0] not in wanted:
                session.watch_changed("cancelled", session.watches.cancel(watch.id))

    def problem(
        self,
        session: Session,
        where: str,
        message: Both,
        kept: Both,
        advice: Both = NOTHING,
        lines: Sequence[str] = (),
    ) -> None:
        """Shown, and told to whoever started the house (as `lines`, if they are given): no page may be open."""
        for line in lines or (f"{where}: {message}",):
            self._tell(line)
        t = session.now()
        session.publish(Problem(t=t, where=where, message=message, kept=kept, advice=advice, severity="warning"))


def _names(plan: Plan) -> tuple[str, ...]:
    return tuple(camera.name for camera in plan.cameras)


def _as_written(watch: AddWatch, wish: Wish, plan: Plan) -> AddWatch:
    """With what stands beside the words."""
    quiet = watch.limits.quiet or plan.quiet
    return replace(
        watch,
        source=wish.source or watch.source,
        urgent=watch.urgent if wish.urgent is None else wish.urgent,
        once=watch.once if wish.once is None else wish.once,
        limits=replace(watch.limits, quiet=quiet),
    )


def _goes_on(old: Watch, wish: AddWatch) -> bool:
    """Whether a watch from disk is still what its entry asks for; of a clock its pace counts, as "at eight" is another
    day each time that it is read."""
    if old.steps or wish.steps:
        return old.steps == wish.steps
    once = wish.once or bool(wish.schedule and wish.schedule.every is None)
    paces = [(schedule.every, schedule.after) if schedule else None for schedule in (old.schedule, wish.schedule)]
    same = (old.condition, old.say, old.ask, old.once) == (wish.condition, wish.say, wish.ask, once)
    return same and paces[0] == paces[1]
