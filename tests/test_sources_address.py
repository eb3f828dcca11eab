"""What may be named as a source, and where it may lead."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from interaction.sources import address
from interaction.sources.address import Crop, is_public, parse, pinned, resolve
from interaction.sources.base import SourceError
from interaction.sources.http_auth import authorization, credentials
from interaction.sources.showing import redact


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https", "rtmp"])
def test_listed_protocols_are_taken(scheme: str) -> None:
    found = parse(f"{scheme}://user:pw@camera.example:8554/live?key=1#crop=1,2,30,40", allow_files=False)
    assert (found.scheme, found.host, found.crop) == (scheme, "camera.example", Crop(1, 2, 30, 40))
    assert found.shown == f"{scheme}://camera.example:8554/live"
    assert found.target.endswith("/live?key=1")


@pytest.mark.parametrize(
    "spec",
    ["ftp://x/y", "concat:a|b", "subfile,,start,0,end,9,,:/etc/passwd", "data:video/mp4;base64,AA", "pipe:0", "gopher://x",
     "tcp://127.0.0.1:1", "udp://@:5004", "crypto+http://x/", "lavfi:testsrc", "srt://x:1"],
)  # fmt: skip
def test_other_protocols_are_not(spec: str) -> None:
    with pytest.raises(SourceError):
        parse(spec, allow_files=False)


@pytest.mark.parametrize(
    "spec", ["/etc/passwd", "file:///etc/passwd", "clip.mp4", "/dev/video0", "~/x.mp4", "FILE:///x"]
)
def test_a_page_never_opens_files(spec: str) -> None:
    with pytest.raises(SourceError, match="Only network addresses"):
        parse(spec, allow_files=False)


@pytest.mark.parametrize(
    "spec", ["", "  ", "http://", "http://:80/x", "http://x:99999/", "http://x:0/", "a\nb", "x" * 3000]
)
def test_nonsense_is_refused_in_one_short_line(spec: str) -> None:
    with pytest.raises(SourceError) as raised:
        parse(spec, allow_files=True)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 3100


def test_files_by_name(tmp_path: Path) -> None:
    clip = tmp_path / "a #1.mp4"
    clip.write_bytes(b"x")
    assert parse(str(clip), allow_files=True).target == str(clip)
    assert parse(f"{clip}#crop=0,0,8,8", allow_files=True).crop == Crop(0, 0, 8, 8)
    with pytest.raises(SourceError, match="There is no file"):
        parse(str(tmp_path / "none.mp4"), allow_files=True)
    with pytest.raises(SourceError, match="is not a file"):
        parse(str(tmp_path), allow_files=True)


@pytest.mark.parametrize("allow_files", [False, True])
@pytest.mark.parametrize(
    "spec",
    ["192.168.1.20/stream", "192.168.1.20", "cam:554/live", "10.0.0.5:8554", "me:s3cret@cam.lan/s", "[fe80::1]/s"],
)
def test_a_forgotten_protocol_is_said_without_what_was_typed(spec: str, allow_files: bool) -> None:
    with pytest.raises(SourceError, match="write rtsp:// or http:// before it") as raised:
        parse(spec, allow_files=allow_files)
    assert "s3cret" not in str(raised.value) and "请在前面加上 rtsp://" in raised.value.args[0].zh


def test_a_file_that_is_called_like_a_host_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("10.0.0.1").write_bytes(b"x")
    assert parse("10.0.0.1", allow_files=True).scheme == "file"


def test_the_transport_of_rtsp_is_a_part_of_its_address() -> None:
    found = parse("rtsp://me:pw@cam/a#crop=1,2,3,4&transport=udp", allow_files=False)
    assert (found.transport, found.crop, found.target) == ("udp", Crop(1, 2, 3, 4), "rtsp://me:pw@cam/a")
    assert parse("rtsp://cam/a#transport=tcp", allow_files=False).transport == "tcp"
    assert parse("rtsp://cam/a#elsewhere", allow_files=False).transport is None
    with pytest.raises(SourceError, match="transport is written"):
        parse("rtsp://cam/a#transport=sctp", allow_files=False)


@pytest.mark.parametrize("crop", ["1,2,3", "1,2,3,4,5", "a,b,c,d", "-1,0,5,5", "0,0,0,5", "٣,0,1,1"])
def test_a_bad_crop_is_said(crop: str) -> None:
    with pytest.raises(SourceError, match="crop"):
        parse(f"http://x/y#crop={crop}", allow_files=False)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
     "100.64.0.1", "240.0.0.1", "255.255.255.255", "100.100.100.200", "fd00:ec2::254"],
)  # fmt: skip
def test_private_addresses_in_every_disguise(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0177.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_loopback_in_odd_spellings_is_refused(host: str) -> None:
    with pytest.raises(SourceError):
        resolve(host.strip("[]"), 80, allow_private=False)


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in ("8.8.8.8", "10.0.0.5")]

    monkeypatch.setattr(address.socket, "getaddrinfo", lookup)
    with pytest.raises(SourceError, match="private network"):
        resolve("two-faced.example", 80, allow_private=False)
    assert resolve("two-faced.example", 80, allow_private=True) == ["8.8.8.8", "10.0.0.5"]


def test_what_is_shown_holds_no_secret() -> None:
    assert redact("rtsp://me:pa%20ss@[2001:db8::1]:8554/a?token=x#y") == "rtsp://[2001:db8::1]:8554/a"
    assert redact("http://[broken") == "the address"
    assert pinned("rtsp://me:pw@cam:8554/a?b=1", "192.0.2.7") == "rtsp://me:pw@192.0.2.7:8554/a?b=1"
    assert pinned("rtsp://cam/a", "2001:db8::1") == "rtsp://[2001:db8::1]/a"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://cam/user=admin_password=tl_Jw;po6_channel=1_stream=0.sdp?real_stream", "rtsp://cam/…"),
        ("rtsp://cam/cam/realmonitor&user=admin&password=s3cret", "rtsp://cam/…/realmonitor"),
        ("rtsp://cam/admin/s3cret/1", "rtsp://cam/…/1"),
        ("http://cam/videostream.cgi;pwd=s3cret", "http://cam/videostream.cgi"),
        ("rtmp://live.example:1936/live/s3cret", "rtmp://live.example:1936/live/…"),
        ("https://h/hls/s3cret/index.m3u8?k=s3cret", "https://h/…/index.m3u8"),
        (f"https://h/{'s3cret' * 6}.m3u8", "https://h/….m3u8"),
        ("http://go2rtc:1984/api/stream.mjpeg?src=rtsp://me:s3cret@cam/s", "http://…"),
        ("rtsp://john.doe:12/s3cret@cam/x", "rtsp://john.doe/…/x"),
        ("rtsp://me:p@s.s/s3cret@cam/x", "rtsp://…"),
    ],
)
def test_of_a_path_only_what_names_the_stream_is_shown(url: str, shown: str) -> None:
    assert redact(url) == parse(url, allow_files=False).shown == shown


MISPLACED = [
    "rtsp://admin:12/34@cam/x", "rtsp://admin:554#s3cret@cam/x", "rtsp://admin:8080?pw@192.168.1.2/s",
    "rtsp://cam/user:hunter2@stream", "rtsp://admin:pa/ss@cam/x", "rtsp://admin:p@ss/w0rd@cam/x",
    "rtsp://us/er:pw@cam/x", "http://192.168.1.5/me:pw@video.mjpg", "rtsp://admin:1/2@cam/x#crop=0,0,9,9",
]  # fmt: skip


@pytest.mark.parametrize("url", MISPLACED)
def test_a_login_in_the_wrong_place_is_refused_with_how_to_write_it_and_never_shown(url: str) -> None:
    with pytest.raises(SourceError, match="/ in them written as %2F, @ as %40") as raised:
        parse(url, allow_files=False)
    said = str(raised.value) + raised.value.args[0].zh
    assert "写成 %2F" in said
    assert not [part for part in ("admin", "s3cret", "hunter2", "12", "554") if part in said + redact(url)]


@pytest.mark.parametrize(
    "url",
    [
        "http://nas/@user/live", "https://video.example/c/@user/live.m3u8", "http://192.168.1.5:8080/live@hd/index.m3u8",
        "http://host.lan:80/a?mail=me@example.com", "rtsp://me:pw@192.168.1.5/live@1", "rtsp://me:pw%40%2F@cam/x",
        "http://go2rtc:1984/api/stream.mjpeg?src=rtsp://me:pw@cam/s", "rtsp://me%40home.lan:pw@cam:554/x",
    ],
)  # fmt: skip
def test_an_at_sign_that_belongs_to_the_path_is_allowed(url: str) -> None:
    assert parse(url, allow_files=False).target == url


def test_answers_to_challenges() -> None:
    assert credentials("http://a%40b:p%3Aw@x/") == ("a@b", "p:w")
    assert credentials("http://x/") is None
    assert authorization('Basic realm="x"', "a", "b", "GET", "/") == "Basic YTpi"
    assert authorization("Negotiate", "a", "b", "GET", "/") is None
    # The example of RFC 2069, section 2.4 as corrected in its errata: no qop.
    found = authorization(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc0"',
        "Mufasa", "CircleOfLife", "GET", "/dir/index.html",
    )  # fmt: skip
    assert found is not None and 'response="1949323746fe6a43ef61f9606e7febea"' in found
