"""Events and texts as they leave the house: as JSON, and without the characters that do harm where they are shown."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from interaction.both import Both
from interaction.events import Event

# Nothing that is said or seen needs these: control characters (a terminal obeys them), half characters (no file and no
# socket takes them), and signs that turn the direction of the text around them.
_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What opens a camera, in an address that somebody types: its login, and a key in its query.
_LOGIN = re.compile(r"(?<=://)[^\s，。；]*@|(?i:(?<=[?&])(pass\w*|pwd|token|secret|auth|key)=)[^\s&，。；]+")
# Of RTMP what follows the application is the key to the stream: whoever has it may send there.
_KEY = re.compile(r"(?i)(?<=rtmp)(s?://[^\s/，。；]+/[^\s/?，。；]+/)[^\s，。；]+")
_LINES = re.compile("[\u2028\u2029]")  # line breaks to some readers of a file of lines, to others not


def clean(text: str) -> str:
    """Text from outside without the characters that do harm wherever it is shown; line breaks and tabs stay."""
    return _HARMFUL.sub("", _LINES.sub("\n", text))


def without_logins(text: str) -> str:
    """Text that is shown, kept and perhaps sent to a model, without the passwords and keys of addresses in it."""
    return _KEY.sub(r"\1…", _LOGIN.sub(lambda match: f"{match[1]}=…" if match[1] else "…@", text))


def cleaned(value: Any) -> Any:
    """A JSON-ready value with all its texts `clean`."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {cleaned(name): cleaned(part) for name, part in value.items()}
        case list() | tuple():
            return [cleaned(part) for part in value]
        case _:
            return value


def type_name(event: Event) -> str:
    """The event's name on the wire: `TaskDone` → `task_done`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def chinese(event: Event) -> dict[str, str]:
    """What pages are told besides: `{"message_zh": …}` for each text of the event that is in both languages."""
    texts = {f.name: getattr(event, f.name) for f in fields(event)}
    return {f"{name}_zh": clean(text.zh) for name, text in texts.items() if isinstance(text, Both)}


def to_json(event: Event, seq: int) -> dict[str, Any]:
    """One JSON-ready line: `{"t", "seq", "type", …fields}`, its texts `clean`."""
    body = {f.name: cleaned(getattr(event, f.name)) for f in fields(event) if f.name != "t"}
    return {"t": round(event.t, 3), "seq": seq, "type": type_name(event), **body}
