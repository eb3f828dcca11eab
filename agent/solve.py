"""Hands tasks to an external agent: `POST /v1/solve`, one request a task, bounded in time and size.

Dialect: `{session_id, task_id, question, foreground_text, frames[{image_url, timestamp}], timeout_seconds}` →
`{status: completed|failed|timeout, text, usage, duration_ms, error}`. Pictures go along as JPEG data URLs.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.runner import Desk, Job, Outcome, Runner
from agent.state import AgentError
from agent.wording import pick, shorten
from interaction.both import Both
from interaction.clock import real_work

if TYPE_CHECKING:
    from config import Agent as AgentSettings
    from interaction.sources.base import Frame

log = logging.getLogger(__name__)
MARGIN_S = 2.0  # the other side is told to end this much earlier, so that its own words arrive in time


class Solution(BaseModel):
    """What an external agent answers; further fields are its own business."""

    model_config = ConfigDict(extra="ignore")
    status: Literal["completed", "failed", "timeout"]
    text: str | None = ""
    error: Any = None


class SolveRunner(Runner):
    """One request a job. After a crash the same `task_id` is sent again: the other side can recognise it."""

    def __init__(self, settings: AgentSettings, session: str = "") -> None:
        self._settings, self._session = settings, session
        self.hosts = (urlsplit(settings.solve_url).netloc,)
        url = settings.solve_url.rstrip("/")
        self._url = url if url.endswith("/solve") else f"{url.removesuffix('/v1')}/v1/solve"
        self._client: httpx.AsyncClient | None = None

    async def run(self, job: Job, desk: Desk) -> Outcome:
        desk.progress(pick(job.language, "An outside agent is working on it", "外部代理正在处理"), None)
        with real_work():
            body = await asyncio.to_thread(self._body, job)
            try:
                solution = Solution.model_validate_json(await self._post(body))
            except (httpx.HTTPError, ValidationError, TooLong) as error:
                raise self._explain(error, job.language) from error
        text = shorten(solution.text or "", self._settings.answer_chars)
        if solution.status == "completed" and text:
            return Outcome(True, text)
        return Outcome(False, text or self._empty(solution, job.language))

    async def _post(self, body: dict[str, Any]) -> bytes:
        if self._client is None:
            timeout = httpx.Timeout(self._settings.timeout_s, connect=10)
            self._client = await asyncio.to_thread(httpx.AsyncClient, timeout=timeout)
        key = self._settings.key.get_secret_value()
        headers = {"authorization": f"Bearer {key}"} if key else {}
        async with self._client.stream("POST", self._url, json=body, headers=headers) as response:
            response.raise_for_status()
            content = bytearray()
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > self._settings.reply_bytes:
                    raise TooLong
            return bytes(content)

    def _body(self, job: Job) -> dict[str, Any]:
        return {
            "session_id": self._session or "lookout",
            "task_id": job.task,
            "question": job.question,
            "foreground_text": job.foreground,
            "frames": [
                {"image_url": to_data_url(frame, self._settings.frame_side), "timestamp": round(frame.t, 3)}
                for frame in job.frames
            ],
            "timeout_seconds": max(1.0, self._settings.timeout_s - MARGIN_S),
        }

    def _explain(self, error: Exception, language: str) -> AgentError:
        host = self.hosts[0]
        log.warning("the external agent at %s: %s: %s", host, type(error).__name__, str(error)[:300])
        if isinstance(error, httpx.TimeoutException):
            told = (
                "The outside agent took too long.",
                "外部代理太久没有回答。",
                Both("did not answer in time", "没有及时回应"),
            )
        elif isinstance(error, httpx.HTTPStatusError):
            status = error.response.status_code
            told = (
                "The outside agent could not take the task.",
                "外部代理没有接受任务。",
                Both(f"answered with error {status}", f"回应了错误 {status}"),
            )
        elif isinstance(error, httpx.HTTPError):
            told = ("The outside agent cannot be reached.", "连不上外部代理。", Both("cannot be reached", "连不上"))
        else:
            told = (
                "I could not read the outside agent's answer.",
                "外部代理的回答我看不懂。",
                Both("gave an unreadable answer", "的回答看不懂"),
            )
        en, zh, how = told
        detail = Both(f"The agent at {host} {how}.", f"外部代理（{host}）{how.zh}。")
        advice = Both("Check LOOKOUT_AGENT__SOLVE_URL.", "请检查 LOOKOUT_AGENT__SOLVE_URL。")
        return AgentError(pick(language, en, zh), detail, advice)

    def _empty(self, solution: Solution, language: str) -> str:
        match solution.status:
            case "timeout":
                return pick(language, "The outside agent ran out of time.", "外部代理没来得及做完。")
            case "completed":
                return pick(
                    language, "The outside agent finished without saying anything.", "外部代理做完了，但什么也没说。"
                )
        return pick(language, "The outside agent could not do it.", "外部代理没能做成。")

    async def aclose(self) -> None:
        if self._client is not None:
            with real_work():
                await self._client.aclose()
            self._client = None


class TooLong(Exception):
    """The answer is larger than `settings.reply_bytes`."""


def to_data_url(frame: Frame, side: int) -> str:
    """A picture (uint8 [height, width, 3], BGR) as a JPEG data URL, its longest side at most `side` pixels."""
    import cv2

    image = frame.image
    scale = side / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    taken, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not taken:
        raise ValueError("the picture could not be written as JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
