"""Our Whisper and our Kokoro behind OpenAI's speech dialect: speech for other machines, and a real server for tests.

`POST /v1/audio/transcriptions`, `POST /v1/audio/speech`, `GET /v1/models`, `GET /health`. Every request is bounded in
bytes, seconds, characters and number; a browser's page may not ask, whoever it belongs to.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any, cast

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from config import Settings
from interaction.hearing.base import RATE as HEARING_RATE
from interaction.hearing.base import HearingError, Recognizer, Transcript
from interaction.speaking.base import RATE, Pcm, SpeakingError, Voice
from interaction.speaking.normalise import plain, spoken
from interaction.speaking.openai_compatible import Resampler
from interaction.speaking.sentences import sentences
from interaction.speech_server import requests
from interaction.speech_server.requests import Mistake
from interaction.speech_server.sound import BadSound, decoded, little_endian, parted, wav_header
from interaction.understanding import language_of

log = logging.getLogger(__name__)

# OpenAI's names for such models: clients that were written for it ask for them.
HEARS, SPEAKS = ("whisper-1",), ("tts-1", "tts-1-hd")
ANYBODY = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
SLOWEST, FASTEST = 0.5, 2.0  # of Kokoro; beyond it slurs
BUSY_S = 1  # seconds after which a client that was refused may ask again


class Desk:
    """How many requests are under way: more are refused at once, since each would wait for all before it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._now = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        if self._now >= self._most:
            raise Mistake(429, f"{self._most} requests are being worked on already; ask again in a moment.")
        self._now += 1
        try:
            yield
        finally:
            self._now -= 1


class Told(StreamingResponse):
    """`first`, and what `sound` makes after it. It ends after `longest_s`, read or not: a client that takes nothing
    would keep its place for ever."""

    def __init__(self, first: bytes, sound: AsyncGenerator[bytes, None], longest_s: float, **values: Any) -> None:
        async def all_of_it() -> AsyncIterator[bytes]:
            yield first
            async for block in sound:
                yield block

        super().__init__(all_of_it(), **values)
        self._sound = sound
        self._longest_s = longest_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._sound), asyncio.timeout(self._longest_s):
            await super().__call__(scope, receive, send)


class SpeechDesk:
    """Answers the requests. Without a recogniser or a voice it serves the other."""

    def __init__(self, recognizer: Recognizer | None, voice: Voice | None, settings: Settings) -> None:
        self.recognizer, self.voice, self.settings = recognizer, voice, settings
        self.bounds = settings.speech_server
        self.hearing, self.speaking = Desk(self.bounds.at_once), Desk(self.bounds.at_once)
        self.warm = False

    @property
    def models(self) -> list[str]:
        heard = [self.recognizer.name, *HEARS] if self.recognizer else []
        return heard + ([_plain_name(self.voice), *SPEAKS] if self.voice else [])

    async def transcribe(self, request: Request) -> Response:
        with self.hearing.place():
            asked, data = await requests.transcription(request, self.bounds)
            recognizer = self.recognizer
            if recognizer is None or asked.model not in (recognizer.name, *HEARS):
                raise self._no_model(asked.model)
            try:
                parts = await asyncio.to_thread(lambda: parted(decoded(data, self.bounds.longest_s)))
            except BadSound as bad:
                raise Mistake(400, str(bad), "file") from bad
            language = asked.language or self.settings.language
            begin, told = 0.0, []
            for part in parts:
                told.append((begin, begin + part.size / HEARING_RATE, await recognizer.transcribe(part, language)))
                begin = told[-1][1]
        return _answer(asked.response_format, language, told)

    async def speak(self, request: Request) -> Response:
        asked = await requests.speech(request, self.bounds)
        voice = self.voice
        if voice is None or asked.model not in (_plain_name(voice), *SPEAKS):
            raise self._no_model(asked.model)
        language = language_of(asked.input)  # OpenAI's dialect does not say it
        if language not in voice.languages:
            raise Mistake(400, f"There is no voice for this language ({language}) here.", "input")
        if asked.voice not in self._speakers(voice):
            raise Mistake(400, f"There is no such voice; known are {', '.join(self._speakers(voice))}.", "voice")
        words = [spoken(shown, language) for shown in sentences(plain(asked.input, language))]
        if not any(words):
            raise Mistake(400, "There is nothing in it that can be spoken.", "input")
        sound = self._sound(voice.as_speaker(asked.voice), [one for one in words if one], language, asked)
        first = await anext(sound)  # what fails before the first sound is told as an error, not as a broken stream
        kind = "audio/wav" if asked.response_format == "wav" else "audio/pcm"
        return Told(first, sound, self.bounds.answer_s, media_type=kind, headers={"x-sample-rate": str(asked.rate)})

    async def _sound(
        self, voice: Voice, words: list[str], language: str, asked: requests.Speech
    ) -> AsyncGenerator[bytes, None]:
        """The file, sentence by sentence as they are made."""
        pace = min(FASTEST, max(SLOWEST, asked.speed))
        resample = Resampler(RATE, asked.rate)
        head = wav_header(asked.rate) if asked.response_format == "wav" else b""
        with self.speaking.place():
            for sentence in words:
                made = cast(AsyncGenerator[Pcm], voice.synthesise(sentence, language, pace))
                async with aclosing(made):
                    async for pcm in made:
                        yield head + little_endian(resample(pcm))
                        head = b""
            yield head + little_endian(resample.rest())

    def _speakers(self, voice: Voice) -> list[str]:
        """OpenAI's clients must name a voice; who names none of ours gets the house's own."""
        own = [name for language in sorted(voice.languages) for name in voice.speakers(language)]
        return ["", *own, *ANYBODY]

    def _no_model(self, name: str) -> Mistake:
        known = ", ".join(self.models)
        return Mistake(
            404, f"The model {name[:60]!r} is not served here; there are: {known}.", "model", "model_not_found"
        )


