"""What passes the doors and what does not: in process, without sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from config import Settings
from interaction.web.doors import Doors, check_binding
from interaction.web.passes import LOCAL, Passes

TOKEN = "a-token-that-is-long-enough"
HERE = "http://127.0.0.1:7860"


class Inside:
    """The room behind the doors: remembers who came in and with what."""

    def __init__(self) -> None:
        self.visits: list[tuple[Scope, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.visits.append((scope, b""))
            await send({"type": "websocket.accept"})
            return
        body, more = b"", True
        while more and scope["method"] != "GET":
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.visits.append((scope, body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


def house(**values: Any) -> tuple[Doors, Inside, Passes]:
    chosen = Settings(_env_file=None, **values)
    inside, passes = Inside(), Passes(chosen)
    return Doors(inside, settings=chosen, passes=passes, policy="default-src 'self'"), inside, passes


def visitor(doors: Doors, base: str = HERE) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(doors), base_url=base)


async def knock(doors: Doors, headers: dict[str, str], path: str = "/ws") -> str:
    """Open a WebSocket; returns the type of the answer."""
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {"type": "websocket", "path": path, "scheme": "ws", "query_string": b"", "headers": raw}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    await doors(scope, receive, send)
    return str(sent[0]["type"])


HOSTS = {
    "127.0.0.1:7860": 200,
    "localhost": 200,
    "LOCALHOST:7860": 200,
    "[::1]:7860": 200,
    "evil.example": 421,
    "127.0.0.1.evil.example": 421,
    "localhost.": 421,
    "evil.example:7860@localhost": 421,
    "localhost, evil.example": 421,
    "0.0.0.0:7860": 421,
    "": 421,
}


@pytest.mark.parametrize(("host", "status"), HOSTS.items())
async def test_only_known_names_are_answered(host: str, status: int) -> None:
    doors, inside, _ = house(web={"host": "0.0.0.0"})
    answer = await visitor(doors).get("/", headers={"host": host})
    assert answer.status_code == status
    assert len(inside.visits) == (status == 200)


async def test_more_names_can_be_configured() -> None:
    doors, _, _ = house(web={"hosts": ["Cam.Example"], "host": "192.168.1.9"})
    for name in ("cam.example", "192.168.1.9:7860"):
        assert (await visitor(doors).get("/", headers={"host": name})).status_code == 200


ORIGINS = {
    HERE: 200,
    "https://127.0.0.1:7860": 200,  # behind a proxy that ends TLS
    "http://127.0.0.1:3000": 403,  # another program on this machine: cookies do not know ports
    "http://localhost:7860": 403,  # another site than 127.0.0.1
    "http://127.0.0.1": 403,
    "https://evil.example": 403,
    "null": 403,
    "http://127.0.0.1:7860.evil.example": 403,
    "http://127.0.0.1:7860/": 403,
    "file://": 403,
    "https://trusted.example": 200,
}


@pytest.mark.parametrize(("origin", "status"), ORIGINS.items())
async def test_only_our_own_page_changes_anything(origin: str, status: int) -> None:
    doors, inside, _ = house(web={"origins": ["https://trusted.example/"]})
    async with visitor(doors) as client:
        for method in ("POST", "DELETE", "PUT", "GET"):
            answer = await client.request(method, "/api/memory", headers={"origin": origin})
            assert answer.status_code == status, method
        socket = await knock(doors, {"host": "127.0.0.1:7860", "origin": origin})
    assert socket == ("websocket.accept" if status == 200 else "websocket.close")
    assert len(inside.visits) == (5 if status == 200 else 0)


async def test_without_an_origin_one_may_read_but_not_change_and_not_open_a_socket() -> None:
    doors, _, _ = house()
    async with visitor(doors) as client:
        assert (await client.get("/api/memory")).status_code == 200
        refused = await client.post("/api/memory")
        assert refused.status_code == 403
        assert set(refused.json()["error"]) == {"message", "kept", "advice"}
    assert await knock(doors, {"host": "127.0.0.1:7860"}) == "websocket.close"
    assert await knock(doors, {"host": "evil.example", "origin": "http://evil.example"}) == "websocket.close"


async def test_two_host_or_origin_headers_are_no_way_in() -> None:
    doors, _, _ = house()
    async with visitor(doors) as client:
        twice = [("host", "127.0.0.1:7860"), ("host", "evil.example")]
        assert (await client.get("/", headers=twice)).status_code == 421
        twice = [("origin", HERE), ("origin", "http://evil.example")]
        assert (await client.post("/", headers=twice)).status_code == 403


async def test_locally_everyone_is_one_person_with_a_session_cookie_issued_here() -> None:
    doors, inside, passes = house()
    async with visitor(doors) as client:
        first = await client.get("/")
        cookie = first.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Secure" not in cookie
        assert "set-cookie" not in (await client.get("/")).headers, "it is kept"
        renewed = await client.post("/api/session", headers={"origin": HERE})
        assert renewed.headers["set-cookie"] == cookie, "the same, for another day"
        await client.get("/api/memory")
    issued, *later = (scope["visitor"] for scope, _ in inside.visits)
    assert issued.person == LOCAL and issued.session
    assert later == [issued] * 3
    made_up = {passes.session_cookie: "0123.4567"}
    async with visitor(doors) as client:
        client.cookies.update(made_up)
        await client.get("/api/memory")
        assert inside.visits[-1][0]["visitor"].session is None
        await client.post("/api/session", headers={"origin": HERE})
        assert inside.visits[-1][0]["visitor"].session not in (None, "0123")


async def test_the_token_opens_once_and_disappears_from_the_address() -> None:
    doors, inside, _ = house(token=TOKEN)
    async with visitor(doors) as client:
        for path in ("/", "/api/memory", "/page/main.js", "/assets/index.js"):
            assert (await client.get(path)).status_code == 401, path
        assert (await client.get("/", params={"token": TOKEN[:-1] + "x"})).status_code == 401
        assert await knock(doors, {"host": "127.0.0.1:7860", "origin": HERE}) == "websocket.close"
        assert not inside.visits
        opened = await client.get("/", params={"token": TOKEN, "lang": "zh"})
        assert opened.status_code == 303
        assert opened.headers["location"] == "/?lang=zh"
        assert TOKEN not in str(opened.headers)
        assert (await client.get("/")).status_code == 200
        await client.get("/api/memory")
    person = inside.visits[0][0]["visitor"].person
    assert person != LOCAL and len(person) == 32
    async with visitor(doors) as other:
        await other.get("/", params={"token": TOKEN})
        await other.get("/")
    assert inside.visits[-1][0]["visitor"].person != person, "two browsers are two people"


async def test_a_person_is_known_after_a_restart_but_not_after_a_change_of_the_token() -> None:
    before, _, _ = house(token=TOKEN)
    after, _, _ = house(token=TOKEN)
    changed, _, _ = house(token=TOKEN + "!")
    async with visitor(before) as client:
        await client.get("/", params={"token": TOKEN})
        jar = dict(client.cookies)
    for doors, status in ((after, 200), (changed, 401)):
        async with visitor(doors) as client:
            client.cookies.update(jar)
            assert (await client.get("/api/memory")).status_code == status


async def test_a_session_cookie_is_bound_to_its_person() -> None:
    doors, inside, passes = house(token=TOKEN)
    jars = []
    for _ in range(2):
        async with visitor(doors) as client:
            await client.get("/", params={"token": TOKEN})
            await client.get("/")
            jars.append(dict(client.cookies))
    async with visitor(doors) as thief:
        stolen = {passes.session_cookie: jars[0][passes.session_cookie]}
        thief.cookies.update({**jars[1], **stolen})
        await thief.get("/api/memory")
    assert inside.visits[-1][0]["visitor"].session is None


async def test_a_link_from_elsewhere_arrives_although_strict_cookies_do_not_come_along() -> None:
    doors, inside, _ = house(token=TOKEN)
    async with visitor(doors) as client:
        answer = await client.get("/", headers={"sec-fetch-site": "cross-site", "accept": "text/html"})
    assert answer.status_code == 200 and 'content="0;url=/"' in answer.text
    assert not inside.visits and "set-cookie" not in answer.headers
    async with visitor(doors) as client:
        hostile = await client.get("/", params={"x": '"><script>'}, headers={"sec-fetch-site": "cross-site"})
    assert "<script>" not in hostile.text


async def test_a_locked_door_is_a_page_for_a_person_in_their_language() -> None:
    doors, _, _ = house(token=TOKEN)
    async with visitor(doors) as client:
        page = await client.get("/", headers={"accept": "text/html", "accept-language": "zh-CN,en;q=0.5"})
    assert page.status_code == 401 and "上锁" in page.text and "?token=" in page.text


async def test_every_answer_carries_the_security_headers() -> None:
    doors, _, _ = house()
    async with visitor(doors) as client:
        for answer in (await client.get("/"), await client.post("/x"), await client.get("/", headers={"host": "evil"})):
            assert answer.headers["content-security-policy"] == "default-src 'self'"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
            assert answer.headers["referrer-policy"] == "no-referrer"


async def test_a_fault_inside_is_logged_and_answered_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    doors, inside, _ = house()
    inside.visits = None  # type: ignore[assignment]
    async with visitor(doors) as client:
        answer = await client.get("/", headers={"accept-language": "zh"})
    assert answer.status_code == 500 and "日志" in answer.json()["error"]["advice"]
    assert "NoneType" in caplog.text and "NoneType" not in answer.text
    assert answer.headers["content-security-policy"]


async def test_a_query_of_many_fields_is_refused_and_no_fault() -> None:
    doors, inside, _ = house()
    async with visitor(doors) as client:
        answer = await client.get("/?" + "a=1&" * 1000)
        assert answer.status_code == 400 and not inside.visits
        ids = "&".join(f"id=m{n}" for n in range(200))
        forgotten = await client.delete(f"/api/memory?{ids}", headers={"origin": HERE})
    assert forgotten.status_code == 200 and len(inside.visits) == 1


async def test_health_needs_no_token_but_a_known_name() -> None:
    doors, _, _ = house(token=TOKEN)
    async with visitor(doors) as client:
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/health", headers={"host": "evil.example"})).status_code == 421


async def test_a_body_passes_whole_up_to_its_bound_and_not_beyond() -> None:
    doors, inside, _ = house(web={"body_bytes": 1000})

    async def dripping(pieces: int) -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield b"x" * 100

    async with visitor(doors) as client:
        headers = {"origin": HERE}
        assert (await client.post("/", content=b"y" * 1000, headers=headers)).status_code == 200
        assert inside.visits[-1][1] == b"y" * 1000
        assert (await client.post("/", content=dripping(10), headers=headers)).status_code == 200
        assert inside.visits[-1][1] == b"x" * 1000
        for content in (b"y" * 1001, dripping(11)):
            assert (await client.post("/", content=content, headers=headers)).status_code == 413
        for length in (b"-1", b"1e3", b"99999999999999999999", b"\xb2"):
            answer = await client.post("/", headers={b"origin": HERE.encode(), b"content-length": length})
            assert answer.status_code == 413
    assert len(inside.visits) == 2


BINDINGS = {
    ("127.0.0.1", ""): True,
    ("localhost", ""): True,
    ("::1", ""): True,
    ("127.8.8.8", ""): True,
    ("0.0.0.0", ""): False,
    ("::", ""): False,
    ("192.168.1.9", ""): False,
    ("cam.example", ""): False,
    ("0.0.0.0", "tiny-one"): False,
    ("127.0.0.1", "tiny-one"): False,
    ("0.0.0.0", TOKEN): True,
}


@pytest.mark.parametrize(("binding", "may"), BINDINGS.items())
def test_another_host_needs_a_token_worth_the_name(binding: tuple[str, str], may: bool) -> None:
    host, token = binding
    refusal = check_binding(Settings(_env_file=None, token=token, web={"host": host}))
    assert (refusal is None) == may
    assert refusal is None or ("LOOKOUT_TOKEN" in refusal and (not token or token not in refusal))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["", TOKEN]))
def test_no_made_up_cookie_is_ever_accepted(cookie: str, token: str) -> None:
    passes = Passes(Settings(_env_file=None, token=token))
    assert passes.session(cookie, LOCAL) is None
    if token:
        assert passes.person(cookie) is None
        assert not passes.opens(cookie)
