"""The streams of a scenario: where the pictures come from, and what goes wrong with them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

import config
from bench import footage
from interaction import zones
from interaction.both import Both
from interaction.sources.base import Frame, FrameSource, SourceError

MAIN = "camera"  # the lane of a scenario's own `source`
Seconds = tuple[float, float]


class Source(BaseModel):
    """Where the pictures come from.

    `file`: one that ships in a package, with `sha256` and `origin`; `path`: one of your own, beside the scenario;
    `synthetic`: drawn by `generator` from `seed` with `options`, for `seconds`; if it has a `file` too, people are cut
    out of that. `crop`: x, y, width, height in pixels. `span`: only the pictures of these seconds of a file are shown;
    times stay those of the file. `drop`: between these seconds the source cannot be reached. `areas`: what is drawn on
    its picture before it begins, as the page sends it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["file", "path", "synthetic"] = "synthetic"
    file: str = ""
    sha256: str = ""
    origin: str = ""
    crop: tuple[int, int, int, int] | None = None
    span: Seconds | None = None
    generator: str = ""
    seed: int = 0
    seconds: float | None = Field(default=None, gt=0, le=86_400)
    fps: float = Field(default=10.0, gt=0, le=60)
    options: dict[str, Any] = {}
    drop: Seconds | None = None
    areas: dict[Literal["zones", "masks"], list[Any]] = {}

    @model_validator(mode="after")
    def _complete(self) -> Source:
        if (self.kind == "file" or (self.kind == "synthetic" and self.file)) and not (
            self.file and self.sha256 and self.origin
        ):
            raise ValueError("a file needs 'file', 'sha256' and 'origin'")
        if self.kind == "path" and not self.file:
            raise ValueError("a path needs 'file'")
        if self.kind == "synthetic" and not (self.generator and self.seconds):
            raise ValueError("a synthetic source needs 'generator' and 'seconds'")
        zones.read(self.areas.get("zones", []), self.areas.get("masks", []), config.Areas())
        for name, stretch in (("span", self.span), ("drop", self.drop)):
            if stretch and not 0 <= stretch[0] < stretch[1]:
                raise ValueError(f"the {name} begins at {stretch[0]:g} and ends at {stretch[1]:g}")
        return self

    @property
    def spec(self) -> str:
        """The address of the footage for `open_source`. Raises `NoFootage`."""
        crop = f"#crop={','.join(map(str, self.crop))}" if self.crop else ""
        if self.kind == "path":
            return self.file + crop
        return str(footage.find(self.file, self.sha256, self.origin)) + crop


def open_stream(source: Source, lane: str = MAIN, began: float | None = None, realtime: bool = False) -> FrameSource:
    """The stream; `began`: the session second at which it did, None: when it is first looked at; `realtime`: a file at
    its own pace.

    Raises `NoFootage`, and `SourceError`, `ValueError` or `TypeError` for what cannot be opened or drawn.
    """
    from interaction.sources.opening import open_source
    from interaction.sources.synthetic import synthetic

    if source.kind != "synthetic":
        opened = open_source(source.spec, lane, allow_files=True, realtime=realtime, fps=source.fps)
    else:
        footage = {"footage": source.spec} if source.file else {}
        opened = synthetic(
            source.generator,
            seed=source.seed,
            seconds=source.seconds or 0.0,
            fps=source.fps,
            lane=lane,
            **{**footage, **source.options},
        )
    if source.span or source.drop or began is not None:
        return Broadcast(opened, span=source.span, drop=source.drop, began=began)
    return opened


class Broadcast(FrameSource):
    """A stream that goes on whether anybody watches or not: who opens it late sees what is on by then.

    `span`: only its pictures of these seconds, at their own times: before them there are none yet. `drop`: between
    these seconds it cannot be reached. Seconds count from `began` (session time; None: when it is first opened).
    """

    def __init__(
        self,
        source: FrameSource,
        *,
        span: Seconds | None = None,
        drop: Seconds | None = None,
        began: float | None = None,
    ) -> None:
        self.lane, self.live = source.lane, source.live
        self.retry = drop is not None
        self._source = source
        self._span = span or (0.0, float("inf"))
        self._drop = drop or (-1.0, -1.0)
        self._began = began

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        """Raises `SourceError` while it cannot be reached."""
        joined = now()
        began = self._began = joined if self._began is None else self._began
        self._reach(joined - began)
        async with aclosing(cast(AsyncGenerator[Frame], self._source.frames(_from(began, now)))) as frames:
            async for frame in frames:
                t = frame.t - began
                if t > self._span[1]:
                    return
                if t >= self._span[0] and frame.t >= joined:
                    self._reach(t)
                    yield frame

    def _reach(self, t: float) -> None:
        if self._drop[0] <= t < self._drop[1]:
            raise SourceError(Both(f"{self.lane} does not answer.", f"{self.lane} 没有回应。"))

    async def aclose(self) -> None:
        await self._source.aclose()


def _from(began: float, now: Callable[[], float]) -> Callable[[], float]:
    """A clock for a source that began earlier than it is opened: the first time it is read it says `began`."""
    late = [began]
    return lambda: late.pop() if late else now()
