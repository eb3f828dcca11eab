"""The rules of the house that a program can check: imports point one way, one clock, no idle test, no giant file.

Everything is read from the syntax tree; nothing is imported. Each checker is itself tested on a line that breaks it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINES = 300  # a file with more has a second noun in it
LONGER = {"config": 455}  # a list: a setting with its reason after another

# The floors of the house, lowest first. A module may import what stands on its own floor or below. The longest name
# that fits decides; a name stands for everything below it. A module of `interaction` without a place here is a room: it
# means, judges or translates (watches, policy, floor, gate, understanding …) or is a back end behind its base.
FLOORS: list[tuple[str, str]] = [
    (
        "words",
        "config outlet speech interaction.both interaction.events interaction.wire interaction.clock"
        " interaction.streams interaction.intents interaction.whole_file",
    ),
    ("words", "memory.record memory.store assets fetch_weights"),
    ("contracts", "interaction.sources.base interaction.seeing.base interaction.observers.base"),
    ("contracts", "interaction.hearing.base interaction.speaking.base"),
    ("rooms", "interaction agent memory"),
    ("lane", "interaction.lane interaction.tick"),
    # the session and the parts of it that have a file of their own
    (
        "session",
        "interaction.session interaction.commands interaction.controls interaction.requests interaction.timers",
    ),
    ("session", "interaction.work interaction.talk interaction.keeping interaction.moments interaction.services"),
    ("session", "interaction.modes interaction.subscribers interaction.lanes interaction.rewording interaction.guide"),
    (
        "session",
        "interaction.acting interaction.areas interaction.cameras interaction.showing",
    ),
    (
        "session",
        "interaction.clips interaction.clip_writing interaction.kept_sources interaction.drawing interaction.pauses",
    ),
    ("sessions", "interaction.sessions interaction.headless interaction.unattended"),
    ("web", "interaction.web"),
    ("app", "app rooms furnish upkeep memories doctor machine bench"),
]
ORDER = list(dict.fromkeys(floor for floor, _ in FLOORS))
FLOOR = {name: floor for floor, names in FLOORS for name in names.split()}

# Beyond the floors: the agent and the memory know nothing of a session; it is given to them by constructor.
APART = ("agent", "memory")
WHAT_THEY_MAY = (
    "interaction.both",
    "interaction.events",
    "interaction.wire",
    "interaction.clock",
    "interaction.streams",
    "interaction.whole_file",
    "interaction.sources.base",
)
# What `interaction` may know of them: the shape of a memory. (Types for the checker only are free.)
WHAT_IT_MAY = ("memory.record", "memory.store")
# A back end of one room knows another room by its base alone; the vocabulary of what can be seen is shared, and so is
# what is seen of a part of the picture.
BACK_ENDS = ("observers", "seeing", "hearing", "speaking", "sources")
SHARED = ("interaction.seeing.words", "interaction.seeing.within")

CLOCKS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "now", "utcnow", "today"}
CLOCK_OWNERS = {"time", "datetime", "date"}
# Calls that fail a test by themselves; `until` waits for a condition, with a deadline.
STRICT = {"raises", "warns", "expect", "fail", "until"}
VAGUE = {"src", "utils", "util", "helpers", "common", "core", "misc"}


def sources() -> dict[str, Path]:
    """The modules of the house (no tests) by dotted name."""
    found = [*ROOT.glob("*.py")]
    for room in ("interaction", "agent", "memory", "bench"):
        found += (ROOT / room).rglob("*.py")
    return {dotted(path): path for path in sorted(found)}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def suite() -> list[Path]:
    return sorted((ROOT / "tests").rglob("test_*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imports(module: ast.Module, known: set[str]) -> Iterator[str]:
    """What a module imports when it runs, anywhere in it; `from a import b` is a.b where that is a module."""
    for_types = {
        inner
        for node in ast.walk(module)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(module):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in known else str(node.module)


def floor_of(name: str) -> str:
    """The floor of a module of the house."""
    parts = name.split(".")
    return next(floor for end in range(len(parts), 0, -1) if (floor := FLOOR.get(".".join(parts[:end]))))


def wrong_import(importer: str, imported: str) -> str | None:
    """Why `importer` may not import `imported`, both modules of the house; None: it may."""
    mine, theirs = floor_of(importer), floor_of(imported)
    if ORDER.index(theirs) > ORDER.index(mine):
        return f"{importer} ({mine}) imports {imported}, which stands above it ({theirs})"
    room, other = importer.split(".")[0], imported.split(".")[0]
    if room in APART and other not in (room, "config", "assets") and imported not in WHAT_THEY_MAY:
        return f"{importer} imports {imported}; {room} knows only {', '.join(WHAT_THEY_MAY)}"
    if room == "interaction" and other in APART and imported not in WHAT_IT_MAY:
        return f"{importer} imports {imported}; the session is given it by constructor"
    return _across_rooms(importer, imported)


def _across_rooms(importer: str, imported: str) -> str | None:
    mine, theirs = importer.split("."), imported.split(".")
    if (
        len(mine) < 3
        or len(theirs) < 3
        or mine[1] not in BACK_ENDS
        or theirs[1] not in BACK_ENDS
        or mine[1] == theirs[1]
    ):
        return None
    if theirs[2] == "base" or imported in SHARED:
        return None
    return f"{importer} imports {imported}; another room is known by its base"


def clock_reads(module: ast.Module) -> Iterator[int]:
    """Lines that read a clock: time.time() and its like, datetime.now(), or such a name imported from `time`."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            if any(alias.name in CLOCKS for alias in node.names):
                yield node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if owner in CLOCK_OWNERS:
                yield node.lineno


