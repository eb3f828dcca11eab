"""HLS lists, read before libav gets them: one that stands still must not show the same seconds again and again.

When an encoder dies, its server keeps the last list and segments. Each new connection would begin three segments before
the end of it, and a lane would see the last half minute for ever, with everyone who came and went in it.
"""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

from interaction.both import Both
from interaction.sources.base import SourceError
from interaction.sources.http_file import HttpFile
from interaction.sources.reasons import of

_LIST_BYTES = 1 << 20  # a day of segments
# Pixels of width that are enough to be looked at; of what a server offers more is fetched and decoded for nothing.
_ENOUGH = 640
_LISTS = 4  # of one source; picture and sound may have one each


def is_playlist(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".m3u8", ".m3u"))


class Playlists:
    """What one source's lists said last, over all its connections. `shown`: the source, for messages.

    `largest`: of several sizes the largest is wanted (a part is cut out of it), not the first that is enough.
    """

    def __init__(self, shown: str, *, largest: bool = False) -> None:
        self._shown = shown
        self._enough = 1 << 20 if largest else _ENOUGH
        self._last: dict[str, bytes] = {}
        self._read: set[str] = set()

    def begin(self) -> None:
        """A new connection."""
        self._read.clear()

    def checked(self, url: str, file: HttpFile) -> io.BytesIO:
        """The list's text, of a list of several sizes with one of them.

        Raises `SourceError` when a live one is as it was when the last connection ended.
        """
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
        return io.BytesIO(_of_one_size(text, self._enough))


def _of_one_size(text: bytes, enough: int) -> bytes:
    """A list that offers several sizes, with one alone: libav would fetch all of them for as long as it reads.

    Taken is the narrowest that is at least `enough` pixels wide, else the widest; of equal ones the cheapest. Sound
    that comes beside goes, too. A list that says no size is left as it is.
    """
    lines = text.splitlines()
    offers: list[tuple[int, int, int]] = []  # width, bits a second, line
    for i, line in enumerate(lines):
        if line.startswith(b"#EXT-X-STREAM-INF:") and (size := re.search(rb"RESOLUTION=(\d{1,6})x\d", line)):
            rate = re.search(rb"[:,]BANDWIDTH=(\d{1,12})", line)
            offers.append((int(size[1]), int(rate[1]) if rate else 0, i))
    if not offers:
        return text
    wide = [offer for offer in offers if offer[0] >= enough]
    widest = max(width for width, _, _ in offers)
    *_, taken = min(wide or [offer for offer in offers if offer[0] == widest])
    where = next((i for i in range(taken + 1, len(lines)) if lines[i].strip() and lines[i][:1] != b"#"), taken)
    head = [line for line in lines if line.startswith((b"#EXTM3U", b"#EXT-X-VERSION"))]
    # A group of further pictures or sound is not fetched without the lines that tell of it.
    return b"\n".join([*head, lines[taken], lines[where], b""])
