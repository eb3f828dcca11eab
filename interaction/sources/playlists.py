"""HLS lists, read before libav gets them: one that stands still must not show the same seconds again and again.

When an encoder dies, its server keeps the last list and segments. Each new connection would begin three segments before
the end of it, and a lane would see the last half minute for ever, with everyone who came and went in it.
"""

from __future__ import annotations

import io
from urllib.parse import urlsplit

from interaction.both import Both
from interaction.sources.base import SourceError
from interaction.sources.http_file import HttpFile
from interaction.sources.reasons import of

_LIST_BYTES = 1 << 20  # a day of segments
_LISTS = 4  # of one source; picture and sound may have one each


def is_playlist(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".m3u8", ".m3u"))


class Playlists:
    """What one source's lists said last, over all its connections. `shown`: the source, for messages."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._last: dict[str, bytes] = {}
        self._read: set[str] = set()

    def begin(self) -> None:
        """A new connection."""
        self._read.clear()

    def checked(self, url: str, file: HttpFile) -> io.BytesIO:
        """The list's text. Raises `SourceError` when a live one is as it was when the last connection ended."""
        text = b""
        while len(text) <= _LIST_BYTES and (data := file.read(1 << 16)):
            text += data
        file.close()
        if len(text) > _LIST_BYTES:
            raise SourceError(of(self._shown, Both("has too long a list of parts", "的分段列表太长")))
        live = b"#EXTINF" in text and b"#EXT-X-ENDLIST" not in text
        if live and url not in self._read and self._last.get(url) == text:
            ended = Both("has not gone on since it ended; its sender may be off", "结束后没有再继续，发送端可能已关闭")
            raise SourceError(of(self._shown, ended))
        self._read.add(url)
        if live:
            self._last.pop(url, None)
            self._last = dict(list(self._last.items())[-_LISTS:]) | {url: text}
        return io.BytesIO(text)
