"""Reads one container with PyAV, in a thread of its own: demuxes, decodes, and converts only what is asked for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from config import Sources
from interaction.both import Both
from interaction.sources.address import Address, Crop
from interaction.sources.base import SourceError
from interaction.sources.container import Opener
from interaction.sources.handover import End, Handover, Picture
from interaction.sources.reasons import LATE, REASONS, of
from interaction.sources.thrift import Thrift
from interaction.sources.timeline import Timeline

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)
# Packets in a row without a picture that are a glitch of the network; more are seconds of nothing but damage.
DAMAGED = 100


class Reader(threading.Thread):
    """Decodes until the end, a fault, or `handover.close()`.

    `fps`: how many pictures a second are
    wanted now (None: all). `now`: session seconds; live pictures are chosen by arrival, others by media time.
    `live` and `paced` are known from the first picture on.
    """

    def __init__(
        self,
        address: Address,
        opener: Opener,
        handover: Handover,
        *,
        fps: Callable[[], float | None],
        now: Callable[[], float],
        limits: Sources,
    ) -> None:
        super().__init__(name=f"source {address.shown}", daemon=True)
        self._address = address
        self._opener = opener
        self._handover = handover
        self._fps = fps
        self._now = now
        self._limits = limits
        self.live = False
        self.paced = True
        self._thrift = Thrift()
        self._thrifty = False

    def run(self) -> None:
        import av
        from av.video.reformatter import VideoReformatter

        self._scaler = VideoReformatter()
        error: SourceError | None = None
        try:
            with self._opener.open(lambda: self._handover.closed) as container:
                self._hand_over(container)
        except SourceError as fault:
            error = fault
        except (av.FFmpegError, OSError) as fault:
            login = isinstance(fault, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError))
            error = SourceError(explain(fault, self._address), login=login)
        except Exception as fault:
            # libav and Python's sockets raise many kinds; whatever it was, this source cannot be read.
            log.debug("source reader failed: %s", type(fault).__name__)
            kind = type(fault).__name__
            error = SourceError(of(self._address.shown, Both(f"cannot be read ({kind})", f"无法读取（{kind}）")))
        self._handover.give(End(self._opener.fault or error), wait=False)

    def _hand_over(self, container: InputContainer) -> None:
        stream = self._video_of(container)
        self.live = self._address.scheme == "device" or container.duration is None
        # HLS comes in bursts of whole segments: it is paced by its own time, like a file.
        self.paced = not self.live or "hls" in container.format.name
        self._thrifty = not self.paced
        seen = False
        for media_t, frame in self._decoded(container, stream):
            if self._handover.closed:
                return
            seen = True
            at = media_t if self.paced else self._now()
            if not self._thrift.gives(at, key=self._thrifty and frame.key_frame, fps=self._fps()):
                continue
            if not self._handover.give(Picture(media_t, self._image(frame)), wait=self.paced):
                return
        if not seen:
            raise SourceError(
                of(self._address.shown, Both("holds no picture that can be decoded", "里没有能解码的画面"))
            )

    def _video_of(self, container: InputContainer) -> VideoStream:
        import av

        streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not streams:
            deaf, mute = Both("holds no picture", "里没有画面"), Both("has sound but no picture", "只有声音，没有画面")
            raise SourceError(of(self._address.shown, mute if container.streams.audio else deaf))
        stream = max(streams, key=lambda s: s.width * s.height)
        if max(stream.width, stream.height) > self._limits.refused_side:
            size = f"{stream.width}×{stream.height}"
            raise SourceError(
                of(self._address.shown, Both(f"is too large ({size} pixels)", f"的画面太大（{size} 像素）"))
            )
        for other in container.streams:
            if other is not stream:
                other.discard = (
                    av.stream.Discard.all
                )  # sound, and sizes that nobody looks at: HLS does not even fetch them then
        # Frame threads hold pictures back; live that is delay. A file gains speed by them.
        stream.thread_type = "AUTO" if container.duration is not None else "SLICE"
        return stream

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[tuple[float, av.VideoFrame]]:
        """Frames with seconds since the first one, never running backwards. Broken packets are skipped, bounded."""
        import av

        step = 1 / float(stream.average_rate) if stream.average_rate else 0.04
        timeline = Timeline(step, live=self.live)
        barren, good_at = 0, self._now()
        for packet in self._needed(container, stream, step):
            fault: av.InvalidDataError | None = None
            frames: list[av.VideoFrame] = []
            try:
                frames = packet.decode()
            except av.InvalidDataError as error:
                fault = error
            barren = 0 if frames else barren + 1
            good_at = self._now() if frames else good_at
            # A live stream may be joined long before its next key frame; a file has no such excuse.
            if barren > DAMAGED and (self._now() - good_at > self._limits.read_timeout_s if self.live else fault):
                raise fault or SourceError(
                    of(self._address.shown, Both("sends something, but no picture", "在发送数据，但没有画面"))
                )
            for frame in frames:
                yield timeline.at(frame.time), frame

    def _needed(self, container: InputContainer, stream: VideoStream, step: float) -> Iterator[av.Packet]:
        """The packets that have to be decoded."""
        asked = self._now()
        for packet in container.demux(stream):
            came = self._now()
            waited = came - asked > step / 2
            if not (self._thrifty and packet.size) or self._thrift.decodes(
                came, key=packet.is_keyframe, fps=self._fps(), waited=waited
            ):
                yield packet
            asked = self._now()

    def _image(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        crop = self._address.crop
        scale = 1.0 if crop else min(1.0, self._limits.longest_side / max(frame.width, frame.height))
        size = (max(2, round(frame.width * scale)), max(2, round(frame.height * scale)))
        # One scaler for all: making it costs as much as using it. Threads of its own would only be in the way.
        small = self._scaler.reformat(frame, width=size[0], height=size[1], format="bgr24", threads=1)
        image: NDArray[np.uint8] = np.asarray(small.to_ndarray(), np.uint8)
        image = np.rot90(image, k=round(frame.rotation / 90)) if frame.rotation else image
        return image if crop is None and image.flags.c_contiguous else self._cut(image, crop)

    def _cut(self, image: NDArray[np.uint8], crop: Crop | None) -> NDArray[np.uint8]:
        if crop is None:
            return np.ascontiguousarray(image)
        height, width = image.shape[:2]
        if crop.x + crop.width > width or crop.y + crop.height > height:
            raise SourceError(
                Both(
                    f"The crop lies outside of the picture, which has {width}×{height} pixels.",
                    f"裁剪范围超出了画面，画面只有 {width}×{height} 像素。",
                )
            )
        cut = np.ascontiguousarray(image[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width])
        scale = self._limits.longest_side / max(crop.width, crop.height)
        if scale >= 1:
            return cut
        import cv2

        small: NDArray[np.uint8] = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return small


def explain(fault: Any, address: Address) -> Both:
    """One line for a person. Never the library's own text: it repeats the URL with its password."""
    import av

    reasons: tuple[tuple[type[BaseException], Both], ...] = (
        (av.error.HTTPUnauthorizedError, REASONS[401]),
        (av.error.HTTPForbiddenError, REASONS[403]),
        (av.error.HTTPNotFoundError, REASONS[404]),
        (av.error.HTTPClientError, Both("was refused by the server", "被服务器拒绝了")),
        (av.error.HTTPServerError, Both("failed on the server", "在服务器上出错了")),
        (av.error.ProtocolNotFoundError, Both("leads to a protocol that is not allowed", "指向不允许的协议")),
        (av.error.InvalidDataError, Both("is not a video that can be read", "不是能读取的视频")),
        (EOFError, Both("is empty, or ends before its first picture", "是空的，或还没有画面就结束了")),
        (
            ConnectionRefusedError,
            Both(
                "refused the connection: look whether it is switched on, and the port right",
                "拒绝了连接：请看看它是否开着，端口是否正确",
            ),
        ),
        (av.error.ExitError, LATE),
        (TimeoutError, LATE),
        (ConnectionError, Both("broke off the connection", "断开了连接")),
        (FileNotFoundError, Both("does not exist", "不存在")),
        (PermissionError, Both("may not be read by this user", "不允许当前用户读取")),
        (OSError, Both("cannot be reached", "连不上")),
    )
    for kind, reason in reasons:
        if isinstance(fault, kind):
            return of(address.shown, reason)
    return of(address.shown, Both("cannot be read", "无法读取"))