def build_app(recognizer: Recognizer | None, voice: Voice | None, settings: Settings) -> FastAPI:
    """The server. It closes what it was given when it ends."""
    desk = SpeechDesk(recognizer, voice, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        for room in (recognizer, voice):
            if room:
                await room.warm_up()
        desk.warm = True
        yield
        for room in (recognizer, voice):
            if room:
                await room.aclose()

    key = settings.speech_server.key.get_secret_value()

    async def door(request: Request) -> None:
        if "origin" in request.headers:
            raise Mistake(403, "Pages may not ask this server; programs may.")
        # Not `request.url`: that is made of the Host header too, in which a client writes what it likes.
        if key and request.scope["path"] != "/health" and not _knows(request, key):
            raise Mistake(401, "The API key is missing or wrong.", code="invalid_api_key")

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(door)])

    @app.get("/health")
    async def health() -> dict[str, Any]:
        return {"status": "ok" if desk.warm else "loading", "models": desk.models}

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {
            "object": "list",
            "data": [{"id": name, "object": "model", "created": 0, "owned_by": "lookout"} for name in desk.models],
        }

    app.add_api_route("/v1/audio/transcriptions", desk.transcribe, methods=["POST"], response_model=None)
    app.add_api_route("/v1/audio/speech", desk.speak, methods=["POST"], response_model=None)
    for kind, handler in (
        (Mistake, _mistake),
        (HTTPException, _http),
        (HearingError, _failed),
        (SpeakingError, _failed),
    ):
        app.add_exception_handler(kind, handler)
    return app


def _knows(request: Request, key: str) -> bool:
    """Compared in constant time: how long a wrong key takes says nothing of the right one."""
    said = request.headers.get("authorization", "").removeprefix("Bearer ").encode("utf-8", "replace")
    return hmac.compare_digest(said, key.encode())


def _answer(form: str, language: str, told: list[tuple[float, float, Transcript]]) -> Response:
    joint = "" if language == "zh" else " "
    text = joint.join(words.text for _, _, words in told if words.text)
    if form == "text":
        return PlainTextResponse(text + "\n")
    if form == "json":
        return JSONResponse({"text": text})
    segments = [
        {"id": k, "start": round(begin, 2), "end": round(end, 2), "text": words.text, "avg_logprob": words.confidence}
        for k, (begin, end, words) in enumerate(told)
        if words.text
    ]
    duration = round(told[-1][1], 2)
    return JSONResponse(
        {"task": "transcribe", "language": language, "duration": duration, "text": text, "segments": segments}
    )


def _plain_name(voice: Voice) -> str:
    return voice.name.split()[0]


def _refused(mistake: Mistake) -> Response:
    headers = {"retry-after": str(BUSY_S)} if mistake.status == 429 else {}
    headers |= {"www-authenticate": "Bearer"} if mistake.status == 401 else {}
    return JSONResponse(mistake.body, mistake.status, headers)


async def _mistake(request: Request, error: Exception) -> Response:
    assert isinstance(error, Mistake)
    return _refused(error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _refused(Mistake(error.status_code, f"{request.method} {request.scope['path'][:80]}: {error.detail}"))


async def _failed(request: Request, error: Exception) -> Response:
    log.error("a request failed: %s", error)
    return _refused(Mistake(500, str(error)))
