"""Alerts from an event to a receiver: a whole session, a real receiver on loopback, restarts, and what goes wrong."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config import Outlet, Settings
from interaction.clock import Clock, wall_now
from interaction.events import AlertDelivered, Alerted, AreasChanged, Problem, Recovered
from interaction.outlets.alert import Alert, new_id
from interaction.outlets.alerting import Alertings, MakeSender, make_sender
from interaction.outlets.base import Sender
from interaction.outlets.collecting import link_to
from interaction.outlets.shelf import Shelf, Waiting
from interaction.services import CommandRefused
from interaction.sources.base import Frame, SourceError
from tests.house import IMAGE, START, Eyes, Home, Stream, home, saw
from tests.receiver import SECRET, Answer, Receiver, receive, verified


def outlet(receiver: Receiver, name: str = "hook", **more: Any) -> dict[str, Any]:
    return {"name": name, "url": receiver.url, "secret": SECRET, **more}


def settings(*outlets: dict[str, Any], **more: Any) -> Settings:
    return Settings(_env_file=None, outlets=outlets, **more)  # type: ignore[call-arg]


@asynccontextmanager
async def watched(
    given: Settings, folder: Path, eyes: dict[float, Any] | None = None, make: MakeSender = make_sender
) -> AsyncIterator[tuple[Home, Alertings]]:
    """A session whose alerts go out; everything is closed in the house's order."""
    alertings = Alertings(given, make)
    alerting = alertings.of(folder)
    beside = {"alerts": alerting.work}
    try:
        async with home(
            settings=given,
            eyes=lambda: Eyes(eyes or {}),
            source=Stream(60, live=True),
            beside=beside,
            alerting=alerting,
        ) as place:
            yield place, alertings
    finally:
        alertings.leave(folder)
        await alertings.aclose()


async def test_a_fired_watch_reaches_a_webhook_signed_with_its_picture(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver), public_url="https://lookout.example/")
        async with watched(given, tmp_path, dict([saw(4.0, "arrived")])) as (place, _):
            place.session.request("tell me when someone comes in")
            await place.until(8)
            (alert,) = receiver.alerts
            headers, body = receiver.posts[0]
            assert verified(headers, body) and not verified(headers, body + b" ")
            assert alert["id"] == headers["webhook-id"] and alert["type"] == "alert"
            assert (alert["lane"], alert["severity"], alert["more"]) == ("camera", "normal", 0)
            assert alert["text"] == place.texts()[-1] and alert["watch"] == place.of(Alerted)[0].wording
            spoke = next(decision.t for decision in place.decided() if decision.lane)
            when = at(spoke).isoformat(timespec="milliseconds").removesuffix("+00:00").replace(":", "%3A")
            assert alert["link"] == f"https://lookout.example/?moment={when}Z&lane=camera"
            assert base64.b64decode(alert["picture"])[:3] == b"\xff\xd8\xff"
            (delivered,) = place.of(AlertDelivered)
            assert (delivered.outlet, delivered.status) == ("hook", "delivered")
            assert list((tmp_path / "outbox").iterdir()) == []
            shown = place.session.snapshot()["outlets"]
            assert shown[0]["last"]["status"] == "delivered" and "hidden" not in json.dumps(shown)


async def test_a_receiver_that_fails_is_tried_again_with_the_same_id_and_the_person_sees_it(tmp_path: Path) -> None:
    with receive(Answer(500), Answer(503, size=10_000_000), Answer(204)) as receiver:
        async with watched(settings(outlet(receiver)), tmp_path, dict([saw(4.0, "arrived")])) as (place, _):
            place.session.request("tell me when someone comes in")
            await place.until(30)
            assert len(receiver.posts) == 3 and len(set(receiver.ids)) == 1
            assert len({body for _, body in receiver.posts}) == 1
            assert all(verified(*post) for post in receiver.posts)
            assert [event.status for event in place.of(AlertDelivered)] == ["waiting", "delivered"]
            (problem,) = [event for event in place.of(Problem) if event.where == "outlet hook"]
            assert "it answered 500" in problem.message and "hidden" not in problem.message
            assert [event.where for event in place.of(Recovered)] == ["outlet hook"]


