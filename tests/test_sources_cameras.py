"""Real servers on loopback: GStreamer's RTSP, nginx's RTMP; pulled, killed, silent and back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from bench.cameras import debian, pictures, rtmp, rtsp
from interaction.sources.base import SourceError
from tests.watching import IMPATIENT, QUICK, first, watching

# `cameras`: they come with Debian's packages, fetched once a machine.
pytestmark = [pytest.mark.real_time, pytest.mark.cameras]

USER, PASSWORD = "guard", "s3cret pass@x"
IN_URL = "guard:s3cret%20pass%40x@"


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    try:
        debian.unpacked()
    except debian.NoServers as why:
        pytest.skip(str(why))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("cameras")
    small = {"seconds": 1, "size": (160, 120)}
    made = {
        codec: pictures.encode(pictures.still(**small), folder / codec, codec=codec, key_every=5)  # type: ignore[arg-type]
        for codec in ("h264", "h265", "jpeg")
    }
    made["wide"] = pictures.encode(pictures.still(1, size=(320, 160)), folder / "wide", key_every=5)
    noise = np.random.default_rng(1).bytes(40_000)
    made["garbage"] = folder / "garbage"
    made["garbage"].write_bytes(b"".join((1000).to_bytes(4) + noise[i : i + 1000] for i in range(0, 40_000, 1000)))
    return made


@pytest.fixture(scope="module")
def server(clips: dict[str, Path]) -> Iterator[rtsp.Server]:
    door = {name: clips[name] for name in ("h264", "wide", "garbage")}
    streams = {"door": rtsp.Camera(door), "sound": rtsp.Camera({}, "sound")}
    with rtsp.cameras(streams | {c: rtsp.Camera({c: clips[c]}, c) for c in ("h265", "jpeg")}) as running:  # type: ignore[arg-type]
        yield running


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_rtsp_by_both_ways(server: rtsp.Server, transport: str) -> None:
    async with watching(server.url("door"), transport=transport) as seen:
        await seen.more(5)
    assert seen.frames[0].image.shape == (120, 160, 3) and seen.frames[0].image.std() > 5
    assert seen.states == ["connecting", "watching"]


@pytest.mark.parametrize("codec", ["h265", "jpeg"])
async def test_what_cameras_send_besides_h264(server: rtsp.Server, codec: str) -> None:
    assert (await first(server.url(codec))).image.shape == (120, 160, 3)


@pytest.mark.parametrize("kind", ["basic", "digest"])
async def test_a_camera_with_a_login(
    clips: dict[str, Path], kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    login = rtsp.Login(kind, USER, PASSWORD)  # type: ignore[arg-type]
    with rtsp.cameras({"door": rtsp.Camera({"h264": clips["h264"]})}, login) as server:
        bare = server.url("door", login=False)
        said = []
        for transport in ("tcp", "udp"):
            assert (await first(bare.replace("//", f"//{IN_URL}"), transport=transport)).image.shape == (120, 160, 3)
            for wrong in ("", "guard:wr0ng@"):
                with pytest.raises(SourceError, match="refused the user name and password") as raised:
                    await first(bare.replace("//", f"//{wrong}"), transport=transport)
                said.append(str(raised.value))
    everything = " ".join(said) + caplog.text + "".join(capfd.readouterr())
    assert not [secret for secret in ("s3cret", "wr0ng", "guard") if secret in everything]


async def test_a_wrong_password_is_not_tried_again_and_again_and_a_right_one_at_once(clips: dict[str, Path]) -> None:
    login = rtsp.Login("digest", USER, PASSWORD)
    with rtsp.cameras({"door": rtsp.Camera({"h264": clips["h264"]})}, login) as server:
        bare = server.url("door", login=False)
        async with watching(bare.replace("//", "//guard:wr0ng@"), must_open=False) as seen:
            await seen.until(lambda: "down" in seen.states)
            assert "tried again in 60 s, so that the account is not locked" in seen.reports[-1].detail
            async with watching(bare.replace("//", f"//{IN_URL}")) as anew:
                await anew.more()
        assert seen.states == ["connecting", "down"], "a hundred tries by the pauses of other faults"
        hasty = QUICK.model_copy(update={"login_first_s": 0.1, "login_longest_s": 0.1})
        async with watching(bare.replace("//", "//guard:wr0ng@"), must_open=False, limits=hasty) as seen:
            await seen.until(lambda: seen.states.count("down") >= 3)  # for ever all the same


async def test_udp_is_for_the_own_network(server: rtsp.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interaction.sources.address.is_public", lambda ip: True)
    with pytest.raises(SourceError, match="UDP is for cameras in the own network"):
        await first(server.url("door"), transport="udp", allow_private=False)
    assert (await first(server.url("door"), allow_private=False)).image.any()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_server_that_is_killed_is_found_again_and_the_other_lane_sees_nothing_of_it(
    server: rtsp.Server, clips: dict[str, Path], transport: str
) -> None:
    door = {"door": rtsp.Camera({"h264": clips["h264"]})}
    with rtsp.cameras(door) as mortal:
        async with watching(server.url("door")) as other, watching(mortal.url("door"), transport=transport) as seen:
            await seen.more()
            await other.more()
            await asyncio.to_thread(mortal.kill)
            await seen.until(lambda: seen.states.count("down") >= 2)
            await asyncio.to_thread(mortal.start)
            await seen.more()
            await other.more()
    assert other.states == ["connecting", "watching"]
    assert seen.states[-1] == "watching" and seen.states.count("watching") == 2
    words = {report.detail for report in seen.reports if report.state == "down"}
    assert any("refused the connection" in said for said in words) and all("tried again in" in said for said in words)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_camera_that_falls_silent_with_an_open_connection_is_opened_again(
    server: rtsp.Server, transport: str
) -> None:
    async with watching(server.url("door"), transport=transport, limits=IMPATIENT) as seen:
        await seen.more()
        await asyncio.to_thread(server.hold, "door")
        await seen.until(lambda: "down" in seen.states)
        await asyncio.to_thread(server.go, "door")
        await seen.more()
    down = seen.states.index("down")
    assert seen.states[down - 1] == "stalled" and seen.states[-1] == "watching"
    assert "did not answer in time" in seen.reports[down].detail


async def test_another_size_and_garbage_in_mid_stream(server: rtsp.Server) -> None:
    async with watching(server.url("door"), fps=None, limits=IMPATIENT) as seen:
        await seen.more()
        await asyncio.to_thread(server.show, "door", "wide")
        await seen.until(lambda: seen.frames[-1].image.shape == (160, 320, 3))
        await asyncio.to_thread(server.show, "door", "garbage")
        await seen.until(lambda: "stalled" in seen.states)
        await asyncio.to_thread(server.show, "door", "h264")
        await seen.until(lambda: seen.frames[-1].image.shape == (120, 160, 3))
    assert {frame.image.shape for frame in seen.frames} == {(120, 160, 3), (160, 320, 3)}


async def test_sound_alone_and_a_wrong_path_are_said(server: rtsp.Server) -> None:
    with pytest.raises(SourceError, match="has sound but no picture"):
        await first(server.url("sound"))
    with pytest.raises(SourceError, match="was not found on the server"):
        await first(server.url("nowhere"))


async def test_reconnecting_leaves_nothing_behind(clips: dict[str, Path]) -> None:
    me = psutil.Process()
    with rtsp.cameras({"door": rtsp.Camera({"h264": clips["h264"]})}) as mortal:
        async with watching(mortal.url("door")) as seen:
            held = []
            for _ in range(3):
                await seen.more()
                readers = [thread for thread in threading.enumerate() if thread.name.startswith("source ")]
                held.append((len(readers), me.num_fds()))
                await asyncio.to_thread(mortal.kill)
                await asyncio.to_thread(mortal.start)
    assert held[1:] == [(1, held[1][1])] * 2  # the first one still opens libraries


async def test_rtmp_and_a_server_that_comes_back() -> None:
    with rtmp.server() as server:
        async with watching(server.url, must_open=False) as seen:
            with rtmp.sender(server.url):
                await seen.more()
                await asyncio.to_thread(server.kill)
                await seen.until(lambda: "down" in seen.states[-2:])
            await asyncio.to_thread(server.start)
            with rtmp.sender(server.url):
                await seen.more()
    assert seen.frames[-1].image.shape == (120, 160, 3)
