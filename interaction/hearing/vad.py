"""Voice activity detection: how likely is it that these 32 ms are speech? Silero v6."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from interaction.hearing.base import RATE, HearingError

CHUNK = 512  # samples: the 32 ms that Silero was trained on
CONTEXT = 64  # samples of the chunk before, which the model sees again
CHUNK_S = CHUNK / RATE


class Vad(Protocol):
    """A detector with memory; one for each microphone."""

    def __call__(self, chunk: NDArray[np.float32]) -> float:
        """Probability of speech, 0…1, in `chunk`: float32 [512], 16 kHz, the one that follows the last."""

    def reset(self) -> None:
        """Forget what was heard: the next chunk does not follow the last."""


def load_silero(path: Path) -> Any:
    """The ONNX session, to be shared by all microphones (40 ms to load). Raises `HearingError`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # spinning would burn the second core
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base
        raise HearingError(f"The voice detector {path.name} cannot be loaded: {error}") from error


class Silero(Vad):
    """One microphone's detector, 0.2–0.3 ms a chunk: cheap enough for the event loop."""

    def __init__(self, session: Any) -> None:
        """`session`: from `load_silero`."""
        self._session = session
        self.reset()

    def reset(self) -> None:
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(CONTEXT, np.float32)

    def __call__(self, chunk: NDArray[np.float32]) -> float:
        seen = np.concatenate([self._context, chunk])[None]
        self._context = chunk[-CONTEXT:]
        probability, self._h, self._c = self._session.run(None, {"input": seen, "h": self._h, "c": self._c})
        return float(probability[0])
