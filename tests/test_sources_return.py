"""HLS, MJPEG and MPEG-TS over HTTP whose server dies, or hangs, in mid-stream and comes back."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import psutil
import pytest

from tests import source_servers as made
from tests.mortal_server import FPS, SEGMENTS, Mortal
from tests.watching import IMPATIENT, Seen, first, watching

pytestmark = pytest.mark.real_time
STREAMS = ["live.m3u8", "camera.mjpeg", "endless.ts"]
PATIENT_S = 45.0  # for a machine with a hundred other things to do; nothing here waits for a time to pass


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown")
    made.segments(folder, SEGMENTS)
    (folder / "clip.ts").write_bytes(made.transport_stream(1))
    for i in range(FPS):
        cv2.imwrite(str(folder / f"{i}.jpg"), made.picture(i))
    return folder


@pytest.fixture
def server(shown: Path) -> Iterator[Mortal]:
    running = Mortal(shown)
    running.start()
    yield running
    running.close()


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("source ")]


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_server_that_is_killed_is_found_again_and_leaves_nothing_behind(server: Mortal, stream: str) -> None:
    await first(server.url(stream))  # opens libraries
    await ended()
    held = psutil.Process().num_fds()
    async with watching(server.url(stream)) as seen:
        for _ in range(2):
            await seen.more(seconds=PATIENT_S)
            told = len(seen.reports)
            await asyncio.to_thread(server.kill)
            await seen.until(partial(down_since, seen, told), PATIENT_S)
            await asyncio.to_thread(server.start)
            await seen.more(seconds=PATIENT_S)
            await seen.until(lambda: len(readers()) == 1, PATIENT_S)
    words = [report.detail for report in seen.reports if report.state == "down"]
    assert any("refused the connection" in said for said in words) and all("tried again in" in said for said in words)
    assert seen.states[:2] == ["connecting", "watching"] and seen.states[-1] == "watching"
    await ended()
    assert psutil.Process().num_fds() == held


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_server_that_hangs_with_open_connections_is_opened_again(server: Mortal, stream: str) -> None:
    async with watching(server.url(stream), limits=IMPATIENT) as seen:
        await seen.more(seconds=PATIENT_S)
        server.freeze()
        await seen.until(partial(down_since, seen, 0), PATIENT_S)
        server.thaw()
        await seen.more(seconds=PATIENT_S)
    assert "stalled" in seen.states and seen.states[-1] == "watching"
    assert any("did not answer in time" in report.detail for report in seen.reports)


def down_since(seen: Seen, told: int) -> bool:
    """It broke, and could not be opened again."""
    return seen.states[told:].count("down") >= 2


async def ended() -> None:
    """Whatever still reads has noticed that nobody wants it."""
    for thread in readers():
        await asyncio.to_thread(thread.join, PATIENT_S)
    assert not readers()
    gc.collect()
