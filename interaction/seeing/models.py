"""The neural networks of the seeing room: things and people, faces, text. Shared between lanes.

They are loaded on the thread that runs them, at first use; each computes on one core. `Models` owns two threads: one
for the fast detectors, one for the reader, so that reading a page never delays seeing who comes in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from config import Seeing
from interaction.seeing.base import Box, Detection, Line
from interaction.seeing.boxes import best_of_each, join_tiles, tiles
from interaction.seeing.turns import Turns
from interaction.seeing.words import DROPPED, MERGED
from interaction.worker import Worker

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Below this a detection is noise in our pictures; what is believed is decided later (`belief.py`).
WEAK_SCORE = 0.25
FACE_SCORE = 0.5
LINE_SCORE = 0.7  # the reader's own certainty; below, letters are invented out of texture
LINES, LINE_CHARS = 40, 200  # a dense page; more is cut, not an error


class Models:
    """All networks of the seeing room, the threads that run them, and whose turn it is. One a process; give it to every
    seer."""

    def __init__(self, find: Callable[[str], Path], bounds: Seeing | None = None) -> None:
        """`find`: the local path of a weight by name (`assets.find`); what it raises surfaces at the first look."""
        self._find = find
        self.turns = Turns(bounds)
        self.seeing = Worker("seeing")
        self.reading = Worker("reading")

    @cached_property
    def _detector(self) -> Detector:
        return Detector(self._find("vision/detector"), self._find("vision/labels"))

    @cached_property
    def _face_finder(self) -> FaceFinder:
        return FaceFinder(self._find("vision/face"))

    @cached_property
    def _reader(self) -> Reader:
        return Reader()

    def detect(self, image: Image) -> list[Detection]:
        """Things, people and faces of a BGR picture, weak ones too; to be called on the `seeing` thread only."""
        return self._detector(image) + self._face_finder(image)

    def read(self, image: Image) -> tuple[Line, ...]:
        """The lines of text of a BGR picture, top to bottom; to be called on the `reading` thread only."""
        return self._reader(image)

    def load(self) -> None:
        """Load everything now, on the threads that will use it. Blocks for seconds: not for the event loop."""
        for job in (
            self.seeing.submit(lambda: (self._detector, self._face_finder)),
            self.reading.submit(lambda: self._reader),
        ):
            job.result()

    def close(self) -> None:
        """Let the threads end; what they are computing is dropped."""
        self.seeing.close()
        self.reading.close()


class _Network:
    """A TensorFlow Lite network with one picture in and (boxes, scores) out."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        cv2.setNumThreads(1)  # one core a model; OpenCV would take them all for a resize
        self._network: Any = Interpreter(model_path=str(path), num_threads=1)
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._network.get_output_details()]
        self.side = int(self._network.get_input_details()[0]["shape"][1])

    def __call__(self, square: Image) -> tuple[Floats, Floats]:
        """`square`: BGR [side, side, 3]. Returns raw boxes [n, …] and logits [n, classes]."""
        rgb = cv2.cvtColor(square, cv2.COLOR_BGR2RGB)
        self._network.set_tensor(self._input, rgb[None].astype(np.float32) / 127.5 - 1.0)
        self._network.invoke()
        boxes, logits = (self._network.get_tensor(index)[0] for index in self._outputs)
        return boxes, logits


class Detector:
    """SSD-MobileNetV2 trained on Open Images, run on two overlapping halves of the picture, which doubles small people.

    Decoding follows TensorFlow's `SSDAnchorGenerator` and box coder (scales 10, 10, 5, 5), class 0 is background.
    """

    def __init__(self, path: Path, labels: Path) -> None:
        self._network = _Network(path)
        self._labels = [line.strip().lower() for line in labels.read_text().splitlines() if line.strip()]
        self._anchors = _ssd_anchors()

    def __call__(self, image: Image) -> list[Detection]:
        height, width = image.shape[:2]
        first, second = (self._in_tile(image, *tile) for tile in tiles(width, height))
        return join_tiles(first, second, upright=height > width)

    def _in_tile(self, image: Image, x0: int, y0: int, x1: int, y1: int) -> list[Detection]:
        height, width = image.shape[:2]
        scale, offset, size = (np.array(pair * 2) for pair in ((x1 - x0, y1 - y0), (x0, y0), (width, height)))
        found = []
        for label, score, box in self._look(image[y0:y1, x0:x1]):
            in_picture = np.clip((box * scale + offset) / size, 0.0, 1.0)
            found.append(Detection(label, score, Box(*map(float, in_picture))))
        return best_of_each(found, 0.4)

    def _look(self, tile: Image) -> list[tuple[str, float, Floats]]:
        raw, logits = self._network(cv2.resize(tile, (self._network.side,) * 2))
        scores = _sigmoid(logits)
        rows, classes = np.nonzero(scores[:, 1:] >= WEAK_SCORE)
        found = []
        for row, kind in zip(rows, classes + 1, strict=True):
            label = self._labels[kind] if kind < len(self._labels) else ""
            label = MERGED.get(label, label)
            if label and label not in DROPPED:
                box = _decode(raw[row], self._anchors[row])
                found.append((label, float(scores[row, kind]), box))
        return found


