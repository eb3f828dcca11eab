""" "Show me when …" and "play the last clip" in Chinese. Rows of the table of questions."""

from __future__ import annotations

from interaction.intents import Intent
from interaction.understanding.grammar import Build, question

# A bare 看 or 放 also begins a condition ("看书的时候提醒我"): it counts only with what cannot be one.
_SHOW = (
    r"(?:(?:请)?(?:再)?(?:(?:给我|让我|帮我)看(?![到见着])(?:一看|看|一下)?|看看|看一看|看一下|播放|回放|重放|重播"
    r"|放(?:一下|一遍|给我看))(?:一下|一遍)?)"
)
_AGO = r"(?:刚才|刚刚|上次|上一次|最近|最后|最新)"
_FILM = r"(?:录像|视频|片段|短片|回放)"
_CAME = r"(?:进来|进门|离开|出去|走|来|出现|消失|不见)(?:过|了)?"

SHOWINGS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        rf"(?:{_SHOW}|看|放){_AGO}(?:的)?(?:那|这)?(?:一)?(?:个|段|次)?(?:的)?(?:提醒|警报|报警|告警)?(?:的)?(?:{_FILM}|画面)?"
        rf"|{_SHOW}(?:那|这)?(?:一)?(?:个|段|次)?(?:提醒的|警报的|报警的)?{_FILM}|(?:再)?(?:回放|重放|重播)(?:一下|一遍)?",
        question("clip"),
    ),
    (
        rf"{_SHOW}(?:什么时候.{{1,30}}|.{{1,30}}(?:的时候|那一刻|那会儿|的那一?段|的{_FILM}))"
        rf"|看(?:有人|谁|{{noun}}){_CAME}(?:的时候|那一刻|的{_FILM})|看什么时候.{{1,30}}",
        question("shown"),
    ),
)
