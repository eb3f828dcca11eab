"""Files, HTTP, HLS and MJPEG for real, on loopback."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from config import Sources
from interaction.clock import Clock
from interaction.sources import address
from interaction.sources.base import Frame, SourceError
from interaction.sources.http_file import HttpFile
from interaction.sources.opening import open_source
from tests import source_servers as made

QUICK = Sources(open_timeout_s=1.0, read_timeout_s=1.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[made.CameraServer]:
    folder = tmp_path_factory.mktemp("clips")
    made.video(folder / "clip.mp4")
    made.video(folder / "large.mp4", size=(1600, 400), seconds=0.5)
    made.sound(folder / "tone.wav")
    names = [path.name for path in made.segments(folder)]
    (folder / "list.m3u8").write_text(made.playlist(names))
    (folder / "passwd.m3u8").write_text(made.playlist(["file:///etc/passwd"]))
    (folder / "gone.m3u8").write_text(made.playlist(["gone0.ts", "gone1.ts", "gone2.ts"]))
    (folder / "rtp.m3u8").write_text(made.playlist(["rtp://127.0.0.1:5004"]))
    (folder / "garbage.mp4").write_bytes(bytes(range(256)) * 200)
    (folder / "empty.mp4").write_bytes(b"")
    with made.camera(folder) as running:
        (folder / "away.m3u8").write_text(made.playlist(["http://127.0.0.2:9/seg0.ts"]))
        yield running


async def watch(spec: str, *, fps: float | None = None, most: int = 1000, **more: object) -> list[Frame]:
    more = {"allow_private": True, "allow_files": True, "realtime": False, "limits": QUICK} | more
    source = open_source(spec, "door", fps=fps, **more)  # type: ignore[arg-type]
    frames: list[Frame] = []
    stream = source.frames(Clock().now)
    async for frame in stream:
        frames.append(frame)
        if len(frames) == most:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    await source.aclose()
    return frames


def number(frame: Frame) -> int:
    """Which frame of the clip it is, from its brightness."""
    return round((float(frame.image[:, :, 0].mean()) - 36) / 4)  # 40 comes back as 36: two colour conversions


async def test_file_plays_in_lock_step_with_session_time(server: made.CameraServer) -> None:
    clock = Clock()
    source = open_source(str(server.folder / "clip.mp4"), "file", allow_files=True, realtime=False)
    seen = [(frame.t, clock.now(), number(frame)) async for frame in source.frames(clock.now)]
    assert [n for _, _, n in seen] == list(range(40))
    assert all(abs(t - n / 10) < 1e-6 and abs(now - t) < 1e-6 for t, now, n in seen)
    assert source.live is False


async def test_only_the_wanted_frames_are_delivered_and_the_wish_may_change(server: made.CameraServer) -> None:
    wish = {"fps": 2.0}
    clock = Clock()
    source = open_source(
        str(server.folder / "clip.mp4"), "file", allow_files=True, realtime=False, fps=lambda: wish["fps"]
    )
    times = []
    async for frame in source.frames(clock.now):
        times.append(round(frame.t, 2))
        wish["fps"] = 5.0 if frame.t >= 1.9 else 2.0
    assert times[:5] == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert times[-5:] == pytest.approx([3.1, 3.3, 3.5, 3.7, 3.9]) or times[-1] >= 3.7
    assert len(times) in range(13, 17)


async def test_crop_and_size_cap(server: made.CameraServer) -> None:
    cut = await watch(f"{server.folder}/clip.mp4#crop=90,10,40,60", most=1)
    assert cut[0].image.shape == (60, 40, 3) and cut[0].image.flags.c_contiguous
    large = await watch(str(server.folder / "large.mp4"), most=1)
    assert large[0].image.shape == (320, 1280, 3)
    with pytest.raises(SourceError, match="outside of the picture, which has 160×120"):
        await watch(f"{server.folder}/clip.mp4#crop=100,0,100,20")


@pytest.mark.parametrize("path", ["clip.mp4", "plain/clip.mp4", "list.m3u8"])
async def test_http_file_and_hls(server: made.CameraServer, path: str) -> None:
    frames = await watch(server.url(path))
    assert [number(frame) for frame in frames] == list(range(40))
    assert frames[-1].t == pytest.approx(3.9, abs=0.01)


SIZES = {"low": (320, 240), "mid": (640, 480), "high": (960, 720)}


@pytest.fixture(scope="module")
def several(server: made.CameraServer) -> Callable[..., str]:
    """Makes a list that offers one clip of ten seconds in several sizes; gives its URL."""

    def offered(kind: str, told: bool = True) -> str:
        sound = ['#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",URI="sound.m3u8"']
        master = ["#EXTM3U", *(sound if told else [])]
        for i, (name, (width, height)) in enumerate(SIZES.items()):
            if not (server.folder / f"{name}.m3u8").exists():
                paths = made.segments(server.folder, 10, size=(width, height), name=name)
                (server.folder / f"{name}.m3u8").write_text(made.playlist([path.name for path in paths]))
            size = f",RESOLUTION={width}x{height}" if told else ""
            master += [f'#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=9,BANDWIDTH={i + 1}00000{size},AUDIO="a"', f"{name}.m3u8"]
        (server.folder / f"{kind}.m3u8").write_text("\r\n".join(master))
        server.seen.clear()
        return server.url(f"{kind}.m3u8")

    return offered


def asked(server: made.CameraServer) -> Counter[str]:
    """How many segments of each size were fetched."""
    return Counter(re.sub(r"\d+\.ts", "", path.lstrip("/")) for path, _ in server.seen if path.endswith(".ts"))


@pytest.mark.parametrize(("crop", "size"), [("", "mid"), ("#crop=0,0,700,700", "high")])
async def test_of_a_stream_in_several_sizes_one_is_fetched(
    server: made.CameraServer, several: Callable[..., str], crop: str, size: str
) -> None:
    frames = await watch(several("sizes") + crop, fps=1)
    assert len(frames) == 10
    assert frames[0].image.shape[:2] == ((700, 700) if crop else SIZES[size][::-1])
    assert asked(server) == {size: 10}
    assert not [path for path, _ in server.seen if "sound" in path]


async def test_where_a_list_says_no_sizes_those_not_looked_at_are_dropped(
    server: made.CameraServer, several: Callable[..., str]
) -> None:
    frames = await watch(several("unsaid", told=False), fps=1)
    fetched = asked(server)
    assert frames[0].image.shape[:2] == SIZES["high"][::-1] and fetched["high"] >= 10
    assert fetched["low"] < 10 and fetched["mid"] < 10, "no more than was needed to see what they are"


@pytest.mark.real_time
async def test_mjpeg_is_live_and_the_newest_wins(server: made.CameraServer) -> None:
    clock = Clock()
    source = open_source(server.url("camera.mjpeg"), "door", allow_private=True, fps=10, limits=QUICK)
    seen = []
    async for frame in source.frames(clock.now):
        seen.append((frame.t, clock.now()))
        if len(seen) == 6:
            break
    gaps = [b - a for (a, _), (b, _) in pairwise(seen)]
    assert source.live and all(abs(t - now) < 0.3 for t, now in seen)
    assert min(gaps) > 0.03  # ten a second of the twenty that come, not all


@pytest.mark.real_time
async def test_mjpeg_that_begins_with_an_empty_line_is_given_to_libav_without_it(server: made.CameraServer) -> None:
    file = HttpFile(server.url("esp32.mjpeg"), QUICK, allow_private=True)
    assert file.read(100).startswith(b"--frame"), "what it knows MJPEG by"
    file.close()
    assert (await watch(server.url("esp32.mjpeg"), most=1))[0].image.shape == (120, 160, 3)


async def test_a_live_source_goes_at_its_own_pace_on_virtual_time(server: made.CameraServer) -> None:
    clock = Clock()
    source = open_source(server.url("camera.mjpeg"), "door", allow_private=True, limits=QUICK)
    times = []
    async for frame in source.frames(clock.now):
        times.append(frame.t)
        if len(times) == 5:
            break
    assert 0.05 < times[-1] - times[0] < 5.0


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_a_camera_that_wants_a_password_gets_it(server: made.CameraServer, scheme: str) -> None:
    frames = await watch(server.url(f"{scheme}/clip.mp4", login=f"{made.USER}:{made.PASSWORD}@"), most=3)
    assert len(frames) == 3


async def test_a_wrong_password_is_named_but_never_shown(
    server: made.CameraServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(SourceError, match="refused the user name and password") as raised:
        await watch(server.url("digest/clip.mp4?token=t0ken", login="guard:wr0ng-pass@"))
    assert raised.value.login
    everything = str(raised.value) + repr(raised.value.__cause__) + caplog.text + "".join(capfd.readouterr())
    assert "wr0ng-pass" not in everything and "t0ken" not in everything


@pytest.mark.parametrize(("path", "login"), [("forbidden", True), ("nothing.mp4", False), ("hang", False)])
async def test_what_a_login_would_set_right_is_told_apart(server: made.CameraServer, path: str, login: bool) -> None:
    with pytest.raises(SourceError) as raised:
        await watch(server.url(path))
    assert raised.value.login is login


async def test_passwords_do_not_follow_a_redirect_to_another_host(server: made.CameraServer) -> None:
    with made.camera(server.folder) as other:
        server.elsewhere["other"] = other.url("basic/clip.mp4")
        with pytest.raises(SourceError, match="refused the user name"):
            await watch(server.url("to/other", login=f"{made.USER}:{made.PASSWORD}@"))
        assert other.seen and all(answer is None for _, answer in other.seen)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nothing.mp4", "was not found"),
        ("garbage.mp4", "not a video that can be read"),
        ("empty.mp4", "not a video that can be read"),
        ("tone.wav", "has sound but no picture"),
        ("hang", "did not answer in time"),
        ("passwd.m3u8", "not a video that can be read"),
        ("rtp.m3u8", "not a video that can be read"),
    ],
)
async def test_what_cannot_be_watched_is_said_in_one_line(server: made.CameraServer, path: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as raised:
        await watch(server.url(path))
    assert "\n" not in str(raised.value) and "Errno" not in str(raised.value)


async def test_a_list_whose_parts_are_gone_says_so_once(
    server: made.CameraServer, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SourceError, match="was not found on the server"):
        await watch(server.url("gone.m3u8"))
    assert "".join(capfd.readouterr()) == "", "a library's traceback for every part"


async def test_a_sound_file_has_no_picture(server: made.CameraServer) -> None:
    with pytest.raises(SourceError, match="has sound but no picture"):
        await watch(str(server.folder / "tone.wav"))


@pytest.mark.parametrize("scheme", ["rtsp", "http", "rtmp"])
async def test_a_dead_port_is_said(scheme: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(SourceError, match="refused the connection") as raised:
        await watch(f"{scheme}://someone:hidden@127.0.0.1:{port}/live")
    assert "hidden" not in str(raised.value)


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 plays a public address, so that what it leads to can be private."""
    monkeypatch.setattr(address, "is_public", lambda ip: ip == "127.0.0.1")