class Hangs(Sender):
    """Takes the alert and never comes back, until it is given up."""

    async def send(self, alert: Alert, picture: bytes | None, now: datetime) -> None:
        await asyncio.Event().wait()


async def test_a_receiver_that_hangs_delays_no_tick(tmp_path: Path) -> None:
    given = settings({"name": "hook", "url": "https://x.example/", "secret": SECRET})
    async with watched(given, tmp_path, dict([saw(4.0, "arrived")]), make=lambda *_: Hangs()) as (place, _):
        place.session.request("tell me when someone comes in")
        await place.until(20)
        assert place.of(Alerted)
        times = sorted(event.t for event in place.decided("silence") + place.decided() if event.lane)
        assert max(later - earlier for earlier, later in pairwise(times)) < 1.3, "on virtual time"


async def test_what_was_not_taken_is_delivered_after_a_restart(tmp_path: Path) -> None:
    with receive(Answer(500), Answer(500), Answer(500), Answer(204)) as receiver:
        given, ann = settings(outlet(receiver)), tmp_path / "ann"
        async with watched(given, ann, dict([saw(2.0, "arrived")])) as (place, _):
            place.session.request("tell me when someone comes in")
            await place.until(4)
        assert receiver.posts and len(list((ann / "outbox").iterdir())) == 2
        first = receiver.posts[0]
        alertings = Alertings(given)
        await alertings.resume(tmp_path)  # nobody is there
        await Clock().sleep_until(60)
        await alertings.aclose()
        assert set(receiver.ids) == {first[0]["webhook-id"]} and receiver.posts[-1][1] == first[1]
        assert len(receiver.posts) == 4 and list((ann / "outbox").iterdir()) == []


async def test_an_alert_of_a_session_that_ends_is_not_lost(tmp_path: Path) -> None:
    with receive(Answer(500), Answer(204)) as receiver:
        given = settings(outlet(receiver))
        alertings = Alertings(given)
        alerting = alertings.of(tmp_path)
        async with home(settings=given, source=Stream(60, live=True), beside={"alerts": alerting.work}) as place:
            await place.until(1)
            alerting.test(place.session, "hook")
        alertings.leave(tmp_path)
        assert alertings.of(tmp_path) is alerting, "it lives on while something waits"
        alertings.leave(tmp_path)
        await Clock().sleep_until(20)
        assert len(receiver.posts) == 2 and len(set(receiver.ids)) == 1
        alertings.leave(tmp_path)
        assert alertings.of(tmp_path) is not alerting, "and not longer"
        await alertings.aclose()


async def test_two_sessions_of_a_person_share_one_outbox(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver))
        async with watched(given, tmp_path, dict([saw(4.0, "arrived")])) as (place, alertings):
            alerting = alertings.of(tmp_path)
            assert alerting is place.session.services.alerting
            async with home(settings=given, beside={"alerts": alerting.work}, alerting=alerting) as other:
                place.session.request("tell me when someone comes in")
                await place.until(8)
                await other.until(9)
                assert len(receiver.posts) == 1
                assert [event.status for event in other.of(AlertDelivered)] == ["delivered"]


async def test_the_test_button(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver), outlet(receiver, "other", picture=False))
        async with watched(given, tmp_path) as (place, _):
            await place.until(2)
            place.session.command("outlet_test", name="other")
            with pytest.raises(CommandRefused, match="no outlet named 'nobody'"):
                place.session.command("outlet_test", name="nobody")
            with pytest.raises(CommandRefused, match="still on its way"):
                place.session.command("outlet_test", name="other")
            await place.until(4)
            (alert,) = receiver.alerts
            assert "test alert" in alert["text"] and alert["picture"] is None and alert["watch"] == ""
            (delivered,) = place.of(AlertDelivered)
            assert delivered.outlet == "other" and not place.of(Alerted)


