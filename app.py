"""Lookout's composition root and command line: settings → rooms → session or page. No logic lives here."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_settings import SettingsError

import assets
from config import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from interaction.headless import Line, Show
    from interaction.observers.engine import Engine
    from interaction.session import Session
    from interaction.unattended.file import Plan
    from interaction.unattended.reloading import Reader

# What was filmed long ago, or drawn for a test, happens to nobody now: no alert leaves the house.
UNTOLD: dict[str, object] = {"outlets": ()}
WAITING = "Lookout waits for its model server …"


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="app.py", description="A video assistant that decides when to speak.")
    verbs = main.add_subparsers(dest="verb", metavar="serve | watch | scenarios | speech-server | doctor")
    serve = verbs.add_parser("serve", help="serve the page (the default)")
    serve.add_argument("--host", help="address to bind; another than loopback needs LOOKOUT_TOKEN")
    serve.add_argument("--port", type=int)
    serve.add_argument("--config", type=Path, metavar="WATCH.YAML", help="watch without a page (docs/unattended.md)")
    watch = verbs.add_parser("watch", help="watch a file, device or stream without a page")
    watch.add_argument("source", help="path, /dev/video0, or URL (rtsp, http, https, rtmp)")
    watch.add_argument("--say", action="append", default=[], metavar="'SECONDS: WORDS'", help="what the person says")
    watch.add_argument("--observer", metavar="NAME_OR_URL")
    pace = watch.add_mutually_exclusive_group()
    pace.add_argument("--fast", action="store_true", help="a file as fast as it can be decided (the default for files)")
    pace.add_argument("--realtime", action="store_true", help="a file at its own pace, with the voice")
    watch.add_argument("--journal", type=Path, metavar="FILE", help="copy every event to FILE as JSON lines")
    watch.add_argument("--json", action="store_true", help="print one event a line")
    scenarios = verbs.add_parser("scenarios", help="run scenarios and print their scores")
    scenarios.add_argument("paths", nargs="*", type=Path)
    scenarios.add_argument("--observer", metavar="NAME_OR_URL")
    scenarios.add_argument("--realtime", action="store_true", help="at the streams' own pace, with the voice")
    scenarios.add_argument("--speech", action="store_true", help="lines are spoken and recognised, not typed")
    scenarios.add_argument("--seed", type=int, metavar="N", help="draw every stream anew whose events allow it")
    scenarios.add_argument("--baselines", action="store_true", help="run three observers without wits beside it")
    scenarios.add_argument("--json", type=Path, metavar="OUT", help="write every score of every scenario")
    scenarios.add_argument("--html", type=Path, metavar="OUT", help="write a page with a timeline of every scenario")
    scenarios.add_argument("--against", type=Path, metavar="RESULTS.json", help="exit 1 if it is worse than there")
    scenarios.add_argument("--strict", action="store_true", help="exit 1 also for missed limits and missing footage")
    speech = verbs.add_parser("speech-server", help="serve Whisper and Kokoro to other machines, in OpenAI's dialect")
    speech.add_argument("--host", help="address to bind; another than loopback needs LOOKOUT_SPEECH_SERVER__KEY")
    speech.add_argument("--port", type=int)
    doctor = verbs.add_parser("doctor", help="say what this machine has, and what each missing thing costs")
    doctor.add_argument("--json", action="store_true")
    return main


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        settings = Settings()
    except ValidationError as error:
        return _refuse_settings(error)
    except SettingsError as error:  # pydantic's words name the field; what stands in it may hold a key
        print(f"app.py: {error}: expected JSON (outlets: LOOKOUT_OUTLETS)", file=sys.stderr)
        return 2
    if getattr(options, "observer", None) is not None:
        settings = settings.model_copy(update={"observer": options.observer})
    match options.verb:
        case "watch":
            return watch(options, settings)
        case "scenarios":
            return scenarios(options, settings)
        case "speech-server":
            from interaction.speech_server.serving import serve_speech

            return serve_speech(options.host, options.port, settings)
        case "doctor":
            from doctor import run_doctor

            return run_doctor(settings, as_json=options.json)
        case _:
            return serve(options, settings)


def _refuse_settings(error: ValidationError) -> int:
    """One line a setting that cannot be; exit 2."""
    for wrong in error.errors():
        name = "LOOKOUT_" + "__".join(str(part).upper() for part in wrong["loc"])
        print(f"app.py: {name}: {wrong['msg']}", file=sys.stderr)
    return 2


def scenarios(options: argparse.Namespace, settings: Settings) -> int:
    from bench.suite import Manner, run_all
    from interaction import backends
    from interaction.seeing.models import Models
    from rooms import Rooms

    settings = backends.settled(settings).model_copy(update=UNTOLD)
    try:
        engine = backends.make_engine(settings)
    except backends.UnknownBackend as error:
        print(f"app.py scenarios: {error}", file=sys.stderr)
        return 2
    if engine:
        engine.start()
    # Once for all houses: each would load half a gigabyte.
    models = Models(lambda name: assets.find(name, settings))
    ears = None
    if options.speech:
        with contextlib.suppress(assets.AssetError, backends.UnknownBackend):  # each house says why it is deaf
            ears = backends.make_recognizer(settings)

    def make(settings: Settings) -> Rooms:
        return Rooms(
            settings, voice=options.realtime, hearing=options.speech, models=models, recognizer=ears, engine=engine
        )

    manner = Manner(**{field.name: getattr(options, field.name) for field in fields(Manner)})
    try:
        if engine and not served(engine):
            return 2
        return run_all(options.paths, settings, make, manner)
    finally:
        models.close()
        if engine:
            engine.close()
        if ears:
            asyncio.run(ears.aclose())


def served(engine: Engine) -> bool:
    """Wait for a model server that was started; False, with one line, if that fails."""
    print(WAITING, file=sys.stderr, flush=True)
    while not engine.settled(1.0):
        pass
    if engine.status.trouble:
        print(f"app.py: {engine.status.trouble}", file=sys.stderr)
    return not engine.status.trouble


def watch(options: argparse.Namespace, settings: Settings) -> int:
    """`watch`: exit 0, or 2 with one clear line for bad usage or an unreadable source."""
    from interaction.backends import UnknownBackend
    from interaction.clock import run_virtual
    from interaction.headless import UsageError, printer, spoken_line
    from interaction.sources.base import SourceError

    is_file = "://" not in options.source and not options.source.startswith("/dev/")
    fast = options.fast or (is_file and not options.realtime)
    if options.fast and not is_file:
        print("app.py watch: --fast needs a file; a live source goes at its own pace", file=sys.stderr)
        return 2
    try:
        lines = [spoken_line(text) for text in options.say]
        with printer(options.json, options.journal) as show:
            work = watch_source(options.source, lines, settings, show, fast=fast)
            (run_virtual if fast else asyncio.run)(work)
    except (UsageError, SourceError, UnknownBackend) as error:
        print(f"app.py watch: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


async def watch_source(spec: str, lines: list[Line], settings: Settings, show: Show, *, fast: bool) -> None:
    """A session over one source, with a folder that is removed afterwards. In real time it has its voice."""
    from interaction.headless import watch
    from interaction.sources.opening import open_source
    from rooms import open_rooms

    with tempfile.TemporaryDirectory(prefix="lookout-") as folder:
        settings = settings.model_copy(update={"data_dir": Path(folder)} | (UNTOLD if fast else {}))
        source = open_source(
            spec,
            "camera",
            allow_files=True,
            allow_private=True,  # the person at the command line names the source
            realtime=not fast,
            fps=settings.web.camera_fps,
            limits=settings.sources,
        )
        source.retry = False  # the end of the stream is the end of the watch
        async with open_rooms(settings, voice=not fast, hearing=False) as rooms:
            rooms.warm_up()
            if rooms.engine:
                print(WAITING, file=sys.stderr, flush=True)
            await rooms.warm()
            await watch(rooms.session("headless", "headless"), source, lines, show)
            await rooms.alerts_sent()


def serve(options: argparse.Namespace, settings: Settings) -> int:
    """`serve`: the page, until interrupted. Exit 2 when it may or can not be served, or for mistakes in `--config`."""
    import uvicorn

    from interaction import backends
    from interaction.unattended.file import FileError
    from interaction.unattended.reloading import reader
    from interaction.web.doors import check_binding, taken
    from interaction.web.server import server_options

    plan = again = None
    if path := getattr(options, "config", None):
        again = reader(path, settings, os.environ)
        try:
            plan, settings = again()
        except FileError as error:
            print(*error.mistakes, sep="\n", file=sys.stderr)
            return 2
    update = {name: value for name in ("host", "port") if (value := getattr(options, name, None)) is not None}
    settings = backends.settled(settings.model_copy(update={"web": settings.web.model_copy(update=update)}))
    if (refused := check_binding(settings) or taken(settings) or _unknown_observer(settings)) is not None:
        print(f"app.py: {refused}", file=sys.stderr)
        return 2
    bring_weights(settings)
    print("Lookout is starting: loading the page and the models …", flush=True)
    uvicorn.run(page(settings, plan, again), log_level="warning", lifespan="on", **server_options(settings))
    return 0


def page(settings: Settings, plan: Plan | None = None, again: Reader | None = None) -> FastAPI:
    """The whole house behind its page. `plan`: one session that every page joins; `again`: reads it anew at SIGHUP."""
    from interaction.sessions import Sessions
    from interaction.unattended.reloading import on_hangup
    from interaction.unattended.resident import Resident
    from interaction.web.passes import LOCAL
    from interaction.web.server import build_app
    from interaction.web.ui import build_ui
    from rooms import Rooms

    house: list[Rooms] = []
    # Not one for ever: the numbers of its events begin anew with each process, and name moments in the memory.
    resident = secrets.token_hex(16) if plan else ""
    tell = partial(print, "!", file=sys.stderr, flush=True)
    staying = Resident(plan, tell) if plan else None

    def make_session(id: str, person: str) -> Session:
        session = house[0].session(id, person)
        return staying.moves_into(session) if staying and id == resident else session

    @contextlib.asynccontextmanager
    async def open_house() -> AsyncIterator[None]:
        house.append(Rooms(settings))
        house[0].warm_up("" if settings.token.get_secret_value() and not plan else LOCAL)
        house[0].settle()
        if staying:
            sessions.stay(resident, LOCAL, staying.stopped)
        print(f"Lookout is at {address(settings)}", flush=True)
        with on_hangup(staying, again, house[0].adopt, partial(sessions.tell, resident), tell):
            yield
        await house.pop().aclose()

    sessions = Sessions(settings, make_session)
    return build_app(settings, sessions, build_ui(settings), around=open_house, resident=resident)


def bring_weights(settings: Settings) -> None:
    """At the first start: fetch and verify what is missing, with progress. A weight that cannot be had costs its
    feature, not the start."""
    from fetch_weights import ensure, needed

    for error in ensure(needed(settings), lambda text: print(text, flush=True), settings):
        print(f"! {error}", file=sys.stderr, flush=True)


def address(settings: Settings) -> str:
    token = settings.token.get_secret_value()
    return f"http://{settings.web.host}:{settings.web.port}/" + (f"?token={token}" if token else "")


def _unknown_observer(settings: Settings) -> str | None:
    from interaction.backends import UnknownBackend, make_engine, make_observer

    try:
        make_engine(settings) or make_observer(settings)
    except UnknownBackend as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
