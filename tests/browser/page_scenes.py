"""What the scripted house of the preview can play: each scene a list of events, made by the given function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Make = Callable[..., dict[str, Any]]
Scene = list[dict[str, Any]]

LIMITS = {"certainty": "", "at_most": 600.0, "quiet": [22 * 60, 7 * 60]}
UNLIMITED = {"certainty": "", "at_most": None, "quiet": None}


def watch(id: str, wording: str, anchor: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "id": id,
        "wording": wording,
        "armed": anchor.isoformat(),
        "state": "active",
        "fired": 0,
        "last_fired": None,
        "next_due": None,
        "urgent": False,
        "once": False,
        "source": None,
        "expires": None,
        "limits": UNLIMITED,
    } | fields


def snapshot(anchor: datetime) -> dict[str, Any]:
    """The state that a page finds: three watches, two sources, everything on this machine."""
    return {
        "language": "en",
        "paused": False,
        "voice": True,
        "microphone": True,
        "wake": False,
        "attentive": False,
        "wake_word": {"en": "Lookout", "zh": "观察员"},
        "verbosity": "normal",
        "pace": "normal",
        "speaker": "am_michael",
        "speaker_zh": "",
        "speakers": {"en": ["af_heart", "am_michael", "bf_emma"], "zh": ["zf_xiaoxiao", "zm_yunxi"]},
        "stalls": {"count": 0, "longest": 0.0},
        "observer": {
            "name": "embedded",
            "sees": {"en": "people, objects, motion, text", "zh": "人、物体、动静、文字"},
            "hosts": [],
        },
        "hosts": [],
        "lanes": [],
        "watches": [
            watch("w1", "Someone comes in", anchor, fired=4, last_fired=anchor.isoformat(), urgent=True, limits=LIMITS),
            watch(
                "w2", "Every 10 minutes: say the time", anchor, next_due=(anchor + timedelta(minutes=10)).isoformat()
            ),
            watch("w3", "The cup is moved", anchor, state="paused"),
        ],
        "tasks": [],
        "problems": [],
        "examples": {
            "en": ["tell me when someone comes in", "count the people", "remind me in 10 minutes"],
            "zh": ["有人进来时告诉我", "数一数有几个人", "十分钟后提醒我"],
        },
        "events": [],
        "max_sources": 4,
        "allow_files": False,
    }


def decision(make: Make, ago: float, action: str = "silence", **fields: Any) -> dict[str, Any]:
    quiet = {"lane": "camera", "text": "", "reason": "nothing that a watch asks for", "watch": None, "latency": 0.084}
    base = quiet | {"skipped": False, "late": False, "p_speak": None}
    return make("decision", ago=ago, action=action, **(base | fields))


def quiet(make: Make) -> Scene:
    """Two minutes of watching, as the strip shows them."""
    said = "Someone just came in, on the left."
    events: Scene = []
    for ago in range(119, -1, -1):
        if ago in (104, 105):
            events.append(make("person_speaking", ago=ago, active=ago == 105))
        if ago in (101, 58, 22):
            events.append(decision(make, ago, "speak", text=said, reason="watch w1 fired", watch="w1", latency=0.121))
        elif ago == 45:
            events.append(decision(make, ago, "delegate", reason="a task for the agent", latency=0.09))
        elif ago in (70, 71):
            events.append(decision(make, ago, late=True, reason="the observer took too long", latency=1.4))
        else:
            skipped = 62 < ago < 97 or 26 < ago < 41
            reason = "nothing changed in the picture" if skipped else "nothing that a watch asks for"
            asked: dict[str, Any] = {"latency": 0.0} if skipped else {"latency": 0.084, "p_speak": 0.034}
            events.append(decision(make, ago, skipped=skipped, reason=reason, **asked))
    return events


def watching(make: Make) -> Scene:
    lanes = [make("lane_changed", lane=lane, state="watching", detail="") for lane in ("camera", "Door")]
    return [*lanes, *quiet(make)]


def speaking(make: Make) -> Scene:
    return [
        make("transcript_final", ago=2, text="tell me when someone comes in", language="en", origin="voice"),
        make(
            "utterance_started",
            utterance=1,
            text="Someone just came in, on the left.",
            kind="alert",
            watch="w1",
            spoken=True,
        ),
    ]


def silent(make: Make) -> Scene:
    return [make("utterance_ended", utterance=1, heard="Someone just came in, on the left.", interrupted=False)]


CLIP = "20261123T140305-camera-0123abcd.webm"


def kept(make: Make) -> Scene:
    """The clip of an alert that is being told, or was just now."""
    event = make(
        "clip_kept", lane="camera", watch="w1", clip=CLIP, moment="m0", wording="Someone comes in", seconds=9.9
    )
    return [event | {"start": event["t"] - 10}]


def shown(make: Make) -> Scene:
    """The person asked to be shown something."""
    return [make("moment_shown", at="2026-11-23T14:03:05Z", text="Someone came in", lane="Door", clip=CLIP, picture="")]


def pictured(make: Make) -> Scene:
    return [make("moment_shown", at="2026-11-22T14:03:05Z", text="A cup", lane="Door", clip="", picture="m1.jpg")]


def interrupted(make: Make) -> Scene:
    return [{"type": "mute", "ms": 400}, make("utterance_ended", utterance=1, heard="Someone just", interrupted=True)]


def listening(make: Make) -> Scene:
    return [make("person_speaking", active=True), make("transcript_partial", text="tell me when")]


def understood(make: Make) -> Scene:
    return [make("transcript_partial", text="tell me when someone comes", stable="tell me when")]


def overheard(make: Make) -> Scene:
    return [make("overheard", text="what is for dinner")]


def listened(make: Make) -> Scene:
    return [make("person_speaking", active=False)]


def working(make: Make) -> Scene:
    return [
        make("task_submitted", ago=3, task="t1", question="17 % of 2,340, with the steps"),
        make("task_progress", task="t1", step="running Python", fraction=0.62),
    ]


def worked(make: Make) -> Scene:
    return [
        make(
            "task_done",
            task="t1",
            question="17 % of 2,340, with the steps",
            status="completed",
            text="17 % of 2,340 is 397.8.\n0.17 × 2,340 = 397.8",
            seconds=5.2,
            artefacts=("chart.png", "steps.txt"),
        )
    ]


def trouble(make: Make) -> Scene:
    return [
        make("lane_changed", lane="Door", state="down", detail=""),
        make(
            "problem",
            where="observer",
            message="The observer does not answer.",
            kept="Timers, memory and captions go on.",
            advice="Look whether its server runs; Lookout asks again every 5 seconds.",
            severity="error",
        ),
    ]


def recovered(make: Make) -> Scene:
    return [
        make("recovered", where="observer", message="The observer answers again."),
        make("lane_changed", lane="Door", state="watching", detail=""),
    ]


def poster(make: Make) -> Scene:
    """What a hostile poster in the picture would have the page do, everywhere that text can come."""
    evil = '<img src=x onerror="window.hacked=true">'
    return [
        make("transcript_final", text=evil, language="en", origin="voice"),
        make("utterance_started", utterance=9, text=f"It says {evil}", kind="answer", watch=None, spoken=True),
        make("task_submitted", task="t9", question=evil),
        make("task_progress", task="t9", step=evil, fraction=None),
        make("lane_changed", lane=evil, state="watching", detail=evil),
        make("problem", where=evil, message=evil, kept=evil, advice=evil, severity="error"),
        make(
            "watch_changed", change="armed", watch=watch("w9", evil, datetime.fromisoformat("2026-11-03T12:00+00:00"))
        ),
        decision(make, 0, "speak", text=evil, reason=evil),
        {"type": "refused", "message": evil, "advice": evil},
    ]


SCENES: dict[str, Callable[[Make], Scene]] = {
    scene.__name__: scene
    for scene in (
        watching,
        speaking,
        silent,
        kept,
        shown,
        pictured,
        interrupted,
        listening,
        listened,
        understood,
        overheard,
        working,
        worked,
        trouble,
        recovered,
        poster,
    )
}