async def test_what_is_an_alert_and_what_is_not(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver), outlet(receiver, "urgent only", severity="urgent"))
        events = dict([saw(12.0, "arrived"), saw(14.0, "text_changed", text="Next")])
        async with watched(given, tmp_path, events) as (place, _):
            for wish in (
                "comment on what happens",
                "when it says Next, tell me step 2",
                "remind me in ten seconds to take the tea out",
                "right away, remind me in five seconds to call",
                "every five seconds tell me what you see",
            ):
                place.session.request(wish)
            await place.until(30)
            told = sorted((alert["severity"], alert["text"].casefold()) for alert in receiver.alerts)
            assert [severity for severity, _ in told] == ["normal", "urgent", "urgent"]
            assert "step 2" in told[0][1] and "call" in told[1][1] and told[1] == told[2], told


async def test_no_outlet_sends_nothing_and_the_page_still_hears(tmp_path: Path) -> None:
    async with watched(settings(), tmp_path, dict([saw(4.0, "arrived")])) as (place, _):
        place.session.request("tell me when someone comes in")
        await place.until(8)
        assert [event.lane for event in place.of(Alerted)] == ["camera"]
        assert place.of(AlertDelivered) == [] and not (tmp_path / "outbox").exists()
        assert place.session.snapshot()["outlets"] == []


async def test_without_an_outlet_what_waits_is_said_kept_for_a_day_without_pictures_and_forgotten_when_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf(tmp_path / "people" / "local" / "outbox")
    for hours in (0.5, 1, 30):
        at = wall_now() - timedelta(hours=hours)
        told = Alert(new_id(), at, "Someone came in.", "door", "someone comes in", "normal", "en")
        shelf.keep(Waiting(told, {"phone"}), b"picture")
    alertings = Alertings(settings())
    await alertings.resume(tmp_path / "people")
    assert caplog.messages[0].startswith("2 alerts wait on disk, and no outlet is configured")
    assert len(list((tmp_path / "people" / "local" / "outbox").iterdir())) == 2
    await alertings.of(tmp_path / "people" / "local").forget()
    assert not list((tmp_path / "people" / "local" / "outbox").iterdir())
    await alertings.resume(tmp_path / "people")
    assert len(caplog.messages) == 1


async def test_the_receivers_are_named_as_such() -> None:
    from interaction.backends import hosts

    given = settings(
        {"name": "door", "url": "https://hooks.example:8443/x/KEY", "secret": SECRET},
        {"name": "phone", "url": "tgram://123456:KEY/42", "picture": False},
    )
    assert hosts(given) == {"hooks.example": "pictures, text", "tgram (phone)": "text"}


def test_senders_hold_what_they_send_with_to_themselves() -> None:
    given = settings({"name": "phone", "url": "ntfy://topic-KEY"})
    sender = make_sender(Outlet(name="phone", url="ntfy://topic-KEY"), given)  # type: ignore[arg-type]
    assert "KEY" not in repr(sender) + repr(given) + str(given.outlets) + given.model_dump_json()


async def test_the_rooms_give_all_sessions_of_a_person_one_outbox(tmp_path: Path) -> None:
    from rooms import Rooms

    given = settings({"name": "phone", "url": "ntfy://topic"}, data_dir=tmp_path, observer="embedded")
    rooms = Rooms(given, voice=False, hearing=False)
    first, second, other = rooms.session("1", "ann"), rooms.session("2", "ann"), rooms.session("3", "bob")
    alerting = first.services.alerting
    assert alerting is not None and alerting is second.services.alerting is not other.services.alerting
    assert set(first.services.beside) >= {"alerts"}
    for session in (first, second, other):
        await session.aclose()
    assert rooms.session("4", "ann").services.alerting is not alerting, "who left holds nothing open"
    await rooms.aclose()


