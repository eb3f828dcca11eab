"""One OpenAI-compatible chat server: whole requests, bounded replies, faults in plain words.

Shared by what asks such a server: the observer behind a URL (`observers/openai_compatible.py`) and the text model
(`text_model/`). The reply is read only up to a bound and is nobody's to trust: whoever asks checks what it says.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from interaction.endpoint import DETAIL_CHARS, base_url, is_loopback

# The beginning of a server's own words about a fault is enough.
FAULT_BYTES = 4000
# Connecting takes longer than this only where nobody answers.
CONNECT_S = 5.0
# Servers hang up on a connection that was idle for 5 s (uvicorn's default, vLLM's): what is sent just then is lost.
IDLE_S = 3.0


class ChatError(Exception):
    """The server gave no answer. The message is one line for the person; `status`: of HTTP, 0 for none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class ChatServer:
    """`url`: with or without /v1; `model`: empty takes the server's first. Raises ValueError for what is no address.

    `timeout_s`: without a byte; `reply_bytes`: a longer reply is refused. `host` is named on the page.
    """

    def __init__(self, url: str, model: str, key: str, timeout_s: float, reply_bytes: int) -> None:
        self._base = base_url(url, "chat/completions")
        self.host = urlsplit(self._base).hostname or ""
        self.model = model
        self.reported: Any = None  # what the server said of the tokens of the last request; nobody's to trust
        self._most = reply_bytes
        self._client = httpx.AsyncClient(
            headers={"authorization": f"Bearer {key or 'none'}"},
            verify=self._base.startswith("https"),  # the certificates of the world take half a second to load
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S)),
            limits=httpx.Limits(keepalive_expiry=IDLE_S),
            trust_env=not is_loopback(self.host),  # no proxy knows a server of this machine
        )

    async def complete(self, messages: list[dict[str, Any]], **options: Any) -> str:
        """The text of the first choice, "" if it has none. `options`: max_tokens, temperature … Raises `ChatError`."""
        choice = await self.choice(messages, **options)
        return str(choice["message"]["content"] or "")

    async def choice(self, messages: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
        """The first choice as it is, with a message whose content is text or None. Raises `ChatError`."""
        body = {"model": await self._model_name(), "messages": messages, **options}
        reply = await self._request("POST", "chat/completions", body)
        try:
            choice = reply["choices"][0]
            content = choice["message"].setdefault("content", None)
        except (KeyError, IndexError, TypeError, AttributeError):
            raise self._no_chat() from None
        if not isinstance(content, str | None):
            raise self._no_chat()
        self.reported = reply.get("usage")
        return dict(choice)

    async def models(self) -> list[dict[str, Any]]:
        """What the server says of its models, each with an `id`; may be none. Raises `ChatError`."""
        reply = await self._request("GET", "models", None)
        listed = reply.get("data") if isinstance(reply, dict) else None
        listed = listed if isinstance(listed, list) else []
        return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]

    async def tokens(self, text: str) -> list[int] | None:
        """The ids of a text's tokens, by vLLM's `/tokenize`; None where the server cannot tell."""
        body = {"model": await self._model_name(), "prompt": text, "add_special_tokens": False}
        try:
            reply = await self._request("POST", "../tokenize", body)
        except ChatError:
            return None
        ids = reply.get("tokens") if isinstance(reply, dict) else None
        return ids if isinstance(ids, list) and all(isinstance(id, int) for id in ids) else None

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _model_name(self) -> str:
        if not self.model:
            listed = await self.models()
            if not listed:
                raise ChatError(f"{self.host} lists no model: name one in the settings")
            self.model = listed[0]["id"][:DETAIL_CHARS]
        return self.model

    async def _request(self, method: str, path: str, body: Any) -> Any:
        try:
            async with self._client.stream(method, urljoin(f"{self._base}/", path), json=body) as response:
                content = await self._read(response)
        except httpx.TimeoutException:
            raise ChatError(f"the server at {self.host} did not answer in time") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ChatError(f"the server at {self.host} cannot be reached ({type(error).__name__})") from error
        if response.status_code != 200:
            raise ChatError(
                f"the server at {self.host} answered {response.status_code}: {_detail(content)}", response.status_code
            )
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise self._no_chat() from None

    async def _read(self, response: httpx.Response) -> bytes:
        content, most = bytearray(), self._most if response.status_code == 200 else FAULT_BYTES
        async for block in response.aiter_bytes():
            content += block
            if len(content) > most:
                if response.status_code != 200:
                    break
                raise ChatError(f"the server at {self.host} sent more than {most} bytes")
        return bytes(content[:most])

    def _no_chat(self) -> ChatError:
        return ChatError(f"{self.host} does not answer like a chat-completions server")


def _detail(content: bytes) -> str:
    """The server's own words: the message of an OpenAI error, or whatever it sent."""
    text = content.decode("utf-8", "replace")
    try:
        body = json.loads(text)
        error = body["error"]
        text = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # shown as it is
    return " ".join(text.split())[:DETAIL_CHARS]
