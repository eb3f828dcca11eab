"""What a client asks of the speech server, read within bounds and checked; its mistakes are told in OpenAI's way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from config import SpeechServer

Asked = TypeVar("Asked", bound=BaseModel)
FIELDS = 20  # of one form; OpenAI's own has eight
FIELD_BYTES = 64 * 1024  # of one that is no file
ESCAPED = 12  # bytes that one character of a text takes at most, written as \ud83d\ude00


class Mistake(Exception):
    """The client's, or a bound of ours. `status`: of HTTP; `param`: the field that is wrong."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.param, self.code = status, param, code

    @property
    def body(self) -> dict[str, Any]:
        """The error object that OpenAI's clients understand."""
        kind = {401: "authentication_error", 429: "rate_limit_error"}.get(self.status, "invalid_request_error")
        kind = kind if self.status < 500 else "server_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


class Transcription(BaseModel):
    """The fields of `/v1/audio/transcriptions` beside its file; those that Whisper here has no use for are let be."""

    model_config = ConfigDict(extra="ignore")

    model: Annotated[str, Field(max_length=200)]
    language: Literal["en", "zh"] | None = None
    response_format: Literal["json", "text", "verbose_json"] = "json"


class Speech(BaseModel):
    """The body of `/v1/audio/speech`. `rate`: Hz, of ours (OpenAI's servers have none): clients may ask for theirs."""

    model_config = ConfigDict(extra="ignore")

    model: Annotated[str, Field(max_length=200)]
    input: Annotated[str, Field(max_length=100_000)]  # the bound that is told is a setting
    voice: Annotated[str, Field(max_length=100)] = ""
    response_format: Literal["wav", "pcm"] = "wav"
    speed: Annotated[float, Field(ge=0.25, le=4.0)] = 1.0
    rate: Annotated[int, Field(ge=8_000, le=48_000)] = 24_000


async def read(request: Request, bounds: SpeechServer, most: int = 0) -> bytes:
    """The whole body. Raises `Mistake` for one that is too slow, or larger than `most` bytes (else: than a file)."""
    body, most = bytearray(), min(most or bounds.body_bytes, bounds.body_bytes)
    announced = request.headers.get("content-length", "0")
    try:
        async with asyncio.timeout(bounds.body_s):
            too_large = announced.isdecimal() and int(announced) > most
            async for block in _blocks(request):
                too_large = too_large or len(body) + len(block) > most
                if too_large:
                    raise Mistake(413, f"The request is larger than {most} bytes.", code="too_large")
                body += block
    except TimeoutError:
        raise Mistake(408, f"The request did not arrive within {bounds.body_s:.0f} seconds.") from None
    return bytes(body)


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for block in request.stream():
            yield block
    except ClientDisconnect:
        raise Mistake(400, "The request broke off.") from None


async def transcription(request: Request, bounds: SpeechServer) -> tuple[Transcription, bytes]:
    """The form's fields and its file. Raises `Mistake`."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Mistake(400, "A multipart form with a file is needed.", "file")
    body = await read(request, bounds)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, whole(), max_files=1, max_fields=FIELDS, max_part_size=FIELD_BYTES)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError, LookupError) as error:
        raise Mistake(400, f"The form is not understood ({type(error).__name__}).") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Mistake(400, "The form has no file.", "file")
        fields = {name: value for name, value in form.items() if isinstance(value, str) and value}
        return checked(Transcription, fields), await file.read()
    finally:
        await form.close()


async def speech(request: Request, bounds: SpeechServer) -> Speech:
    """Raises `Mistake`."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Mistake(400, "The body must be JSON (content-type application/json).")
    try:
        body = json.loads(await read(request, bounds, FIELD_BYTES + ESCAPED * bounds.text_chars))
    except (ValueError, RecursionError) as error:
        raise Mistake(400, "The body is no JSON.") from error
    if not isinstance(body, dict):
        raise Mistake(400, "The body must be a JSON object.")
    asked = checked(Speech, body)
    if not asked.input.strip():
        raise Mistake(400, "There is nothing to say.", "input")
    if len(asked.input) > bounds.text_chars:
        raise Mistake(
            400, f"The text is longer than {bounds.text_chars} characters.", "input", "string_above_max_length"
        )
    return asked


def checked(kind: type[Asked], values: dict[str, Any]) -> Asked:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:60]
        raise Mistake(400, f"{where}: {first['msg']}.", where or None) from None
