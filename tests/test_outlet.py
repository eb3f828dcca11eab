"""Outlets in the settings: mistakes are named, and keys are shown nowhere."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import app
from config import Outlet, Settings
from interaction.clock import wall_now
from interaction.outlets.alerting import make_sender
from interaction.outlets.base import NotDelivered, Sender
from interaction.outlets.messenger import message_of, title_of
from tests.house import START
from tests.receiver import SECRET, Answer, receive
from tests.test_outbox import alert

KEY = "KEYKEYKEY"
MANUAL = (Path(__file__).resolve().parents[1] / "docs" / "alerts.md").read_text(encoding="utf-8")


def made(url: str, **more: Any) -> Sender:
    given = Settings(_env_file=None, alerts={"send_s": 5.0})  # type: ignore[call-arg]
    return make_sender(Outlet(name="phone", url=url, **more), given)  # type: ignore[arg-type]


async def failure(sender: Sender) -> str:
    with pytest.raises(NotDelivered) as caught:
        await sender.send(alert(), b"picture", START)
    sender.close()
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"name": "a", "url": f"https://x.example/{KEY}"}, "a webhook is signed"),
        ({"name": "a", "url": f"https://x.example/{KEY}", "secret": KEY}, "a webhook is signed"),
        ({"name": "a", "url": f"https://x.example/{KEY}", "secret": "whsec_c2hvcnQ="}, "a webhook is signed"),
        ({"name": "a", "url": f"https://x.example/{KEY}", "secret": f"whsec_{KEY}!"}, "a webhook is signed"),
        ({"name": "a", "url": f"tgram://{KEY}/1", "secret": SECRET}, "only a webhook"),
        ({"name": "a", "url": f"tgrm://{KEY}/1"}, "url: apprise takes no such tgrm:// address"),
        ({"name": "a", "url": f"tgram://{KEY}"}, "url: apprise takes no such tgram:// address"),
        ({"name": "a", "url": f"{KEY}"}, "expected an address"),
        ({"name": "a", "url": f"ntfy://{KEY} here"}, "expected an address"),
        ({"name": "a", "url": f"ntfy://{KEY}\nx"}, "expected an address"),
        ({"name": "a", "url": "ntfy://" + KEY * 400}, "expected an address"),
        ({"name": "a", "url": f"https://:80/{KEY}", "secret": SECRET}, "no usable host"),
        ({"name": "a", "url": f"https://x:99999/{KEY}", "secret": SECRET}, "no usable host"),
        ({"name": "a", "url": f"https://[x/{KEY}", "secret": SECRET}, "no usable host"),
        ({"name": "", "url": f"ntfy://{KEY}"}, "name"),
        ({"name": "a\nb", "url": f"ntfy://{KEY}"}, "name"),
        ({"name": "a" * 41, "url": f"ntfy://{KEY}"}, "name"),
        ({"name": "a", "url": f"ntfy://{KEY}", "severity": KEY}, "severity"),
        ({"name": "a", "url": f"ntfy://{KEY}", "colour": KEY}, "colour"),
        ({"url": f"ntfy://{KEY}"}, "name"),
        ({"name": "a", "url": 5}, "url"),
        (KEY, "outlets.0"),
    ],
)
def test_a_mistake_is_named_without_the_key(body: Any, named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, outlets=[body])  # type: ignore[call-arg]
    assert named in str(caught.value)
    assert KEY not in str(caught.value) and KEY not in repr(caught.value)


def test_names_are_distinct_and_not_too_many() -> None:
    one = {"name": "a", "url": f"ntfy://{KEY}"}
    with pytest.raises(ValidationError, match="two are named 'a'"):
        Settings(_env_file=None, outlets=[one, one])  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="17 are too many"):
        Settings(_env_file=None, outlets=[one | {"name": f"a{n}"} for n in range(17)])  # type: ignore[call-arg]


@pytest.mark.parametrize("url", ["lookout.example", "ftp://x/", f"https://me:{KEY}@x/", f"https://x/?token={KEY}"])
def test_the_link_holds_no_password_and_no_token(url: str) -> None:
    with pytest.raises(ValidationError, match="the page's address") as caught:
        Settings(_env_file=None, public_url=url)  # type: ignore[call-arg]
    assert KEY not in str(caught.value)


def test_the_command_line_says_which_outlet_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOOKOUT_OUTLETS", json.dumps([{"name": "a", "url": f"https://x.example/{KEY}"}]))
    assert app.main(["doctor"]) == 2
    assert "LOOKOUT_OUTLETS__0: " in (said := capsys.readouterr().err) and "openssl rand" in said and KEY not in said
    monkeypatch.setenv("LOOKOUT_OUTLETS", json.dumps([{"name": "a", "url": f"tgram://{KEY}"}]))
    assert app.main(["serve"]) == 2
    assert "LOOKOUT_OUTLETS__0: " in (said := capsys.readouterr().err) and "no such tgram://" in said
    assert KEY not in said
    monkeypatch.setenv("LOOKOUT_OUTLETS", f'[{{"name": "a", "url": "ntfy://{KEY}"')
    assert app.main(["doctor"]) == 2
    assert "LOOKOUT_OUTLETS" in (said := capsys.readouterr().err) and "JSON" in said and KEY not in said


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    body = [{"name": "phone", "url": "NTFY://topic"}, {"name": "door", "url": "http://10.0.0.5:8/x", "secret": SECRET}]
    monkeypatch.setenv("LOOKOUT_OUTLETS", json.dumps(body))
    phone, door = Settings(_env_file=None).outlets  # type: ignore[call-arg]
    assert (phone.kind, phone.host, phone.severity, phone.picture) == ("ntfy", "ntfy (phone)", "all", True)
    assert (door.kind, door.host) == ("webhook", "10.0.0.5"), "one's own network is a fine place for a receiver"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(500), "it answered 500"),
        (Answer(302, {"location": "https://elsewhere.example/"}), "it answered 302, which is not followed"),
        (Answer(410), "it answered 410"),
        (Answer(404, size=10_000_000), "it answered 404"),
    ],
)
async def test_what_a_webhook_may_answer(answer: Answer, why: str) -> None:
    with receive(answer) as receiver:
        assert await failure(made(receiver.url, secret=SECRET)) == why
        assert len(receiver.posts) == 1


async def test_a_webhook_that_takes_it_is_not_read_to_the_end() -> None:
    with receive(Answer(200, size=10_000_000)) as receiver:
        await made(receiver.url, secret=SECRET).send(alert(), None, START)
        assert len(receiver.posts) == 1 and receiver.alerts[0]["picture"] is None


async def test_nobody_there() -> None:
    with receive() as receiver:
        url = receiver.url
    assert await failure(made(url, secret=SECRET)) == "it cannot be reached"
    assert await failure(made(url.replace("http://", "json://"))) == "json did not take it"


async def test_by_apprise_with_its_picture() -> None:
    with receive(Answer(200)) as receiver:
        sender = made(receiver.url.replace("http://", "json://"))
        urgent = alert(severity="urgent", link="https://lookout.example/", more=2, since=START)
        await sender.send(urgent, b"\xff\xd8\xffpicture", START)
        await sender.send(alert("<b>*x*</b> @everyone"), None, START)
        sender.close()
        first, second = receiver.alerts
        assert first["title"] == "Urgent: someone comes in" and first["type"] == "warning"
        assert first["message"].splitlines() == [
            "Someone came in. (2 more since 09:00)",
            "2026-11-23 09:00:00, door",
            "https://lookout.example/",
        ]
        (attached,) = first["attachments"]
        assert (attached["filename"], attached["mimetype"]) == ("picture.jpg", "image/jpeg")
        assert base64.b64decode(attached["base64"]) == b"\xff\xd8\xffpicture"
        assert second["attachments"] == [] and second["message"].startswith("<b>*x*</b> @everyone")


async def test_what_a_service_of_apprise_answers_is_told_by_its_number() -> None:
    with receive(Answer(403)) as receiver:
        assert await failure(made(receiver.url.replace("http://", "json://"))) == "json did not take it (error 403)"


@pytest.mark.real_time
async def test_a_webhook_that_hangs_is_given_up() -> None:
    with receive(Answer(hangs=True)) as receiver:
        given = Settings(_env_file=None, alerts={"send_s": 1.0})  # type: ignore[call-arg]
        outlet = Outlet(name="hook", url=receiver.url, secret=SECRET)  # type: ignore[arg-type]
        assert "did not answer" in await failure(make_sender(outlet, given))


@pytest.mark.real_time  # virtual time stands still while a thread works
async def test_a_service_that_hangs_is_given_up() -> None:
    with receive(Answer(hangs=True)) as receiver:
        sender = made(receiver.url.replace("http://", "json://") + "&rto=60")
        sender._seconds = 1.0  # type: ignore[attr-defined]
        with pytest.raises(NotDelivered, match="did not answer within 1 s"):
            await sender.send(alert(), None, START)
        receiver.closing.set()
        sender.close()


class Listener(logging.Handler):
    """What a program's own log would hold. (pytest's listens to loggers that hand nothing on, too.)"""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()}")


@pytest.fixture
def listener() -> Iterator[Listener]:
    root, listening = logging.getLogger(), Listener()
    level = root.level
    root.addHandler(listening)
    root.setLevel(logging.DEBUG)
    yield listening
    root.removeHandler(listening)
    root.setLevel(level)


async def test_nobody_logs_an_address(listener: Listener, capfd: pytest.CaptureFixture[str]) -> None:
    for answer in (Answer(200), Answer(500)):
        with receive(answer) as receiver:
            url = receiver.url.replace("hook", KEY)
            for sender in (made(url, secret=SECRET), made(url.replace("http://", "json://"))):
                try:
                    await sender.send(alert(), None, START)
                except NotDelivered as error:
                    assert KEY not in str(error)
                sender.close()
            assert len(receiver.posts) == 2
    await failure(made(f"json://127.0.0.1:1/{KEY}"))
    for url in (f"tgram://{KEY}", f"nosuchservice://{KEY}"):
        with pytest.raises(ValidationError):
            made(url)
    written = "\n".join([*listener.lines, *capfd.readouterr()])
    assert "httpcore" in written, "it does listen"
    assert KEY not in written and "hidden" not in written


def test_words_for_messengers_are_in_the_person_s_language() -> None:
    told = alert("有人进来了。", watch="有人进来", language="zh", severity="urgent", lane="门口")
    assert title_of(told) == "紧急：有人进来" and message_of(told) == "有人进来了。\n2026-11-23 09:00:00，门口"
    assert title_of(alert(watch="")) == "Lookout"


async def test_the_six_lines_of_the_manual_verify_a_real_post() -> None:
    code = MANUAL.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    with receive() as receiver:
        await made(receiver.url, secret=SECRET).send(alert(), b"picture", wall_now())
        await made(receiver.url, secret=SECRET).send(alert(), b"picture", START)
    (headers, body), (old, same) = receiver.posts
    verify = names["verify"]
    assert verify(SECRET, headers, body) and not verify(SECRET, headers, body + b" ")
    assert not verify(SECRET, old, same), "an old one that somebody kept"


def test_the_addresses_of_the_manual_are_apprise_s() -> None:
    import apprise

    table = MANUAL.split("## To a messenger")[1].split("## To a webhook")[0]
    urls = re.findall(r"`([a-z]+://[^`]+)`", table)
    known = {url for url in urls if apprise.Apprise.instantiate(_filled(url)) is not None}
    assert len(urls) == 10 and set(urls) == known


def _filled(url: str) -> str:
    """With tokens of the length that the services give."""
    lengths = {
        "bot-token": "123456789:abcdefg_hijklmnop",
        "chat-id": "12315544",
        "token-a": "T1JJ3T3L2",
        "token-b": "A1BRTD4JD",
        "token-c": "TIiajkdnlazkcOXrIdevi7FQ",
        "user-key": "u" * 30,
        "app-token": "a" * 30,
        "+4912345": "+491234567890",
        "+4967890": "+496789012345",
    }
    for name, token in lengths.items():
        url = url.replace(name, token)
    return url
