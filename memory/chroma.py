"""Moments in Chroma: a folder a person, or a Chroma server by URL. Everything here blocks.

Deleting rows does not delete their bytes: Chroma's SQLite file keeps them in its write log, and `chroma vacuum`
leaves them there as long as a collection is small. So forgetting single moments copies the others into a new folder
and removes the old one, and forgetting everything removes the folder.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import config
from interaction.clock import wall_now
from memory.embedding import Embedder, cleaned, make_embedder
from memory.record import Moment, MomentKind
from memory.rows import containing, finish_swap, from_row, matching, swap, to_row
from memory.store import MemoryFault, MemoryStore

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

# Chroma cannot sort. The newest moments are looked for in growing windows, so that a year is not read for ten of them.
_WINDOWS_H = (1, 6, 36, 216, 1296)
_PAGE = 500  # rows copied at once: about 1 MB
_PRUNED = 0.05  # of the bound, removed at once when it is passed: pruning row by row would cost every write
# Chroma's index never gives a deleted row's place back (measured: 8 MB with 400 rows after 5000 were written). Beyond
# so many times what its rows need, they are copied into a new folder: a minute every five days of a busy scene.
_SWOLLEN = 2.5
_LINKS = 200  # bytes a row of the index has besides its vector


class ChromaStore(MemoryStore):
    """One collection a person. Opens on first use and again after `close`."""

    name = "chroma"

    def __init__(
        self, settings: config.Memory, *, folder: Path | None, person: str, embedder: Embedder | None = None
    ) -> None:
        """`folder`: the person's, mode 0700; ignored with `chroma_url`. Raises `MemoryFault` without an embedder."""
        self._settings = settings
        self._root = None if settings.chroma_url else folder
        self._collection_name = f"moments-{hashlib.sha256(person.encode()).hexdigest()[:32]}"
        self._embedder = embedder or make_embedder(settings)
        self._client: ClientAPI | None = None
        self._open: Collection | None = None

    def add(self, moments: Sequence[Moment]) -> None:
        rows = {moment.id: moment for moment in moments}
        if not rows:
            return
        texts = [cleaned(moment.text[: self._settings.moment_chars]) for moment in rows.values()]
        vectors = self._embedder.passages(texts)
        with self._faults("stored"):
            self._collection().upsert(
                ids=list(rows), embeddings=vectors, documents=texts, metadatas=[to_row(m) for m in rows.values()]
            )
            self._prune()

    def search(
        self,
        query: str,
        *,
        limit: int = 8,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[MomentKind] = (),
    ) -> list[tuple[Moment, float]]:
        vector = self._embedder.query(query)
        with self._faults("searched"):
            found = self._collection().query(
                query_embeddings=[vector],
                n_results=limit,
                where=matching(since, until, kinds),
                include=["metadatas", "documents", "distances"],
            )
        rows = zip(found["ids"][0], found["metadatas"][0], found["documents"][0], found["distances"][0], strict=True)
        return [(from_row(id, data, text), 1.0 - float(distance)) for id, data, text, distance in rows]

    def latest(
        self,
        *,
        limit: int = 50,
        before: datetime | None = None,
        since: datetime | None = None,
        kinds: Sequence[MomentKind] = (),
        label: str = "",
        events: Sequence[str] = (),
        words: Sequence[str] = (),
    ) -> list[Moment]:
        texts = containing(words)
        found: list[Moment] = []
        for start in self._windows(before, since):
            where = matching(start, before, kinds, label, events)
            with self._faults("read"):
                got = self._collection().get(where=where, where_document=texts, include=["metadatas", "documents"])
            rows = zip(got["ids"], got["metadatas"], got["documents"], strict=True)
            found = [from_row(id, data, text) for id, data, text in rows]
            if len(found) >= limit or start == since:
                break
        return sorted(found, key=lambda moment: moment.at, reverse=True)[:limit]

    def forget(self, ids: Sequence[str] | None = None) -> None:
        with self._faults("forgotten"):
            if ids is None:
                self._forget_everything()
            elif ids:
                self._collection().delete(ids=list(ids))
                if self._root:
                    self._rebuild(self._collection(), embed_again=False)

    def count(self) -> int:
        with self._faults("counted"):
            return int(self._collection().count())

    def close(self) -> None:
        client, self._client, self._open = self._client, None, None
        if client is not None:
            client.close()

    def _collection(self) -> Collection:
        if self._open is None:
            self._client = self._connect(self._folder) if self._root else self._connect_server()
            self._open = self._checked(self._create(self._client))
        return self._open

    @property
    def _folder(self) -> Path:
        assert self._root is not None
        return self._root / "chroma"

    def _connect(self, path: Path) -> ClientAPI:
        import chromadb

        assert self._root is not None
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root.chmod(0o700)
        finish_swap(path)
        path.mkdir(exist_ok=True, mode=0o700)
        return chromadb.PersistentClient(str(path), settings=_quiet())

    def _connect_server(self) -> ClientAPI:
        import chromadb

        url = urlsplit(self._settings.chroma_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise MemoryFault("LOOKOUT_MEMORY__CHROMA_URL is not an http(s) URL of a Chroma server.")
        ssl = url.scheme == "https"
        port = url.port or (443 if ssl else 8000)
        return chromadb.HttpClient(host=url.hostname, port=port, ssl=ssl, settings=_quiet())

    def _create(self, client: ClientAPI) -> Collection:
        return client.get_or_create_collection(
            self._collection_name,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
            metadata={"embedder": self._embedder.name, "size": self._embedder.size},
        )

    def _checked(self, collection: Collection) -> Collection:
        """Vectors of two embedders do not compare: an old collection is embedded again, or refused on a server."""
        kept = collection.metadata or {}
        if (kept.get("embedder"), kept.get("size")) == (self._embedder.name, self._embedder.size):
            return collection
        if not self._root:
            raise MemoryFault(
                f"The memory on the Chroma server was written with {kept.get('embedder')}, not {self._embedder.name}; "
                "set LOOKOUT_MEMORY__EMBEDDING back, or forget everything."
            )
        return self._rebuild(collection, embed_again=True)

    def _rebuild(self, old: Collection, *, embed_again: bool) -> Collection:
        """Copy everything that is left into a new folder and put it in the place of the old one."""
        fresh = self._folder.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        client = self._connect(fresh)
        new = self._create(client)
        for offset in range(0, old.count(), _PAGE):
            page = old.get(limit=_PAGE, offset=offset, include=["embeddings", "documents", "metadatas"])
            vectors = self._embedder.passages(page["documents"]) if embed_again else page["embeddings"]
            new.upsert(ids=page["ids"], embeddings=vectors, documents=page["documents"], metadatas=page["metadatas"])
        client.close()
        self.close()
        swap(self._folder, fresh)
        return self._collection()

    def _forget_everything(self) -> None:
        if self._root:
            self.close()
            for suffix in ("", ".new", ".old"):
                shutil.rmtree(self._folder.with_suffix(suffix), ignore_errors=True)
            if self._root.exists() and not any(self._root.iterdir()):
                self._root.rmdir()
        else:
            self._client = self._client or self._connect_server()
            if any(c.name == self._collection_name for c in self._client.list_collections()):
                self._client.delete_collection(self._collection_name)
            self.close()

    def _prune(self) -> None:
        """Beyond the bound the oldest go: the time before which enough of them lie is found by halving."""
        collection, bound = self._collection(), self._settings.moments
        excess = collection.count() - bound
        if excess <= 0:
            return
        wanted = excess + int(bound * _PRUNED)
        low, high = 0.0, wall_now().timestamp() + 86400
        ids: list[str] = []
        while high - low > 1.0:
            middle = (low + high) / 2
            ids = list(collection.get(where={"at": {"$lt": middle}}, limit=2 * wanted, include=[])["ids"])
            if wanted <= len(ids) < 2 * wanted:
                break
            low, high = (middle, high) if len(ids) < wanted else (low, middle)
        if ids:
            collection.delete(ids=ids[: 2 * wanted])
            if self._root and self._swollen(collection):
                self._rebuild(collection, embed_again=False)

    def _swollen(self, collection: Collection) -> bool:
        size = sum(path.stat().st_size for path in self._folder.glob("*/data_level0.bin"))
        rows = max(collection.count(), 1000)  # a new index has room for as many
        return bool(size > _SWOLLEN * rows * (4 * self._embedder.size + _LINKS))

    def _windows(self, before: datetime | None, since: datetime | None) -> Iterator[datetime | None]:
        end = before or wall_now()
        for hours in _WINDOWS_H:
            start = end - timedelta(hours=hours)
            if since is not None and start <= since:
                break
            yield start
        yield since

    @contextmanager
    def _faults(self, done: str) -> Iterator[None]:
        """Chroma raises many kinds of errors; the house knows one."""
        try:
            yield
        except MemoryFault:
            raise
        except Exception as fault:
            raise MemoryFault(self._explain(fault, done)) from fault

    def _explain(self, fault: Exception, done: str) -> str:
        said = str(fault).lower()
        if not self._root:
            host = urlsplit(self._settings.chroma_url).hostname
            why = f"{type(fault).__name__}; see LOOKOUT_MEMORY__CHROMA_URL"
            return f"Nothing can be {done}: the Chroma server at {host} does not answer as it should ({why})."
        if "full" in said or "no space" in said or "file too large" in said:
            return f"Nothing can be {done}: the disk is full."
        if isinstance(fault, PermissionError) or "readonly" in said or "permission" in said:
            return f"Nothing can be {done}: the folder {self._root} may not be written."
        reason = " ".join(str(fault).split())[:160] or type(fault).__name__
        return f"Nothing can be {done} in {self._root}: {reason}"


def _quiet() -> Any:
    """Chroma's own settings with everything off that could call out."""
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False, allow_reset=False)
