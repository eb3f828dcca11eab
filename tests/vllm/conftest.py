"""One real vLLM server, without a GPU, for all tests here: it takes over a minute to start.

It serves a tiny checkpoint (`tests/tiny_observer`). The first test starts it within a session, kills it there and has
it come back; the others use what came back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings, Vllm
from interaction.observers.engine import Engine
from interaction.observers.engine_plan import CPU

CHECKPOINT = Path(os.environ.get("LOOKOUT_TEST_MODEL") or Path(__file__).parents[1] / "tiny_observer" / "model")
START_S = 600.0  # on a busy machine; a quiet one takes 60 to 90 s


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model under a name that tells how it was trained."""
    folder = tmp_path_factory.mktemp("models") / "joyai-tiny"
    folder.mkdir()
    for path in CHECKPOINT.iterdir():
        (folder / path.name).symlink_to(path.resolve())
    return folder


@pytest.fixture(scope="session")
def engine(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Not yet started."""
    os.environ["VLLM_SERVER_DEV_MODE"] = "1"  # lets a test have it forget its pictures
    python = Path(os.environ["LOOKOUT_VLLM_PYTHON"])
    made = Engine(python, str(checkpoint), CPU, tmp_path_factory.mktemp("data"), Vllm())
    yield made
    made.close()


@pytest.fixture
def served(engine: Engine) -> Engine:
    """Started, and ready."""
    engine.start()
    assert engine.wait(lambda status: status.ready, START_S), engine.status
    return engine


@pytest.fixture
def settings(checkpoint: Path, tmp_path: Path) -> Settings:
    """For a house whose observer it is, at a deadline that a busy machine keeps, and without the gate."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        observer=f"vllm:{checkpoint}",
        data_dir=tmp_path,
        session={"observer_deadline_s": 30},
        gate={"enabled": False},
        memory={"enabled": False},
    )
