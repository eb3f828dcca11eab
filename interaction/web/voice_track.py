"""The outgoing voice as one WebRTC track: what the sink holds, 20 ms at a time, in Opus.

FastRTC's own way out queues frames, resamples each twice and encodes it on another thread: two thirds more work for
every 20 ms of silence, and 80 ms more between a clear and silence. aiortc sends packets that are encoded already as
they are, so a frame leaves the sink at the moment it is sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack

from interaction.clock import Clock
from interaction.speaking.base import RATE, Pcm
from interaction.web.sink import FRAME, FRAME_S

BITRATE = 40_000  # what RFC 7587 recommends for speech in full band
HUSH = 10  # silent frames after which the encoder's answer does not change any more
LATE_S = 0.2  # after a longer stall the stream goes on from there; a shorter one is made up for by a quicker pace


class VoiceTrack(MediaStreamTrack):  # type: ignore[misc]
    """Takes `frame()`, int16 [480] at 24 kHz, every 20 ms. `begin` is awaited before the first."""

    kind = "audio"

    def __init__(self, frame: Callable[[], Pcm], begin: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._frame = frame
        self._begin = begin
        self._encoder = opus()
        self._clock: Clock | None = None
        self._due = 0.0
        self._samples = 0
        self._silent = 0
        self._silence = b""

    async def recv(self) -> Any:
        """The next 20 ms as an `av.Packet`, when it is time for them."""
        if self._clock is None:
            await self._begin()
            self._clock = Clock()
        await self._clock.sleep_until(self._due)
        late = self._clock.now() - self._due
        self._due += FRAME_S + (late if late > LATE_S else 0.0)
        return self._encoded(self._frame())

    def _encoded(self, pcm: Pcm) -> Any:
        self._silent = 0 if pcm.any() else self._silent + 1
        packet = av.Packet(self._silence) if self._silent > HUSH else self._encode(pcm)
        packet.pts, packet.time_base = self._samples, Fraction(1, RATE)  # without the encoder's own delay
        self._samples += FRAME
        return packet

    def _encode(self, pcm: Pcm) -> Any:
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        (packet,) = self._encoder.encode(frame)
        self._silence = bytes(packet)  # read only after `HUSH` silent frames
        return packet


def opus() -> Any:
    """An encoder of 20 ms frames, int16, mono, 24 kHz: one packet each."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    encoder.bit_rate, encoder.options = BITRATE, {"application": "voip"}
    return encoder