def sleeps(module: ast.Module) -> Iterator[int]:
    """Lines that really sleep: any but `asyncio.sleep`, and that too in a test marked `real_time`.

    On virtual time `asyncio.sleep` takes none; `sleep(0)` only lets others run.
    """
    real = [node for node in module.body if isinstance(node, ast.Assign) and "real_time" in ast.unparse(node)]
    tests = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    real_tests = [
        test for test in tests if real or any("real_time" in ast.unparse(mark) for mark in test.decorator_list)
    ]
    on_real_time = {node for test in real_tests for node in ast.walk(test)}
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or _called(node) != "sleep" or ast.unparse(node).endswith("sleep(0)"):
            continue
        if ast.unparse(node.func) != "asyncio.sleep" or node in on_real_time:
            yield node.lineno


def silent_handlers(module: ast.Module) -> Iterator[int]:
    """Lines of a bare `except:`, and of an `except Exception:` that does nothing."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is not None and ast.unparse(node.type) in ("Exception", "BaseException")
            if node.type is None or (broad and all(isinstance(line, ast.Pass) for line in node.body)):
                yield node.lineno


def idle_tests(module: ast.Module) -> Iterator[str]:
    """Names of test functions that cannot fail: they assert nothing, nor call a function of the file that does."""
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    strict = {function.name for function in functions if _asserts(function)}
    for function in functions:
        calls = {_called(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
        if function.name.startswith("test_") and function.name not in strict and not calls & strict:
            yield function.name


def _asserts(function: ast.AST) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Call) and _called(node) in STRICT:
            return True
    return False


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def lines_of(checker: object, files: dict[str, Path] | list[Path]) -> list[str]:
    """`file:line` of everything that a checker finds."""
    paths = files.values() if isinstance(files, dict) else files
    assert callable(checker)
    return [f"{path.relative_to(ROOT)}:{found}" for path in paths for found in checker(tree(path))]


def test_imports_point_one_way() -> None:
    files = sources()
    known = set(files) | set(FLOOR)
    rooms = {name.split(".")[0] for name in files}
    wrong = {
        why
        for importer, path in files.items()
        for imported in imports(tree(path), known)
        if imported.split(".")[0] in rooms and (why := wrong_import(importer, imported))
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_only_the_clock_reads_a_clock() -> None:
    files = {name: path for name, path in sources().items() if name != "interaction.clock"}
    assert lines_of(clock_reads, files) == []


def test_no_test_sleeps() -> None:
    assert lines_of(sleeps, [path for path in suite() if "browser" not in path.parts]) == []


def test_every_test_can_fail() -> None:
    assert lines_of(idle_tests, suite()) == []


def test_no_error_is_swallowed() -> None:
    assert lines_of(silent_handlers, sources()) == []


def test_no_file_has_a_second_noun_in_it() -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in sources().items()}
    assert {name: length for name, length in lengths.items() if length > LONGER.get(name, LINES)} == {}


def test_names_say_something() -> None:
    assert [name for name in sources() if VAGUE & set(name.split("."))] == []


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("interaction.session", "interaction.lane", True),
        ("interaction.lane", "interaction.session", False),
        ("interaction.lane", "interaction.watches", True),
        ("interaction.policy", "interaction.tick", False),
        ("interaction.clock", "interaction.watches", False),
        ("interaction.web.api", "interaction.sessions", True),
        ("interaction.session", "interaction.web.api", False),
        ("interaction.hearing.whisper", "interaction.hearing.base", True),
        ("interaction.hearing.whisper", "interaction.session", False),
        ("interaction.hearing.whisper", "interaction.speaking.kokoro", False),
        ("interaction.observers.embedded", "interaction.seeing.base", True),
        ("agent.board", "interaction.events", True),
        ("agent.board", "interaction.session", False),
        ("agent.board", "memory.store", False),
        ("memory.chroma", "interaction.streams", True),
        ("memory.chroma", "interaction.watches", False),
        ("interaction.moments", "memory.record", True),
        ("interaction.session", "agent.board", False),
        ("app", "agent.board", True),
        ("interaction.a_new_room", "interaction.watches", True),
        ("interaction.a_new_room", "interaction.lane", False),
        ("interaction.watches", "interaction.a_new_room", True),
    ],
)
def test_the_table_of_floors_says(importer: str, imported: str, allowed: bool) -> None:
    assert (wrong_import(importer, imported) is None) == allowed


@pytest.mark.parametrize(
    ("checker", "broken", "fine"),
    [
        (clock_reads, "import time\ntime.monotonic()", "loop.time()"),
        (clock_reads, "from datetime import datetime\ndatetime.now()", "clock.now()"),
        (clock_reads, "import datetime\ndatetime.datetime.now()", "from time import sleep"),
        (clock_reads, "from time import perf_counter", "time = 3"),
        (sleeps, "pytestmark = pytest.mark.real_time\ndef f(): asyncio.sleep(1)", "await clock.sleep_until(3)"),
        (sleeps, "time.sleep(0.1)", "async def test_a(): await asyncio.sleep(100)"),
        (sleeps, "@pytest.mark.real_time\nasync def test_a(): await asyncio.sleep(1)", "await asyncio.sleep(0)"),
        (sleeps, "from time import sleep\nsleep(1)", "code = 'time.sleep(1)'"),
        (silent_handlers, "try: f()\nexcept: g()", "try: f()\nexcept Exception as e: log(e)"),
        (silent_handlers, "try: f()\nexcept Exception: pass", "try: f()\nexcept KeyError: pass"),
        (idle_tests, "def test_a(): f()", "def test_a(): assert f()"),
        (idle_tests, "def test_a(): assert True", "def test_a():\n with pytest.raises(E): f()"),
        (idle_tests, "def test_a(): story()", "def story(): assert x\ndef test_a(): story()"),
    ],
)
def test_the_checkers_find_what_they_look_for(checker: object, broken: str, fine: str) -> None:
    assert callable(checker)
    assert list(checker(ast.parse(broken)))
    assert not list(checker(ast.parse(fine)))


def test_types_for_the_checker_are_no_imports() -> None:
    text = "if TYPE_CHECKING:\n    from interaction.session import Session\nfrom interaction.lane import Lane"
    assert list(imports(ast.parse(text), {"interaction.lane"})) == ["interaction.lane"]
