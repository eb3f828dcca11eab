"""What a page may say, as pydantic models: everything from outside has a type, a length and a range.

See docs/protocol.md. `parse` is the only way in; whatever it does not know is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from config import SOURCE_NAME

Id = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[\w.:-]+$")]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
LaneName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=SOURCE_NAME)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Hello(_Message):
    type: Literal["hello"]
    seq: int | None = Field(None, ge=0)
    language: Literal["en", "zh"] = "en"


class Say(_Message):
    type: Literal["say"]
    text: str  # its bound is a setting, checked by the channel


class AddWatch(_Message):
    type: Literal["watch"]
    op: Literal["add"]
    wording: Wording
    urgent: bool | None = None
    once: bool | None = None


class ChangeWatch(_Message):
    type: Literal["watch"]
    op: Literal["pause", "resume", "cancel", "edit"]
    id: Id
    wording: Wording | None = None
    urgent: bool | None = None
    once: bool | None = None


class Plain(_Message):
    type: Literal["pause", "resume", "stop", "silence"]


class Switch(_Message):
    type: Literal["voice", "microphone", "wake", "talk"]
    on: bool


class Language(_Message):
    type: Literal["language"]
    value: Literal["en", "zh"]


class Manner(_Message):
    type: Literal["verbosity", "pace", "speaker", "speaker_zh"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]


class CancelTask(_Message):
    type: Literal["cancel_task"]
    task: Id


class AddSource(_Message):
    """`url` left out: the configured source of this name."""

    type: Literal["source"]
    op: Literal["add"]
    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)] | None = None
    name: LaneName


class ChangeSource(_Message):
    type: Literal["source"]
    op: Literal["remove", "pause", "resume"]
    name: LaneName


class OutletTest(_Message):
    type: Literal["outlet_test"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]


Corner = tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]
Corners = Annotated[list[Corner], Field(min_length=3, max_length=200)]  # how many fit is a setting


class DrawnZone(_Message):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    points: Corners


class DrawAreas(_Message):
    """Zones and masks of a lane, all of them."""

    type: Literal["areas"]
    lane: LaneName
    zones: Annotated[list[DrawnZone], Field(max_length=100)]
    masks: Annotated[list[Corners], Field(max_length=100)]


class Media(_Message):
    """What the browser could get of camera or microphone; off: nobody asked for it. A screen is shared or off."""

    type: Literal["media"]
    what: Literal["camera", "microphone", "screen"]
    state: Literal["ok", "refused", "none", "lost", "off"]
    detail: Annotated[str, StringConstraints(max_length=300)] = ""


class Playback(_Message):
    """Seconds of assistant speech that the page really played since its connection began."""

    type: Literal["playback"]
    seconds: float = Field(ge=0, le=10_000_000, allow_inf_nan=False)


class Heartbeat(_Message):
    """`connection`, `screen`: the ids that the page's own offers were answered with: its camera and the screen that it
    shares live as long as it does."""

    type: Literal["heartbeat"]
    connection: Id | None = None
    screen: Id | None = None


_Watch = Annotated[AddWatch | ChangeWatch, Field(discriminator="op")]
_Source = Annotated[AddSource | ChangeSource, Field(discriminator="op")]
Command = Annotated[
    Hello
    | Say
    | _Watch
    | Plain
    | Switch
    | Language
    | Manner
    | CancelTask
    | _Source
    | OutletTest
    | DrawAreas
    | Media
    | Playback
    | Heartbeat,
    Field(discriminator="type"),
]
AnyCommand = (
    Hello
    | Say
    | AddWatch
    | ChangeWatch
    | Plain
    | Switch
    | Language
    | Manner
    | CancelTask
    | AddSource
    | ChangeSource
    | OutletTest
    | DrawAreas
    | Media
    | Playback
    | Heartbeat
)
_adapter: TypeAdapter[AnyCommand] = TypeAdapter(Command)


class Unknown(Exception):
    """The message is not one of these; the text says in a few words what is wrong, repeating nothing of it."""


def parse(text: str) -> AnyCommand:
    """A command from its JSON. Raises `Unknown`."""
    try:
        return _adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:60]
        raise Unknown(f"{where}: {first['type']}" if where else first["type"]) from None
