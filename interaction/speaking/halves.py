"""Kokoro's ONNX file as two models: what is to be heard, and the sound of it.

The first half finds how long each sound lasts, its pitch and its loudness, for a twentieth of the work; the second half
makes the waveform of any stretch of that. The file is read as the protobuf message that it is (onnx.proto of ONNX
1.x: ModelProto, GraphProto, NodeProto), because the `onnx` package is not needed for anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from interaction.speaking.base import SpeakingError

# Where the halves meet, as the exporter named it: features float32 [1, 512, T] of T frames, pitch and loudness
# float32 [1, 2 T].
FEATURES, PITCH, LOUDNESS = "/encoder/MatMul_1_output_0", "/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0"
SEAM = (FEATURES, PITCH, LOUDNESS)
SOUND = "audio"
GRAPH = 7  # field of ModelProto
NODE, WEIGHTS, INPUT, OUTPUT = 1, 5, 11, 12  # fields of GraphProto
VARINT, BYTES = 0, 2  # wire types
WIDTHS = {5: 4, 1: 8}  # of the other wire types, in bytes


@dataclass(slots=True)
class _Node:
    raw: memoryview
    takes: list[str] = field(default_factory=list)
    gives: list[str] = field(default_factory=list)


def halves(model: bytes) -> tuple[bytes, bytes]:
    """The model up to `SEAM` (tokens, style, speed → SEAM), and from there on (SEAM, style → `SOUND`).

    Raises `SpeakingError` for a file that is no such model.
    """
    try:
        head, graph = _opened(memoryview(model))
        return _upto(head, graph, SEAM, ()), _upto(head, graph, (SOUND,), SEAM)
    except (IndexError, KeyError, ValueError) as error:
        raise SpeakingError(f"The voice model is not the Kokoro that is known here ({error!r}).") from error


def _opened(model: memoryview) -> tuple[bytes, list[tuple[int, memoryview]]]:
    """All of it but the graph, and the fields of the graph."""
    head, graph = b"", None
    for number, raw, content in _fields(model):
        if number == GRAPH:
            graph = content
        else:
            head += raw
    if graph is None:
        raise ValueError("no graph")
    return head, [(number, content) for number, _, content in _fields(graph)]


def _upto(head: bytes, graph: list[tuple[int, memoryview]], wanted: tuple[str, ...], given: tuple[str, ...]) -> bytes:
    """A model that works out `wanted`, of what it took before and of what is `given`."""
    nodes = [_node(content) for number, content in graph if number == NODE]
    makers = {name: node for node in nodes for name in node.gives}
    needed, kept, left = set(given), set[int](), list(wanted)
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            if name in makers and id(makers[name]) not in kept:
                kept.add(id(makers[name]))
                left += makers[name].takes
    if missing := [name for name in wanted if name not in makers]:
        raise KeyError(missing[0])
    parts = [_written(NODE, node.raw) for node in nodes if id(node) in kept]
    for number, content in graph:
        name = _text(content, 8 if number == WEIGHTS else 1) if number in (WEIGHTS, INPUT) else ""
        if number not in (NODE, WEIGHTS, INPUT, OUTPUT) or (name and name in needed):
            parts.append(_written(number, content))
    parts += [_written(INPUT, _float(name)) for name in given] + [_written(OUTPUT, _float(name)) for name in wanted]
    return head + _written(GRAPH, b"".join(parts))


def _node(raw: memoryview) -> _Node:
    node = _Node(raw)
    for number, _, content in _fields(raw):
        if number in (1, 2):
            (node.takes if number == 1 else node.gives).append(str(content, "utf-8"))
    return node


def _float(name: str) -> bytes:
    """A ValueInfoProto: a tensor of floats of whatever shape."""
    kind = _written(2, _written(1, bytes((1 << 3 | VARINT, 1))))
    return _written(1, name.encode()) + kind


def _text(message: memoryview, field: int) -> str:
    return next(str(content, "utf-8") for number, _, content in _fields(message) if number == field)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Number, bytes as they stand, and content of each field."""
    at = 0
    while at < len(message):
        begin = at
        key, at = _varint(message, at)
        first = at
        if key & 7 == VARINT:
            _, at = _varint(message, at)
        elif key & 7 == BYTES:
            length, first = _varint(message, at)
            at = first + length
        else:
            at += WIDTHS[key & 7]
        if at > len(message):
            raise ValueError("it breaks off")
        yield key >> 3, message[begin:at], message[first:at]


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def _written(number: int, content: bytes | memoryview) -> bytes:
    return b"".join((_number(number << 3 | BYTES), _number(len(content)), content))


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))
