"""FastRTC's end of one connection: the only file that knows how its tracks and queues work inside."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import av
import gradio as gr
import numpy as np
from fastrtc import AsyncAudioVideoStreamHandler, Stream
from fastrtc.tracks import AudioCallback
from numpy.typing import NDArray

from interaction.hearing.base import RATE as HEARING_RATE
from interaction.speaking.base import RATE, Pcm
from interaction.web.voice_track import VoiceTrack

# 32 ms: one window of the voice activity detector. FastRTC's own resampler would give 60 ms chunks at this rate,
# which makes every barge-in 30 ms later on average.
HEARING_CHUNK = 512
IDLE_S = 50.0  # how long FastRTC's own way out is kept waiting: after a minute it would complain


class PageHandler(AsyncAudioVideoStreamHandler):  # type: ignore[misc]
    """FastRTC's end of one connection. It belongs to nobody until `bind`, which comes before the page has an answer."""

    def __init__(self) -> None:
        super().__init__("mono", output_sample_rate=RATE, input_sample_rate=HEARING_RATE)
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=HEARING_RATE, frame_size=HEARING_CHUNK)
        self._hear: Callable[[NDArray[np.float32]], None] = lambda pcm: None
        self._picture: Callable[[NDArray[np.uint8]], None] = lambda image: None
        self._gone: Callable[[], None] = lambda: None
        self._over = asyncio.Event()

    def copy(self) -> PageHandler:
        return PageHandler()

    def bind(
        self,
        hear: Callable[[NDArray[np.float32]], None],
        picture: Callable[[NDArray[np.uint8]], None],
        gone: Callable[[], None],
    ) -> None:
        self._hear, self._picture, self._gone = hear, picture, gone

    def resample(self, frame: av.AudioFrame) -> Iterable[av.AudioFrame]:
        return self._resampler.resample(frame)  # type: ignore[no-any-return]

    async def receive(self, frame: tuple[int, NDArray[np.int16]]) -> None:
        self._hear(frame[1].reshape(-1).astype(np.float32) / np.float32(32768))

    async def video_receive(self, frame: NDArray[np.uint8]) -> None:
        """Store and return: FastRTC's queue before this call has no bound."""
        self._picture(frame)

    async def video_emit(self) -> Any:
        """No picture is ever sent back; returning None instead would end the incoming video."""
        await self._over.wait()

    async def emit(self) -> None:
        """Nothing: the voice goes out by a track of its own (`VoiceTrack`)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE_S):
                await self._over.wait()

    @property
    def _track(self) -> Any:
        """FastRTC's outgoing audio track; the handler gets to know it only by its bound method."""
        return self._clear_queue.__self__

    async def shutdown(self) -> None:
        """Called by FastRTC when the connection has ended, however late."""
        self._gone()

    def end(self) -> None:
        """Nothing more goes in or out. FastRTC does not stop its track in every case (a failed ICE connection)."""
        self._over.set()
        self._hear, self._picture = (lambda pcm: None), (lambda image: None)
        if self._clear_queue is not None:
            self._track.stop()


class MediaStream(Stream):  # type: ignore[misc]
    """FastRTC's connections without its page, which would also report to Gradio's analytics."""

    def voice(self, id: str, frame: Callable[[], Pcm]) -> None:
        """Send `frame()` every 20 ms on a connection that has been answered, and take what comes in from then on."""
        for sender in self.pcs[id].getSenders():
            if isinstance(sender.track, AudioCallback):
                sender.replaceTrack(VoiceTrack(frame, sender.track.start))

    def watch_end(self, id: str, gone: Callable[[], None]) -> None:
        """Call `gone()` when the connection has ended: without sound FastRTC never says so."""
        peer = self.pcs[id]

        def changed() -> None:
            if peer.connectionState in ("failed", "closed"):
                gone()

        peer.on("connectionstatechange", changed)

    def _generate_default_ui(self, ui_args: Any = None) -> gr.Blocks:
        return gr.Blocks(analytics_enabled=False)
