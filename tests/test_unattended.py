"""`serve --config`: mistakes with their lines, and a session that does what the file says, restarted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config import Camera, Settings
from interaction.events import LaneChanged, ObserverChanged, Problem, UtteranceEnded, UtteranceStarted
from interaction.observers.embedded import EmbeddedObserver
from interaction.services import Services
from interaction.session import Session
from interaction.sessions import Sessions
from interaction.sources.base import FrameSource
from interaction.speaking.sinks import NullSink
from interaction.unattended.file import FileError, Plan, read_file, understand_file
from interaction.unattended.resident import Resident
from tests.fakes_speech import ScriptedVoice
from tests.house import START, Eyes, Home, Stream, saw

PASSWORD = "s3cret/@pass"
ENVIRONMENT = {"CAM_PASSWORD": PASSWORD, "HOOK": "https://hooks.example/a?b=1", "TOPIC": "quiet-river"}
GOOD = """\
language: en
quiet_hours: 22:00-07:00
sources:
  - name: door
    url: rtsp://admin:${CAM_PASSWORD}@192.168.1.20/stream1
    transport: udp
  - {name: kitchen, url: "http://192.168.1.21/mjpeg"}
watches:
  - tell me when someone comes in
  - {say: tell me when anything moves, source: Kitchen, urgent: true, once: true}
  - tell me when someone enters the door and count the cups