class FaceFinder:
    """The full-range sparse face detector of MediaPipe: faces up to about five metres. It fires on cats and apples."""

    def __init__(self, path: Path) -> None:
        self._network = _Network(path)
        cells = (np.arange(48, dtype=np.float32) + 0.5) / 48
        self._centres = np.stack([np.tile(cells, 48), np.repeat(cells, 48)], 1)

    def __call__(self, image: Image) -> list[Detection]:
        height, width = image.shape[:2]
        side = self._network.side
        scale = side / max(height, width)
        small = cv2.resize(
            image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
        )
        square = np.zeros((side, side, 3), np.uint8)
        square[: small.shape[0], : small.shape[1]] = small
        raw, logits = self._network(square)
        scores = _sigmoid(logits[:, 0])
        found = []
        for row in np.nonzero(scores >= FACE_SCORE)[0]:
            centre, size = self._centres[row] + raw[row, :2] / side, raw[row, 2:4] / side
            corners = np.concatenate([centre - size / 2, centre + size / 2]) * side
            picture = np.array([small.shape[1], small.shape[0]] * 2)
            box = Box(*map(float, np.clip(corners / picture, 0.0, 1.0)))
            found.append(Detection("face", float(scores[row]), box))
        return best_of_each(found, 0.3)


class Reader:
    """PP-OCR through RapidOCR: English and Chinese text. About a quarter of a second a picture."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self._engine: Any = RapidOCR(
            params={
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Global.use_cls": False,  # upside-down text is not worth a third network
                "Det.limit_side_len": 736,
                "Det.limit_type": "max",
            }
        )
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)  # it warns of each picture without text

    def __call__(self, image: Image) -> tuple[Line, ...]:
        result = self._engine(image)
        if result.boxes is None:
            return ()
        height, width = image.shape[:2]
        rows = zip(result.txts, result.scores, np.asarray(result.boxes) / (width, height), strict=True)
        lines = [Line(" ".join(text.split())[:LINE_CHARS], _box(at)) for text, score, at in rows if score >= LINE_SCORE]
        return tuple(line for line in lines if line.text)[:LINES]


def _box(corners: Floats) -> Box:
    """What encloses the corners [4, 2]."""
    return Box(*(float(part) for part in np.clip([*corners.min(axis=0), *corners.max(axis=0)], 0.0, 1.0)))


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -80, 80))), np.float32)


def _decode(raw: Floats, anchor: Floats) -> Floats:
    """A box x0, y0, x1, y1 in parts of the tile, from offsets (y, x, h, w) to an anchor (x, y, w, h)."""
    y, x = raw[0] / 10 * anchor[3] + anchor[1], raw[1] / 10 * anchor[2] + anchor[0]
    height, width = np.exp(raw[2] / 5) * anchor[3], np.exp(raw[3] / 5) * anchor[2]
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2], np.float32)


def _ssd_anchors() -> Floats:
    """The 1917 anchors [n, 4] as centre x, y, width, height: six grids, fewer shapes in the finest."""
    grids = (19, 10, 5, 3, 2, 1)
    scales = [0.2 + 0.75 * i / (len(grids) - 1) for i in range(len(grids))] + [1.0]
    anchors = []
    for layer, grid in enumerate(grids):
        scale = scales[layer]
        if layer == 0:
            shapes = [(1.0, 0.1), (2.0, scale), (0.5, scale)]
        else:
            shapes = [(ratio, scale) for ratio in (1.0, 2.0, 0.5, 3.0, 1 / 3)]
            shapes.append((1.0, (scale * scales[layer + 1]) ** 0.5))
        for row in range(grid):
            for column in range(grid):
                for ratio, size in shapes:
                    root = ratio**0.5
                    anchors.append(((column + 0.5) / grid, (row + 0.5) / grid, size * root, size / root))
    return np.array(anchors, np.float32)
