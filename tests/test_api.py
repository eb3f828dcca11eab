"""Routes, channel and shell of a real house on a real port."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from config import Settings
from interaction.events import Decision
from interaction.web.ui import build_ui
from memory.store import MemoryFault
from tests.webrtc_client import House, Visitor, until

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    for path in ("pictures/p1.jpg", "pictures/evil.html", "artefacts/t1/out.html", "secret.jpg"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"<script>")
    (folder / "pictures" / "link.jpg").symlink_to(folder / "secret.jpg")
    ui = build_ui(Settings(_env_file=None))
    with House(folder, ui, web={"sessions": 60, "kept": 80}).open() as opened:
        yield opened


async def test_the_shell_asks_nobody_outside_and_runs_nothing_inline(house: House) -> None:
    visitor = Visitor(house)
    page = await visitor.http.get("/", headers={"accept-encoding": "gzip, br"})
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "HttpOnly" in page.headers["set-cookie"]
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert not [url for url in named if "//" in url]
    for url in named:
        assert (await visitor.http.get("/" + url.removeprefix("./").lstrip("/"))).status_code == 200, url
    await visitor.leave()


OPEN = ["/config", "/theme.css", "/favicon.ico", "/gradio_api/info", "/page/main.js"]
CLOSED = [
    "/gradio_api/upload",
    "/gradio_api/upload_progress",
    "/file=/etc/passwd",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file/etc/passwd",
    "/gradio_api/proxy=http://192.0.2.1",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data",
    "/gradio_api/run/predict",
    "/gradio_api/call/predict",
    "/gradio_api/component_server",
    "/gradio_api/heartbeat/a",
    "/gradio_api/startup-events",
    "/gradio_api/stream/a",
    "/gradio_api/vibe-code",
    "/gradio_api/deep_link",
    "/login",
    "/logout",
    "/monitoring",
    "/gradio_api/dev/reload",
    "/gradio_api/custom_component/a/client/component/x.js",
    "/svelte/x.js",
    "/pwa_icon",
    "/api/predict",
    "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
]


async def test_of_gradio_only_its_page_is_open(house: House) -> None:
    visitor = Visitor(house)
    for path in OPEN:
        assert (await visitor.http.get(path)).status_code == 200, path
    for path in CLOSED:
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = await visitor.http.request(method, path)
            assert answer.status_code in (403, 404, 405), f"{method} {path}"
    await visitor.leave()


async def test_a_channel_is_refused_to_other_pages_other_names_and_without_a_cookie(house: House) -> None:
    visitor = Visitor(house)
    await visitor.http.post("/api/session")
    url = f"ws://{house.address}/ws"
    cookie = {"Cookie": visitor.cookie_header()}
    for origin, headers in (
        ("http://evil.example", cookie),
        (None, cookie),
        (visitor.origin, {}),
        (visitor.origin, {"Cookie": "lookout_session_7860=aa.bb"}),
    ):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, origin=origin, additional_headers=headers, proxy=None)  # type: ignore[arg-type]
        assert refused.value.response.status_code == 403
    await visitor.leave()


async def test_a_message_of_more_than_64_kib_closes_the_channel(house: House) -> None:
    visitor = Visitor(house)
    session = await visitor.enter()
    await visitor.say(type="say", text="x" * 1000)
    await until(lambda: session.requests)
    await visitor.socket.send(json.dumps({"type": "say", "text": "x" * 70_000}))
    with pytest.raises(ConnectionClosed):
        await visitor.socket.wait_closed()
        await visitor.say(type="heartbeat")
    assert len(session.requests) == 1
    await visitor.leave()


async def test_after_a_broken_line_the_page_gets_what_it_missed(house: House) -> None:
    visitor = Visitor(house)
    session = await visitor.enter()
    quiet = Decision(t=1.0, lane="camera", action="silence")
    await house.inside(lambda: [session.post(quiet) for _ in range(3)])
    await until(lambda: len(visitor.told) == 4)
    visitor.socket.transport.abort()
    await house.inside(lambda: [session.post(quiet) for _ in range(2)])
    await visitor.open_channel(seq=3)
    await until(lambda: len(visitor.told) == 3)
    assert [message["seq"] for message in visitor.told] == [5, 4, 5]
    await visitor.leave()


async def test_a_full_house_says_so_over_http_with_the_place_and_then_lets_in(tmp_path: Path) -> None:
    with House(tmp_path, None, web={"sessions": 1, "queue": 1}).open() as small:
        first, second, third = Visitor(small), Visitor(small), Visitor(small)
        await first.enter()
        opened = await second.http.post("/api/session", headers={"accept-language": "zh-CN"})
        assert opened.status_code == 202 and opened.json()["place"] == 1 and opened.json()["free"] == 0
        assert "排在第 1 位" in opened.json()["message"]
        waiting = asyncio.create_task(second.open_channel())
        await until(lambda: any(message["type"] == "full" for message in second.told))
        asked = await second.http.post("/api/offer", json={"sdp": "v=0", "type": "offer"})
        assert asked.status_code == 503 and asked.headers["retry-after"]
        assert asked.json()["error"]["place"] == 1 and "number 1" in asked.json()["error"]["message"]
        crowded = await third.http.post("/api/session")
        assert crowded.status_code == 503 and "many are waiting" in crowded.json()["error"]["message"]
        await first.say(type="stop")
        small.made[0].finished = True
        await waiting  # for its welcome
        for visitor in (first, second, third):
            await visitor.leave()


ROUTES = {
    "/api/pictures/p1.jpg": 200,
    "/api/pictures/link.jpg": 404,
    "/api/pictures/evil.html": 404,
    "/api/pictures/..%2Fsecret.jpg": 404,
    "/api/pictures/%2e%2e%2fsecret.jpg": 404,
    "/api/pictures/nothing.jpg": 404,
    "/api/artefacts/t1/out.html": 200,
    "/api/artefacts/t1/..%2F..%2Fsecret.jpg": 404,
    "/api/artefacts/../secret.jpg": 404,
    "/api/artefacts/t1/.hidden": 404,
    "/api/frame/camera": 404,
    "/api/frame/camera?t=nan": 400,
    "/api/memory?q=cup&day=2026-11-20": 200,
    "/api/memory?day=2026-13-45": 400,
    "/api/memory?before=yesterday": 400,
    "/api/memory?q=" + "x" * 301: 400,
    "/api/ice": 200,
    "/docs": 404,
    "/openapi.json": 404,
    "/webrtc/offer": 404,
    "/websocket/offer": 404,
    "/telephone/incoming": 404,
    "/gradio_api/upload": 404,
}


@pytest.mark.parametrize(("path", "status"), ROUTES.items())
async def test_routes_answer_their_own_session_only(house: House, path: str, status: int) -> None:
    visitor = Visitor(house)
    async with httpx.AsyncClient(base_url=visitor.origin) as stranger:
        assert (await stranger.get(path)).status_code in ((401,) if status != 404 else (401, 404))
    await visitor.enter()
    answer = await visitor.http.get(path)
    assert answer.status_code == status
    if path.startswith("/api"):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    if status != 200:
        assert set(answer.json()["error"]) == {"message", "kept", "advice"}
    if "artefacts" in path and status == 200:
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-security-policy"].startswith("sandbox")
    await visitor.leave()


async def test_forgetting_is_what_was_asked_for_and_never_more(house: House) -> None:
    visitor = Visitor(house)
    session = await visitor.enter()
    for query, status in (("?id=m1&id=m2", 200), ("?id=", 400), ("", 200)):
        assert (await visitor.http.delete(f"/api/memory{query}")).status_code == status
    assert session.memory is not None and session.memory.forgotten == [["m1", "m2"], None]
    await visitor.leave()


TROUBLE = {TimeoutError: 503, MemoryFault("the disk is full"): 503, ValueError("day"): 400, ZeroDivisionError: 500}


@pytest.mark.parametrize(("trouble", "status"), TROUBLE.items())
async def test_memory_in_trouble_is_said_plainly(house: House, trouble: Exception, status: int) -> None:
    visitor = Visitor(house)
    session = await visitor.enter()
    assert session.memory is not None

    async def fail(*asked: object) -> None:
        raise trouble

    session.memory.page = session.memory.forget = fail  # type: ignore[assignment, method-assign]
    for answer in (await visitor.http.get("/api/memory"), await visitor.http.delete("/api/memory")):
        assert answer.status_code == status
        assert "disk" not in answer.text and answer.json()["error"]["advice"]
    session.memory = None
    assert (await visitor.http.get("/api/memory")).status_code == 503
    await visitor.leave()