"""


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def plan(text: str, **values: Any) -> Plan:
    return understand_file(text, "watch.yaml", settings(**values), ENVIRONMENT)


def test_a_file_is_understood() -> None:
    made = plan(GOOD)
    assert [(camera.name, camera.transport) for camera in made.cameras] == [("door", "udp"), ("kitchen", "tcp")]
    assert made.cameras[0].url.get_secret_value() == "rtsp://admin:s3cret%2F%40pass@192.168.1.20/stream1"
    assert PASSWORD not in repr(made) and "s3cret" not in repr(made)
    assert (made.language, made.quiet) == ("en", (1320, 420))
    assert [(wish.say, wish.source) for wish in made.wishes][1] == ("tell me when anything moves", "kitchen")
    over = made.over(settings(cameras=[{"name": "Door", "url": "http://x/"}, {"name": "garage", "url": "http://y/"}]))
    assert [camera.name for camera in over.cameras] == ["door", "kitchen", "garage"], "the file wins"


S = "sources:\n"
MISTAKES: list[tuple[str, list[str]]] = [
    ("", ["watch.yaml line 1, column 1: there is nothing in it"]),
    ("~\n", ["watch.yaml line 1, column 1: there is nothing in it"]),
    ("language: en\nsources: \x00\n", ["watch.yaml line 2, column 1: there is a character that YAML does not allow"]),
    ("a: " + "{b: " * 1000, ["watch.yaml line 1, column 1: there is more in it than can be meant"]),
    ("- a\n- b\n", ["watch.yaml line 1, column 1: must have keys of its own"]),
    ("sources: [\n", ["watch.yaml line 2, column 1: this is no YAML"]),
    ("a: *b\n", ["watch.yaml line 1, column 4: this is no YAML"]),
    ("watchs:\n  - x\n", ["watch.yaml line 1, column 1: watchs: there is no such key here"]),
    ("language: de\n", ["watch.yaml line 1, column 11: language: Input should be 'en' or 'zh'"]),
    ("language: en\nlanguage: zh\n", ["watch.yaml line 2, column 1: language: is there twice"]),
    ("quiet_hours: 22:00-25:00\n", ["line 1, column 14: quiet_hours: hours are written 22:00-07:00"]),
    ("quiet_hours: 22:00\n", ["line 1, column 14: quiet_hours: hours are written 22:00-07:00"]),
    ("sources: door\n", ["line 1, column 10: sources: must be a list"]),
    (S + "  - door\n", ["line 2, column 5: sources[0]: must have keys of its own"]),
    (S + "  - name: door\n", ["line 2, column 5: sources[0].url: is missing"]),
    (S + "  - {name: no, url: http://a/}\n", ["line 2, column 12: sources[0].name: must be text; put it in quotes"]),
    (S + "  - {name: camera, url: http://a/}\n", ["sources[0].name: 'camera' is the name of the page's own camera"]),
    (S + "  - {name: a/b, url: http://a/}\n", ["sources[0].name: takes letters, digits, spaces and hyphens only"]),
    (S + "  - {name: a, url: 'ftp://a/'}\n", ["sources[0].url: 'ftp' is not a protocol that can be watched"]),
    (S + "  - {name: a, url: /no/such.mp4}\n", ["sources[0].url: There is no file /no/such.mp4."]),
    (S + "  - {name: a, url: 'rtsp://:1'}\n", ["sources[0].url: The address has no usable host name or port."]),
    (
        S + "  - {name: a, url: 'rtsp://u:${NOT_SET}@a/'}\n",
        ["line 2, column 20: sources[0].url: the environment variable NOT_SET is not set"],
    ),
    (S + "  - {name: a, url: 'http://a', transport: sctp}\n", ["transport: Input should be 'tcp' or 'udp'"]),
    (
        S + "  - {name: Door, url: 'http://a/'}\n  - {name: door, url: 'http://b/'}\n",
        ["line 3, column 12: sources[1].name: another source is named 'door'"],
    ),
    (
        S + "".join(f"  - {{name: c{i}, url: 'http://a/{i}'}}\n" for i in range(50)),
        ["line 10, column 5: sources[8]: 50 sources; no more than 8 are watched at once here"],
    ),
    (
        S + "  - name: a\n    url: http://a/\n    masks: [[[0, 0], [1, 0]]]\n",
        ["line 4, column 13: sources[0].masks[0]: has too few corners"],
    ),
    (S + "  - {name: a, url: 'http://a', masks: [[[0, 0], [1, 0], [2, 1]]]}\n", ["sources[0].masks[0][2][0]: "]),
    (
        S + "  - {name: a, url: 'http://a', masks: [[[0, 0], [0.5, 0], [1, 0]]]}\n",
        ["line 2, column 39: sources[0].masks: An area must enclose something"],
    ),
    (S + "  - {name: a, url: 'http://a', zones: [{name: '!', points: [[0,0], [1,0], [1,1]]}]}\n", ["A zone's name"]),
    ("watches:\n  - {say: hello, source: door}\n", ["watches[0].source: there is no source of this name"]),
    (
        "watches:\n  - {say: Tell me when someone comes in, urgent: true}\n  - tell me when someone  comes in\n"
        "  - {say: tell me when someone comes in, once: true}\n",
        [
            "line 3, column 5: watches[1]: the same is asked for in line 2",
            "line 4, column 11: watches[2].say: the same is asked for in line 2",
        ],
    ),
    ("watches:\n  - {say: x, urgent: maybe}\n", ["line 2, column 22: watches[0].urgent: must be true or false"]),
    ("watches:\n  - {say: ''}\n", ["watches[0].say: is empty"]),
    ("watches:\n  - {tell: x}\n", ["watches[0].say: is missing", "watches[0].tell: there is no such key here"]),
    ("watches: [" + ", ".join(f"x{i}" for i in range(51)) + "]\n", ["watches: List should have at most 50 items"]),
    ("a: &a [*a]\n", ["there is more in it than can be meant"]),
    ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(f"{c}: &{c} [*{b},*{b},*{b},*{b},*{b},*{b},*{b},*{b}]\n"
     for b, c in zip("abcde", "bcdef", strict=True)), ["there is more in it than can be meant"]),
    ("watches: !!python/object:os.system []\n", []),
    ("language: !!python/name:os.system x\n", ["language: tag:yaml.org,2002:python/name:os.system"]),
    (
        "outlets:\n  - name: phone\n    url: tgram://${TOPIC}\n",
        ["line 2, column 5: outlets[0]: url: apprise takes no such tgram:// address"],
    ),
    ("outlets:\n  - {url: 'https://${NO}/'}\n", ["outlets[0].url: the environment variable NO is not set"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_a_mistake_names_its_line_and_key(text: str, told: list[str]) -> None:
    if not told:
        assert plan(text) == Plan("watch.yaml")
        return
    with pytest.raises(FileError) as refused:
        plan(text)
    assert all(any(line in said for said in refused.value.mistakes) for line in told), refused.value.mistakes
    assert "s3cret" not in str(refused.value)


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    with pytest.raises(FileError) as refused:
        plan("language: de\nsources:\n  - {name: a, url: 'gopher://u:s3cret@a/'}\n  - {url: 'http://b/'}\nwatch: []\n")
    assert [line.split(": ")[1] for line in refused.value.mistakes] == [
        "language",
        "sources[0].url",
        "sources[1].name",
        "watch",
    ]
    assert "s3cret" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_text("#" * 70_000)
    (tmp_path / "latin.yaml").write_bytes(b"language: \xff")
    for name, told in [("none.yaml", "cannot be read"), ("large.yaml", "65536 bytes"), ("latin.yaml", "not UTF-8")]:
        with pytest.raises(FileError, match=told):
            read_file(tmp_path / name, settings(), {})


class Cameras:
    """Scripted sources in the place of the network's."""

    def __init__(self, **streams: Stream) -> None:
        self.streams = streams
        self.opened: list[str] = []

    def __call__(self, camera: Camera, settings: Settings) -> FrameSource:
        self.opened.append(camera.name)
        return self.streams.get(camera.name) or Stream(3600, lane=camera.name, live=True)


