"""HTTP streams that never end, servers that speak nonsense, and what stays secret."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from interaction.sources.base import SourceError
from tests import live_servers
from tests.watching import IMPATIENT, first, watching

pytestmark = pytest.mark.real_time


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[live_servers.LiveServer]:
    with live_servers.live(tmp_path_factory.mktemp("live")) as running:
        yield running


async def test_an_endless_stream_whose_clock_starts_anew(server: live_servers.LiveServer) -> None:
    async with watching(server.url("endless.ts"), fps=None) as seen:
        await seen.more(50)  # of 40 in a round
    assert seen.states == ["connecting", "watching"]
    assert all(a.t <= b.t for a, b in pairwise(seen.frames))


async def test_a_playlist_that_rolls_and_one_that_has_stopped(server: live_servers.LiveServer) -> None:
    async with watching(server.url("live.m3u8"), fps=None, limits=IMPATIENT) as seen:
        await seen.more(35)  # of 30 in the list
        assert "down" not in seen.states
        server.stop_rolling()
        await seen.until(lambda: "down" in seen.states)
        shown = len(seen.frames)
        await seen.until(lambda: seen.states.count("down") >= 2)
    assert len(seen.frames) == shown  # the last minute is not shown again and again
    assert "has not gone on" in seen.reports[-1].detail


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "http"])
async def test_a_server_that_speaks_nonsense(scheme: str, capfd: pytest.CaptureFixture[str]) -> None:
    with live_servers.nonsense() as port, pytest.raises(SourceError) as raised:
        await first(f"{scheme}://guard:s3cret@127.0.0.1:{port}/live", limits=IMPATIENT)
    said = str(raised.value)
    assert said.startswith(f"{scheme}://127.0.0.1:{port}/live ") and "\n" not in said
    assert "s3cret" not in said + "".join(capfd.readouterr())
