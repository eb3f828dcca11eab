"""Speech to text by any server that speaks OpenAI's `/v1/audio/transcriptions`."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interaction.clock import real_work
from interaction.endpoint import base_url, host_of, reason
from interaction.hearing.base import RATE, HearingError, Recognizer, Transcript

ANSWER_BYTES = 256 * 1024  # of one answer; half a minute of speech has 1 kB
TEXT_CHARS = 4000  # of one transcript
LONGEST_S = 60  # of sound that is sent


class OpenAIRecognizer(Recognizer):
    """Sends each turn as a WAV file (16 kHz, 16 bit, mono). The sound leaves this machine if the host is another."""

    def __init__(self, url: str, model: str, key: str = "", timeout_s: float = 20.0) -> None:
        """Raises `HearingError` for a URL that is none."""
        import openai

        try:
            base = base_url(url, "audio/transcriptions")
        except ValueError as error:
            raise HearingError(f"Speech recognition: {error}") from error
        self.name = f"{model} at {host_of(base)}"
        self._model = model
        self._timeout_s = timeout_s
        self._host = host_of(base)
        # One try: a turn that is recognised late is worth less than the next one.
        self._client = openai.AsyncOpenAI(base_url=base, api_key=key or "none", timeout=timeout_s, max_retries=0)

    async def transcribe(self, audio: NDArray[np.float32], language: str) -> Transcript:
        try:
            with real_work():
                # The client's own timeout bounds each read, not the whole.
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._ask(_wav(audio[: LONGEST_S * RATE]), language)
            return Transcript(" ".join(_text(answer).split())[:TEXT_CHARS], language)
        except HearingError:
            raise
        except Exception as error:  # the client raises its own, httpx's and json's errors
            raise HearingError(f"The speech recognition server {self._host} failed: {reason(error)}.") from error

    async def aclose(self) -> None:
        await self._client.close()

    async def _ask(self, wav: bytes, language: str) -> bytes:
        """The raw answer, read no further than `ANSWER_BYTES`."""
        call = self._client.audio.transcriptions.with_streaming_response.create(
            model=self._model, file=("turn.wav", wav, "audio/wav"), language=language, response_format="json"
        )
        body = bytearray()
        async with call as response:
            async for data in response.iter_bytes():
                body += data
                if len(body) > ANSWER_BYTES:
                    raise HearingError(f"The speech recognition server {self._host} sent far too much.")
        return bytes(body)


def _text(answer: bytes) -> str:
    """The transcript in a JSON answer `{"text": …}`; raises ValueError for anything else."""
    found: Any = json.loads(answer)
    text = found.get("text") if isinstance(found, dict) else None
    if not isinstance(text, str):
        raise ValueError("no text in the answer")
    return text


def _wav(audio: NDArray[np.float32]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()