TWO = """\
sources:
  - {name: door, url: "http://192.168.1.20/"}
  - {name: kitchen, url: "http://192.168.1.21/"}
watches:
  - tell me when someone comes in
  - {say: tell me when anything moves, source: kitchen, urgent: true}
  - every day at eight tell me the time
"""


@asynccontextmanager
async def unattended(
    text: str,
    folder: Path,
    told: list[str] | None = None,
    eyes: Any = lambda: Eyes({}),
    observer: Any = None,
    voice: Any = None,
) -> AsyncIterator[Home]:
    made = plan(text)
    watcher = observer or EmbeddedObserver()
    services = Services(watcher, EmbeddedObserver(), eyes, folder=folder, voice=voice)
    session = Session("s1", "local", made.over(settings()), services, START)
    Resident(made, (told if told is not None else []).append, Cameras()).moves_into(session)
    place = Home(session)
    running = asyncio.create_task(session.run())
    try:
        yield place
    finally:
        await session.aclose()
        await running


def wordings(place: Home) -> list[tuple[str, str | None, bool]]:
    return [(watch.wording, watch.source, watch.urgent) for watch in place.session.watches]


async def test_sources_and_watches_of_the_file_stand_without_a_page_and_quietly(tmp_path: Path) -> None:
    async with unattended(TWO, tmp_path, eyes=lambda: Eyes(dict([saw(3.0, "arrived")]))) as place:
        await place.until(6)
        assert list(place.session.lanes) == ["door", "kitchen"]
        assert wordings(place) == [
            ("Someone comes in", None, False),
            ("Something moves", "kitchen", True),
            ("Every day: the time", None, False),
        ]
        assert {decision.lane for decision in place.decided()} == {"door", "kitchen"}, "only what was seen was said"


ONE = """\
sources:
  - {name: door, url: "http://192.168.1.20/"}
watches:
  - tell me when someone comes in or leaves
"""