@pytest.mark.parametrize("target", ["http://127.0.0.2:9/x", "http://[::1]:9/x", "http://169.254.169.254/latest"])
async def test_a_redirect_to_a_private_address_is_refused(
    server: made.CameraServer, loopback_is_public: None, target: str
) -> None:
    server.elsewhere["private"] = target
    for configured in (False, True):
        with pytest.raises(SourceError, match="private network"):
            await watch(server.url("to/private"), allow_private=configured)


@pytest.mark.parametrize("configured", [False, True])
async def test_a_playlist_that_leads_to_a_private_address_is_refused(
    server: made.CameraServer, loopback_is_public: None, configured: bool
) -> None:
    with pytest.raises(SourceError, match="private network"):
        await watch(server.url("away.m3u8"), allow_private=configured)


async def test_within_the_own_network_a_configured_camera_may_lead_elsewhere(server: made.CameraServer) -> None:
    with made.camera(server.folder) as other:
        server.elsewhere["inside"] = other.url("clip.mp4")
        assert len(await watch(server.url("to/inside"), most=3)) == 3


async def test_redirect_loops_and_other_protocols_end(server: made.CameraServer) -> None:
    server.elsewhere["loop"] = "/to/loop"
    server.elsewhere["file"] = "file:///etc/passwd"
    with pytest.raises(SourceError, match="redirects too often"):
        await watch(server.url("to/loop"))
    with pytest.raises(SourceError, match="redirects to something that is not allowed"):
        await watch(server.url("to/file"))


async def test_rtsp_with_a_password() -> None:
    with made.rtsp_camera() as host:
        frames = await watch(f"rtsp://{made.USER}:{made.PASSWORD}@{host}/live", most=5)
    assert len(frames) == 5 and frames[0].image.shape == (120, 160, 3)


async def test_rtsp_without_the_password_is_refused_and_nothing_leaks(capfd: pytest.CaptureFixture[str]) -> None:
    with made.rtsp_camera() as host, pytest.raises(SourceError, match="refused the user name and password") as raised:
        await watch(f"rtsp://guard:wr0ng-pass@{host}/live")
    assert raised.value.login and "wr0ng" not in str(raised.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "http"])
async def test_private_addresses_are_refused_before_anything_is_opened(scheme: str) -> None:
    with pytest.raises(SourceError, match="private network"):
        await watch(f"{scheme}://localhost:9/x", allow_private=False)


async def test_closing_ends_the_frames(server: made.CameraServer) -> None:
    clock = Clock()
    source = open_source(server.url("camera.mjpeg"), "door", allow_private=True, limits=QUICK)
    count = 0
    async for _ in source.frames(clock.now):
        count += 1
        await source.aclose()
    assert count == 1
