"""Lookout's composition root and command line: settings → rooms → session or page. No logic lives here."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from config import Settings


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="app.py", description="A video assistant that decides when to speak.")
    verbs = main.add_subparsers(dest="verb", metavar="serve | watch | scenarios | doctor")
    serve = verbs.add_parser("serve", help="serve the page (the default)")
    serve.add_argument("--host", help="address to bind; another than loopback needs LOOKOUT_TOKEN")
    serve.add_argument("--port", type=int)
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
    scenarios.add_argument("--json", type=Path, metavar="OUT")
    doctor = verbs.add_parser("doctor", help="say what this machine has, and what each missing thing costs")
    doctor.add_argument("--json", action="store_true")
    return main


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    settings = Settings()
    if getattr(options, "observer", None):
        settings = settings.model_copy(update={"observer": options.observer})
    match options.verb:
        case "watch":
            return watch(options, settings)
        case "scenarios":
            from bench.scenarios import run_all
            from rooms import headless_session

            return run_all(options.paths, settings, headless_session, options.json)
        case "doctor":
            from doctor import run_doctor

            return run_doctor(settings, as_json=options.json)
        case _:
            return serve(options, settings)


def watch(options: argparse.Namespace, settings: Settings) -> int:
    """`watch`: exit 0, or 2 with one clear line for bad usage or an unreadable source."""
    from interaction.backends import UnknownBackend
    from interaction.clock import run_virtual
    from interaction.headless import UsageError, printer, spoken_line
    from interaction.sources.base import SourceError
    from rooms import watch_source

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


def serve(options: argparse.Namespace, settings: Settings) -> int:
    """`serve`: the page, until interrupted. Exit 2 when it may or can not be served."""
    from interaction.web.server import serve_page

    update = {name: value for name in ("host", "port") if (value := getattr(options, name, None)) is not None}
    settings = settings.model_copy(update={"web": settings.web.model_copy(update=update)})
    return serve_page(settings)


if __name__ == "__main__":
    sys.exit(main())
