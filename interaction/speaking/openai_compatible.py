"""Text to speech by any server that speaks OpenAI's `/v1/audio/speech` with `response_format` pcm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np

from interaction.clock import real_work
from interaction.endpoint import base_url, host_of, reason
from interaction.speaking.base import RATE, Pcm, SpeakingError, Voice

BLOCK = 4800  # bytes read at once: 0.1 s at 24 kHz, soon enough for the first sound
PACKED = (b"RIFF", b"ID3", b"OggS", b"fLaC")  # first bytes of sound files; read as pcm they are a loud noise
OTHER_SOUND = (
    "audio/mpeg",
    "audio/mp3",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "audio/opus",
    "audio/webm",
    "audio/flac",
)
LANGUAGES = frozenset({"en", "zh"})


class OpenAIVoice(Voice):
    """Streams 16-bit little-endian mono sound. The text leaves this machine if the host is another."""

    languages = LANGUAGES

    def __init__(
        self,
        url: str,
        model: str,
        speaker: str,
        key: str = "",
        *,
        speed: float = 1.0,
        rate: int = RATE,
        timeout_s: float = 20.0,
        longest_s: float = 60.0,
    ) -> None:
        """`rate`: Hz of the server's sound; `timeout_s`: without any; raises `SpeakingError` for a URL that is none."""
        import openai

        try:
            base = base_url(url, "audio/speech")
        except ValueError as error:
            raise SpeakingError(f"The voice: {error}") from error
        self.name = f"{model} at {host_of(base)}"
        self._host = host_of(base)
        self._model, self._speaker, self._speed = model, speaker, speed
        self._rate, self._timeout_s, self._most = rate, timeout_s, int(longest_s * rate) * 2
        # One try: the words are shown when it fails, and a late second try would talk over what comes next.
        self._client = openai.AsyncOpenAI(base_url=base, api_key=key or "none", timeout=timeout_s, max_retries=0)

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        sound = self._blocks(sentence, self._speed * pace)
        resample = Resampler(self._rate)
        heard = False
        try:
            while (block := await self._next(sound)) is not None:
                pcm = resample(np.frombuffer(block, "<i2"))
                heard = heard or pcm.size > 0
                if pcm.size:
                    yield pcm
            rest = resample.rest()
            if rest.size:
                yield rest
        finally:
            await sound.aclose()
        if not heard and not rest.size:
            raise SpeakingError(f"The speech server {self._host} sent no sound.")

    async def aclose(self) -> None:
        await self._client.close()

    async def _next(self, sound: AsyncIterator[bytes]) -> bytes | None:
        try:
            with real_work():
                async with asyncio.timeout(self._timeout_s):
                    return await anext(sound, None)
        except SpeakingError:
            raise
        except Exception as error:  # the client raises its own and httpx's errors
            raise SpeakingError(f"The speech server {self._host} failed: {reason(error)}.") from error

    async def _blocks(self, sentence: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Whole samples as they come, no more than `longest_s` of them."""
        call = self._client.audio.speech.with_streaming_response.create(
            model=self._model, voice=self._speaker, input=sentence, response_format="pcm", speed=speed
        )
        odd, total = b"", 0
        async with call as response:
            kind = response.headers.get("content-type", "")
            if kind.startswith(("text/", "application/json")):
                raise SpeakingError(f"The speech server {self._host} sent {kind.split(';')[0]} instead of sound.")
            if kind.startswith(OTHER_SOUND):  # their first bytes are not always known
                raise SpeakingError(f"The speech server {self._host} sent {kind.split(';')[0]}; pcm was asked for.")
            async for block in response.iter_bytes(BLOCK):
                block = odd + block
                odd = block[len(block) // 2 * 2 :]
                if not total and block.startswith(PACKED):
                    raise SpeakingError(f"The speech server {self._host} sent a packed file; pcm was asked for.")
                total += len(block)
                yield block[: len(block) // 2 * 2]
                if total >= self._most:
                    return


class Resampler:
    """int16 sound of some rate to another (24 kHz), block by block."""

    def __init__(self, rate: int, to: int = RATE) -> None:
        self._resampler = None
        if rate != to:
            import av

            self._resampler = av.AudioResampler("s16", "mono", to)
        self._rate = rate

    def __call__(self, pcm: Pcm) -> Pcm:
        if self._resampler is None or not pcm.size:
            return pcm.astype(np.int16)
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm, np.int16)[None], "s16", "mono")
        frame.sample_rate = self._rate
        return self._joined(self._resampler.resample(frame))

    def rest(self) -> Pcm:
        """What the filter still holds at the end."""
        return np.empty(0, np.int16) if self._resampler is None else self._joined(self._resampler.resample(None))

    def _joined(self, frames: list[object]) -> Pcm:
        parts = [frame.to_ndarray().ravel() for frame in frames]  # type: ignore[attr-defined]
        return np.concatenate(parts) if parts else np.empty(0, np.int16)