async def test_a_mask_that_is_drawn_while_the_outlets_change_takes_the_pictures(tmp_path: Path) -> None:
    with receive(Answer(500), Answer(500), Answer(204)) as receiver:
        given = settings(outlet(receiver))
        async with watched(given, tmp_path, dict([saw(4.0, "arrived")])) as (place, alertings):
            place.session.request("tell me when someone comes in")
            while not place.of(Alerted):
                await place.until(place.session.now() + 0.5)
            alerting = alertings.of(tmp_path)
            (collector,) = alerting._collectors.values()
            changing = asyncio.create_task(alerting.change(given))
            await asyncio.sleep(0)
            alert, picture = collector.test()
            assert picture and alerting._held is not None
            alerting._held.append((alert, picture))
            sent = len(receiver.posts)
            alerting._take(collector, AreasChanged(t=5.0, lane="camera", zones=[], masks=[], hides_more=True))
            await changing
            await place.until(40)
            after = receiver.alerts[sent:]
            assert len({alert["id"] for alert in after}) == 2 and not any(alert["picture"] for alert in after)


def at(t: float) -> datetime:
    return START + timedelta(seconds=t)


BRIEF = [saw(2.0, "text_changed", text="5"), saw(6.0, "text_changed", text="FIRE")]


async def test_news_that_comes_too_soon_is_sent_at_the_end_of_the_gap_with_its_own_picture(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver))
        async with watched(given, tmp_path, dict(BRIEF)) as (place, _):
            place.session.request("tell me when the text changes")
            await place.until(11)
            assert len(receiver.posts) == 1
            await place.until(14)
            first, second = receiver.alerts
            assert "5" in first["text"] and "FIRE" in second["text"] and second["more"] == 0
            spoke = [decision.t for decision in place.decided() if "FIRE" in decision.text and decision.lane]
            assert second["time"] == at(spoke[0]).isoformat(timespec="milliseconds"), "when it happened"
            assert base64.b64decode(second["picture"])[:3] == b"\xff\xd8\xff"
            assert [event.text for event in place.of(Alerted)] == [first["text"], second["text"]]


async def test_what_is_held_back_is_sent_when_the_session_ends_without_what_a_mask_hides(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver))
        async with watched(given, tmp_path, dict(BRIEF)) as (place, _):
            place.session.request("tell me when the text changes")
            await place.until(8)
            place.session.command("areas", lane="camera", zones=[], masks=[[[0, 0], [1, 0], [1, 1], [0, 1]]])
            await place.until(8.5)
            await place.session.aclose()
            await Clock().sleep_until(1)
            assert [bool(alert["picture"]) for alert in receiver.alerts] == [True, False]
            assert "FIRE" in receiver.alerts[1]["text"]


async def test_what_is_held_back_is_forgotten_with_the_rest(tmp_path: Path) -> None:
    with receive() as receiver:
        async with watched(settings(outlet(receiver)), tmp_path, dict(BRIEF)) as (place, alertings):
            place.session.request("tell me when the text changes")
            await place.until(8)
            await alertings.of(tmp_path).forget()
            await place.until(20)
            assert len(receiver.posts) == 1


class Cable(Stream):
    """A network camera whose cable is out from second `out` to `back`."""

    retry, must_open = True, False

    def __init__(self, out: float, back: float, lane: str = "door") -> None:
        super().__init__(0, lane=lane, live=True)
        self._out, self._back = out, back

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        while not self._out <= now() < self._back:
            await asyncio.sleep(0.5)
            yield Frame(now(), IMAGE)
        raise SourceError("no route")


def said_of(receiver: Receiver) -> list[tuple[str, str, str]]:
    return [(alert["watch"], alert["lane"], alert["text"]) for alert in receiver.alerts]


