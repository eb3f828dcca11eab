"""The microphone's way in: whatever rate a browser sends, the ears get 16 kHz."""

from __future__ import annotations

import av
import numpy as np
import pytest

from interaction.hearing.base import RATE
from interaction.web.rtc import PageHandler


@pytest.mark.parametrize(("rate", "layout"), [(8000, "mono"), (16000, "mono"), (44100, "stereo"), (48000, "stereo")])
def test_a_microphone_of_any_rate_is_heard_at_its_true_pitch(rate: int, layout: str) -> None:
    tone = (np.sin(2 * np.pi * 440 * np.arange(rate) / rate) * 8000).astype(np.int16)
    samples = tone if layout == "mono" else np.repeat(tone, 2)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="s16", layout=layout)
    frame.sample_rate = rate
    heard = np.concatenate([part.to_ndarray().ravel() for part in PageHandler().resample(frame)])
    assert len(heard) / RATE == pytest.approx(1.0, abs=0.05)
    assert int(np.argmax(np.abs(np.fft.rfft(heard, RATE)))) == pytest.approx(440, abs=2)
