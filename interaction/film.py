"""A few seconds of pictures as a film that every browser plays. Blocks for about half a CPU second: off the event loop.

VP8 in WebM: the encoder is in PyAV's wheel, and Chromium plays it also where it was built without H.264 (as those that
tests drive may be). There is no sound track, and nothing here could make one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

from interaction.album import Picture

MILLISECOND = Fraction(1, 1000)
# Measured on a street at 640×480, 4 pictures a second: 36.5 dB and 48 kB a second; everything dearer looked the same.
QUALITY = {"deadline": "realtime", "cpu-used": "6", "crf": "18"}
BIT_RATE = 1_500_000  # an upper bound, for scenes that are all movement


def film(pictures: Sequence[Picture], end: float, fps: float) -> bytes:
    """A WebM file of pictures in order of time, each shown until the next one, the last until session second `end`.

    Pictures of another size than the first are scaled to it (a source may change its size). Raises `ValueError` for
    none, or for a picture that is none.
    """
    import av
    import cv2
    import numpy as np

    if not pictures:
        raise ValueError("a film needs a picture")
    first, last = pictures[0], pictures[-1]
    shown = list(pictures)
    if end - last.t > 2 / fps:
        shown.append(Picture(end - 1 / fps, last.jpeg))  # the source stood still: so does the film
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=Fraction(fps).limit_denominator(1000))
        stream.pix_fmt, stream.options, stream.bit_rate = "yuv420p", QUALITY, BIT_RATE
        stream.codec_context.time_base = MILLISECOND
        stream.codec_context.thread_count = 1  # the other core belongs to the voice, which tells of it just now
        size: tuple[int, int] | None = None
        at = -1
        for picture in shown:
            image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
            if image is None:
                raise ValueError("a picture of the film is broken")
            if size is None:
                height, width = image.shape[:2]
                size = stream.width, stream.height = max(2, width & ~1), max(2, height & ~1)  # colour has half the size
            if image.shape[1::-1] != size:
                image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            at = max(at + 1, round((picture.t - first.t) * 1000))
            frame.pts, frame.time_base = at, MILLISECOND
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