async def test_a_camera_that_dies_is_told_once_and_once_when_it_is_back(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver), outlet(receiver, "urgent only", severity="urgent"))
        async with watched(given, tmp_path) as (place, _):
            place.session.add_lane(Cable(30.0, 900.0))
            await place.until(85)
            assert receiver.posts == []
            await place.until(95)
            lost = ("a source is down", "door", "Nothing has been seen from door since 09:00.")
            assert said_of(receiver) == [lost]
            assert receiver.alerts[0]["picture"] is None and receiver.alerts[0]["severity"] == "normal"
            assert [(event.lane, event.watch, event.text) for event in place.of(Alerted)] == [("door", "", lost[2])]
            await place.until(880)
            assert len(receiver.posts) == 1, "not again while it stays away"
            await place.until(910)
            back = "door is back. Nothing was seen from it from 09:00 to 09:15."
            assert said_of(receiver) == [lost, ("a source is back", "door", back)]
            place.session.command("outlet_test", name="hook")  # such an alert is no test that is on its way


async def test_a_short_outage_wakes_nobody_and_one_at_the_start_counts_from_there_in_chinese(tmp_path: Path) -> None:
    with receive() as receiver:
        async with watched(settings(outlet(receiver), language="zh"), tmp_path) as (place, _):
            place.session.add_lane(Cable(10.0, 60.0, "前门"))
            place.session.add_lane(Cable(0.0, 1e9, "厨房"))
            await place.until(55)
            assert receiver.posts == []
            await place.until(200)
            assert said_of(receiver) == [("来源没有画面", "厨房", "从 09:00 起看不到“厨房”了。")]


@pytest.mark.parametrize("order", ["pause", "remove", "everything", "off"])
async def test_a_source_that_somebody_paused_or_removed_is_not_missed(tmp_path: Path, order: str) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver), alerts={"down_s": 0 if order == "off" else 60})
        async with watched(given, tmp_path) as (place, _):
            place.session.add_lane(Cable(10.0, 500.0))
            await place.until(40)
            if order == "everything":
                place.session.command("pause")
            elif order != "off":
                place.session.command("source", op=order, name="door")
            await place.until(300)
            assert receiver.posts == []
            if order == "everything":
                place.session.command("resume")
                await place.until(310)
                assert [watch for watch, _, _ in said_of(receiver)] == ["a source is down"]


async def test_another_source_of_the_same_name_is_another_source(tmp_path: Path) -> None:
    with receive() as receiver:
        async with watched(settings(outlet(receiver)), tmp_path) as (place, _):
            place.session.add_lane(Cable(0.0, 500.0))
            await place.until(50)
            place.session.remove_lane("door")
            await place.until(52)
            place.session.add_lane(Cable(0.0, 500.0))
            await place.until(100)
            assert receiver.posts == []
            await place.until(115)
            assert [watch for watch, _, _ in said_of(receiver)] == ["a source is down"]


async def test_a_source_that_is_missed_survives_a_receiver_that_fails_and_a_restart(tmp_path: Path) -> None:
    with receive(Answer(500), Answer(204)) as receiver:
        given, ann = settings(outlet(receiver), alerts={"down_s": 5}), tmp_path / "ann"
        async with watched(given, ann) as (place, _):
            place.session.add_lane(Cable(1.0, 500.0))
            await place.until(7)
        alertings = Alertings(given)
        await alertings.resume(tmp_path)
        await Clock().sleep_until(10)
        await alertings.aclose()
        assert len(receiver.posts) == 2 and len(set(receiver.ids)) == 1


def test_the_link_leads_to_the_moment() -> None:
    when = "2026-11-23T09%3A00%3A00.000Z"
    assert link_to("https://x.example", START, "前门 a&b") == (
        f"https://x.example/?moment={when}&lane=%E5%89%8D%E9%97%A8%20a%26b"
    )
    assert link_to("https://x.example/eyes/#a", START.astimezone(timezone(timedelta(hours=8))), "door") == (
        f"https://x.example/eyes/?moment={when}&lane=door"
    )
    assert link_to("https://x.example/", START, "") == "https://x.example/" and link_to("", START, "door") == ""
