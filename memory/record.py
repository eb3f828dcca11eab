"""What long-term memory is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MomentKind = Literal["seen", "heard", "said", "decided", "answered", "task"]


@dataclass(frozen=True, slots=True)
class Moment:
    """Something dated that happened: seen, heard from the person, said by Lookout, decided, answered, worked out.

    `id`: unique and stable (writing it twice keeps one); `at`: aware wall-clock time; `text`: one sentence in
    `language` ("en"/"zh"); `lane`: the source, or ""; `label`: what it is about ("person"), or ""; `event`:
    the percept kind ("arrived", "left", "text_changed", …), or ""; `watch`: watch id or ""; `picture`: file name
    inside the person's pictures folder, or "".
    """

    id: str
    at: datetime
    kind: MomentKind
    text: str
    language: str = "en"
    lane: str = ""
    label: str = ""
    event: str = ""
    watch: str = ""
    picture: str = ""
    session: str = ""
