"""Settings of hearing and speaking; they are used as `config.Hearing`, `config.Speaking`, `config.Fallback` and
`config.SpeechServer`."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class Hearing(BaseModel):
    """Microphone to text (`interaction/hearing/`)."""

    recognizer: Literal["whisper", "openai"] = "whisper"
    url: str = ""  # of an OpenAI-compatible /v1/audio/transcriptions server
    model: str = "whisper-1"
    key: SecretStr = SecretStr("")
    english_only: bool = False  # tiny.en for English: half the CPU, twice the errors
    threads: int = Field(1, ge=1, le=16)  # of Whisper; the second of two cores belongs to the eyes and the page
    timeout_s: float = Field(20.0, ge=1, le=120)  # a turn recognised later than this is answered to nobody
    start_chunks: int = Field(3, ge=1, le=20)  # of 32 ms: one or two are clicks
    barge_in_s: float = Field(0.25, ge=0.03, le=2)  # speech needed to interrupt the voice: a leftover echo is shorter
    barge_in_level: float = Field(0.01, ge=0, le=1)  # RMS (−40 dBFS): cancelled echo is fainter, a person louder
    own_delay_s: float = Field(1.5, ge=0.1, le=3)  # from played to heard: jitter buffers hold up to 1.1 s (measured)
    own_warm_up_s: float = Field(0.25, ge=0, le=5)  # of speech that never interrupts, by which an echo is first found
    # Likeness of the spectra heard and played that makes it an echo, if the next agrees: 98 of 100 chunks of an echo in
    # a room have 0.53 and more, half of those of a person who talks over it without an echo less than 0.42.
    own_like: float = Field(0.5, ge=0, le=1)
    # Of the energy, what no echo explains: 0.02 of an echo at most, 0.08 in one of ten chunks where a room rings; of a
    # person 6 dB below the echo 0.16 (median), of one without an echo 0.49 and more.
    own_share: float = Field(0.05, ge=0, le=1)
    pre_roll_s: float = Field(0.3, ge=0, le=2)  # kept from before the VAD fired: soft first sounds ("stop", "hello")
    guess_s: float = Field(0.2, ge=0.05, le=2)  # of silence: begin recognising
    silence_s: float = Field(0.5, ge=0.1, le=5)  # of silence end a turn: people pause less within a sentence
    # The same once what was said is known to be a whole question, and once it is known to go on ("and the"). Never
    # longer, or shorter, than `silence_s`: a turn that is to end later or sooner needs that one alone.
    whole_s: float = Field(0.35, ge=0.1, le=5)
    open_s: float = Field(0.9, ge=0.1, le=5)
    shortest_s: float = Field(0.13, ge=0, le=2)  # of speech in a turn; "no" has more, a cough less
    longest_turn_s: float = Field(30.0, ge=5, le=30)  # what Whisper hears at once
    deaf_s: float = Field(10.0, ge=1, le=600)  # of digital silence: the microphone is muted or the wrong one
    turns: int = Field(4, ge=1, le=50)  # waiting to be recognised; more are from the past
    text_chars: int = 2000  # of one turn; 30 s of fast speech have 600
    partials: bool = True  # show what is understood while the person talks; costs a third of a core meanwhile
    partial_s: float = Field(0.9, ge=0.3, le=5)  # of new speech before the next attempt: three or four words
    auto_language: bool = False  # English or Chinese by the sound; two seconds of speech are little to tell it by
    language_floor: float = Field(0.8, ge=0, le=1)  # probability below which the last language stands
    held_least_s: float = Field(0.3, ge=0, le=2)  # the button to talk; a shorter press is a click
    release_s: float = Field(0.25, ge=0, le=2)  # heard after it is let go: sound takes longer than the message
    longest_hold_s: float = Field(120.0, ge=5, le=600)  # a page that went away while it was held
    wake: bool = False  # only what begins with a wake word is a request; the page and the voice can switch it
    # Names of the house, by commas. "Look out" is what Whisper writes for it; of twelve Chinese words this one came
    # through Whisper base as it was said, by both voices, and sounds like no other word.
    wake_words: str = Field("lookout", max_length=200)
    wake_words_zh: str = Field("观察员", max_length=200)
    sleep_words: str = Field("that's all, that is all, that will be all, go to sleep, goodbye", max_length=200)
    sleep_words_zh: str = Field("休息吧，没事了，就这样，再见", max_length=200)
    follow_s: float = Field(8.0, ge=0, le=120)  # after an answer in which no wake word is needed: a person takes 2–5 s

    def call(self, language: str) -> str:
        """The wake word to tell a person, as a name."""
        words = self.wake_words_zh if language == "zh" else self.wake_words
        return re.split("[,，]", words)[0].strip().capitalize()


class Speaking(BaseModel):
    """Text to sound (`interaction/speaking/`)."""

    voice: Literal["kokoro", "openai", "none"] = "kokoro"
    url: str = ""  # of an OpenAI-compatible /v1/audio/speech server
    model: str = "tts-1"
    speaker: str = "af_heart"  # the clearest English voice of the set
    speaker_zh: str = "zf_xiaoxiao"  # Kokoro's speaker for Chinese
    speed: float = Field(1.0, ge=0.5, le=2.0)
    key: SecretStr = SecretStr("")
    rate: int = Field(24_000, ge=8_000, le=48_000)  # Hz of the server's pcm; OpenAI's own sends 24 kHz
    timeout_s: float = Field(20.0, ge=1, le=120)  # without a sound for so long, the words are shown instead
    threads: int = Field(2, ge=1, le=16)  # of Kokoro: it is slower than speech on one busy core
    ready_s: float = Field(120.0, ge=0, le=3600)  # seconds of sound kept of sentences prepared for watches (6 MB)
    longest_s: float = 60.0  # of sound a sentence; a server that sends more is not read on
    text_chars: int = Field(1200, ge=100)  # of one utterance: a minute and a half; the rest is shown


class Fallback(BaseModel):
    """When a speech server fails, Whisper and Kokoro stand in (`interaction/standby.py`)."""

    enabled: bool = True
    hearing_s: float = Field(5.0, ge=0.1, le=60)  # for a whole turn; then Whisper here needs one second more
    voice_s: float = Field(2.5, ge=0.1, le=60)  # without any sound; Kokoro's own first sound takes as long
    probe_first_s: float = Field(3.0, ge=0.1, le=600)  # a server that is started again is back soon …
    probe_longest_s: float = Field(60.0, ge=0.1, le=3600)  # … and one that is gone is not asked all the time


class SpeechServer(BaseModel):
    """`python app.py speech-server` (`interaction/speech_server/`)."""

    host: str = "127.0.0.1"
    port: int = 8100
    key: SecretStr = SecretStr("")  # needed for any host but loopback
    body_bytes: int = Field(25_000_000, ge=10_000)  # of one request; OpenAI's own bound
    body_s: float = Field(30.0, ge=1)  # until it has arrived; a slower one only holds a place
    longest_s: float = Field(300.0, ge=1)  # of sound in a request: ten parts for Whisper, half a minute of work
    text_chars: int = Field(4096, ge=1)  # of one text; OpenAI's own bound
    answer_s: float = Field(600.0, ge=1)  # for a spoken text: twice its length; a client that takes no sound goes
    at_once: int = Field(4, ge=1, le=64)  # requests of a kind; one model works on one, the others wait for it
    connections: int = Field(100, ge=4)  # open at once, asking or not: more would use up the files of the process