async def test_an_alert_is_put_into_sound_only_while_a_page_listens(tmp_path: Path) -> None:
    voice, page = ScriptedVoice(), NullSink()
    walk = dict([saw(3.0, "arrived"), saw(20.0, "left"), saw(40.0, "arrived")])
    async with unattended(ONE, tmp_path, eyes=lambda: Eyes(walk), voice=voice) as place:
        await place.until(15)
        place.session.attach_sink(page)
        await place.until(30)
        place.session.detach_sink(page)
        await place.until(50)
        told = place.of(UtteranceStarted)
        assert [round(event.t) // 10 for event in told] == [0, 2, 4] and all(event.spoken for event in told)
        assert [event.heard for event in place.of(UtteranceEnded)] == [event.text for event in told]
        assert " ".join(sentence for what, sentence, _ in voice.log if what == "asked") == told[1].text


async def test_a_restart_keeps_each_watch_once_with_what_it_has_done(tmp_path: Path) -> None:
    async with unattended(TWO, tmp_path, eyes=lambda: Eyes(dict([saw(3.0, "arrived")]))) as place:
        await place.until(6)
        place.session.request("tell me when it says Exit")
        await place.until(8)
    async with unattended(TWO, tmp_path) as place:
        await place.until(2)
        assert [wording for wording, _, _ in wordings(place)] == [
            "Someone comes in",
            "Something moves",
            "Every day: the time",
            "The text says “Exit”",
        ]
        assert [watch.fired for watch in place.session.watches] == [2, 0, 0, 0]


async def test_the_file_is_the_truth_at_each_start(tmp_path: Path) -> None:
    async with unattended(TWO, tmp_path) as place:
        await place.until(1)
        first, second, _ = place.session.watches
        place.session.command("watch", op="cancel", id=first.id)
        place.session.command("watch", op="pause", id=second.id)
        await place.until(3)
    other = TWO.replace("  - every day at eight tell me the time\n", "  - tell me when someone leaves\n")
    async with unattended(other, tmp_path) as place:
        await place.until(1)
        assert {(watch.wording, watch.state) for watch in place.session.watches} == {
            ("Someone comes in", "active"),
            ("Something moves", "active"),
            ("Someone leaves", "active"),
        }


async def test_quiet_hours_are_those_of_the_files_watches_that_have_none_of_their_own(tmp_path: Path) -> None:
    text = "quiet_hours: 22:00-07:00\nwatches:\n  - tell me when someone comes in\n"
    text += "  - tell me when anything moves, but not between ten at night and five\n"
    async with unattended(text, tmp_path) as place:
        await place.until(1)
        place.session.request("tell me when someone leaves")
        await place.until(2)
        assert [watch.limits.quiet for watch in place.session.watches] == [(1320, 420), (1320, 300), None]


async def test_a_place_that_is_no_source_is_told_until_it_is_one(tmp_path: Path) -> None:
    text = TWO.replace("tell me when someone comes in\n", "tell me when someone comes into the garage\n")
    told: list[str] = []
    async with unattended(text, tmp_path, told) as place:
        await place.until(2)
        assert told == ["watch.yaml line 5: watches[0]: I know no garage; I look at all sources."]
        problem = place.session.problems["places in the watch file"]
        assert problem.severity == "warning" and "没有叫garage的来源" in problem.message.zh
        assert wordings(place)[0] == ("Someone comes in", None, False)
        resident, named = place.session.services.beside["watch file"].__self__, plan(text.replace("door", "garage"))  # type: ignore[attr-defined]
        await resident.follow(named, named.over(settings()))
        assert wordings(place)[0] == ("Someone comes in", "garage", False)
        await place.until(4)
        assert "places in the watch file" not in place.session.problems and len(told) == 1


class Seeing(EmbeddedObserver):
    """An observer that is given a model of language later."""


async def test_what_the_present_observer_cannot_watch_for_is_named_and_armed_when_another_can(tmp_path: Path) -> None:
    text = "watches:\n  - tell me when the pot boils over\n  - good morning\n  - tell me when someone comes in\n"
    told: list[str] = []
    observer = Seeing()
    async with unattended(text, tmp_path, told, observer=observer) as place:
        await place.until(1)
        assert [line.split(":")[0] for line in told] == ["watch.yaml line 2", "watch.yaml line 3"]
        assert "the pot boils over" in told[0] and "vision-language model" in told[0]
        assert [problem.where for problem in place.of(Problem)] == ["watch file"]
        assert [watch.wording for watch in place.session.watches] == ["Someone comes in"]
        observer.capabilities = observer.capabilities | {"open-watches"}
        described = observer.described()
        place.session.post(ObserverChanged(t=1.0, examples={}, **described))
        await place.until(2)
        assert {watch.wording for watch in place.session.watches} == {"Someone comes in", "The pot boils over"}


async def test_a_source_that_is_away_at_the_start_is_tried_for_ever(tmp_path: Path) -> None:
    from interaction.sources.base import SourceError

    class Away(Stream):
        retry, must_open = True, False
        tries = 0

        async def frames(self, now: Any) -> Any:
            self.tries += 1
            if self.tries < 3:
                raise SourceError("the camera does not answer")
            async for frame in super().frames(now):
                yield frame

    away = Away(3600, lane="door", live=True)
    made = plan("sources:\n  - {name: door, url: 'http://192.168.1.20/'}\n")
    observer = EmbeddedObserver()
    services = Services(observer, observer, lambda: Eyes({}), folder=tmp_path)
    session = Session("s1", "local", made.over(settings()), services, START)
    Resident(made, print, Cameras(door=away)).moves_into(session)
    place = Home(session)
    running = asyncio.create_task(session.run())
    await place.until(10)
    states = [event.state for event in place.of(LaneChanged)]
    assert states[-1] == "watching" and states.count("down") == 2
    await session.aclose()
    await running


async def test_masks_that_cannot_be_applied_keep_the_source_from_being_seen(tmp_path: Path) -> None:
    text = "sources:\n  - {name: door, url: 'http://a/', masks: [[[0, 0], [1, 0], [1, 1]]]}\n"

    class NoAreas(Session):
        def command(self, name: str, /, **values: Any) -> None:
            from interaction.services import CommandRefused

            raise CommandRefused("no areas here")

    made = plan(text)
    observer = EmbeddedObserver()
    session = NoAreas("s1", "local", made.over(settings()), Services(observer, observer, lambda: Eyes({})), START)
    Resident(made, print, Cameras()).moves_into(session)
    place = Home(session)
    running = asyncio.create_task(session.run())
    await place.until(3)
    assert not session.lanes and not place.decided("silence")
    assert [problem.where for problem in place.of(Problem)] == ["source door"]
    await session.aclose()
    await running


def house(folder: Path, **values: Any) -> tuple[Sessions, list[Session]]:
    made: list[Session] = []

    def make(id: str, person: str) -> Session:
        observer = EmbeddedObserver()
        made.append(Session(id, person, settings(**values), Services(observer, observer, lambda: Eyes({})), None))
        return made[-1]

    return Sessions(settings(**values), make), made


async def test_the_session_that_stays_needs_no_page_and_begins_anew_if_it_breaks(tmp_path: Path) -> None:
    sessions, made = house(tmp_path)
    told: list[str] = []
    sessions.stay("home", "local", Resident(Plan("watch.yaml"), told.append).stopped)
    await asyncio.sleep(40 * 86_400)
    sessions.sweep()
    assert sessions.join("home", "local") is made[0] and not made[0].finished
    made[0].inbox.close()  # its run ends
    await asyncio.sleep(1)
    sessions.sweep()
    assert sessions.get("home", "local") is made[1] and not told
    sessions.end("home")  # by the page: it stays away until somebody begins again
    assert "nothing is watched until somebody presses Start" in told[-1]
    await asyncio.sleep(1)
    sessions.sweep()
    assert sessions.get("home", "local") is None
    assert sessions.join("home", "local") is made[2]
    assert len(told) == 2 and "watching goes on" in told[-1]
    sessions.join("guest", "local")
    sessions.end("guest")
    await sessions.aclose()
    assert len(told) == 2, "the house's own end, and other sessions, are not told"


async def test_the_example_of_the_docs_is_taken() -> None:
    page = (Path(__file__).parents[1] / "docs" / "unattended.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    made = plan(example)
    assert [camera.name for camera in made.cameras] == ["front door", "kitchen"]
    assert len(made.wishes) == 4 and made.cameras[0].zones and made.cameras[0].masks
    assert [outlet.name for outlet in made.over(settings()).outlets] == ["phone"]
    resident = Resident(made, print)
    observer = EmbeddedObserver()
    session = Session("s1", "local", made.over(settings()), Services(observer, observer, lambda: Eyes({})), START)
    assert not any(isinstance(resident.understood(session, wish, made, START), str) for wish in made.wishes)
