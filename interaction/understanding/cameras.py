"""Orders and questions about sources by name, in both languages: "add the door camera", "pause the kitchen". Tables.

With the word "camera" a name need not be known: whoever asks for the garage hears which ones there are. Without it
only a known name is one; of verbs that mean many things (`must` False), "the camera" alone is left to others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from interaction.intents import Intent, Question, SourceOrder
from interaction.understanding.grammar import Build, Situation
from interaction.understanding.numerals import whole
from interaction.understanding.vocabulary_zh import simplify

_NOUN_EN = r"(?:cameras?|cam|sources?|feeds?|streams?)"
_NOUN_ZH = r"的?(?:摄像头|摄像机|摄影机|镜头|画面|相机|视频源|信号源|监控)"
# The lane of the screen that a page shares, and what it is called.
SCREEN = "screen"
SCREEN_EN, SCREEN_ZH = r"(?:shared |computer |laptop )?screen(?: sharing)?", r"(?:共享的?|电脑的?|我的)?屏幕(?:共享)?"
_SOME = frozenset(("", "a", "an", "another", "one more", "new", "a new", "一个", "新", "一个新", "另一个"))


def which(phrase: str, names: Sequence[str]) -> str | None:
    """Which of the names is meant: "the front-door camera" is "Front door", "camera two" is "camera 2"."""
    if SCREEN in names and re.fullmatch(rf"{SCREEN_EN}|{SCREEN_ZH}", simplify(phrase.strip()), re.IGNORECASE):
        return SCREEN
    without = re.sub(rf" {_NOUN_EN}$|{_NOUN_ZH}$", "", phrase.strip(), flags=re.IGNORECASE)
    wanted = (plain(phrase), plain(without))
    return next((name for form in wanted for name in names if plain(name) == form), None)


def plain(name: str) -> str:
    """A name for comparing: small letters, single blanks, digits."""
    words = re.split(r"[-_ ]+", simplify(name.casefold().strip()))
    return " ".join(str(number) if (number := whole(word)) is not None else word for word in words)


def _order(verb: Literal["add", "remove", "pause", "resume"], must: bool = True) -> Build[list[Intent]]:
    def build(match: re.Match[str], situation: Situation) -> list[Intent] | None:
        phrase = next(group for group in (match["name"], match.groupdict().get("name_b")) if group).strip()
        if known := which(phrase, (*situation.lanes, *situation.cameras)):
            return [SourceOrder(verb, known)]
        name, nouns = re.subn(rf"(?:^| ){_NOUN_EN}$|{_NOUN_ZH}$", "", phrase, flags=re.IGNORECASE)
        if not nouns or (name in _SOME and (verb != "add" or not must)):
            return None
        return [SourceOrder(verb, "" if name in _SOME else name)]

    return build


def _asks(match: re.Match[str], situation: Situation) -> list[Intent]:
    return [Question("sources", match.string)]


_THE = r"(?:(?:the|my|our|that) )?(?P<name>.{1,48}?)"
CAMERA_CONTROLS_EN: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (rf"(?:add|connect(?: to)?|bring in|hook up) {_THE}(?: again| too| as well)?", _order("add")),
    (rf"(?:remove|disconnect(?: from)?|drop|take away|get rid of|stop sharing) {_THE}", _order("remove")),
    (rf"pause (?:watching )?{_THE}", _order("pause")),
    (rf"(?:resume|unpause|continue(?: with)?|go on with)(?: watching)? {_THE}", _order("resume")),
    (
        rf"(?:open|start|use|turn on|switch on) {_THE}(?: again)?"
        r"|(?:turn|switch) (?:the |my )?(?P<name_b>.{1,48}?) on",
        _order("add", must=False),
    ),
    (
        rf"(?:stop|turn off|switch off)(?: watching| looking at)? {_THE}"
        r"|(?:turn|switch) (?:the |my )?(?P<name_b>.{1,48}?) off",
        _order("pause", must=False),
    ),
)
CAMERA_QUESTIONS_EN: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        rf"(?:can you )?(?:tell me |show me )?(?:which|what)(?: other)? {_NOUN_EN} (?:(?:are|is) (?:there|configured"
        r"|connected|available|on|running|known)|do you (?:have|know|see|watch)|have you got|can (?:i|you|we) (?:add"
        r"|use|see|watch)|are you (?:watching|using|looking at|connected to)|there are|you have)(?: now| right now)?"
        rf"|(?:list|name)(?: me)?(?: all)?(?: the| my| your)? {_NOUN_EN}"
        r"|how many (?:cameras|sources) (?:are there|do you have|have you got|are you watching)",
        _asks,
    ),
)
_ADD_ZH = r"(?:添加|加上|增加|加入|接入|接上|连接|连上)"
_REMOVE_ZH = r"(?:移除|去掉|删掉|删除|断开|拿掉|撤掉|停止共享|结束共享|别共享|不要共享)"
_PAUSE_ZH = r"(?:暂停|停止看|停看)"
_RESUME_ZH = r"(?:继续看|恢复看|重新看|继续|恢复)"
_ON_ZH, _OFF_ZH = r"(?:打开|开启|启用|使用)", r"(?:关掉|关闭|关上|停掉|别看|不要看)"
_OF_ZH = r"(?P<name>.{1,24}?)"


def _both(verb: str) -> str:
    """ "添加门口的摄像头", "把门口的摄像头添加上"."""
    return rf"{verb}(?:一下)?{_OF_ZH}(?:了|吧)?|(?:把|将)(?P<name_b>.{{1,24}}?){verb}(?:上|掉|一下)?(?:了|吧)?"


CAMERA_CONTROLS_ZH: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (_both(_ADD_ZH), _order("add")),
    (_both(_REMOVE_ZH), _order("remove")),
    (_both(_PAUSE_ZH), _order("pause")),
    (_both(_RESUME_ZH), _order("resume")),
    (_both(_ON_ZH), _order("add", must=False)),
    (_both(_OFF_ZH), _order("pause", must=False)),
)
_CAMERAS_ZH = r"(?:摄像头|摄像机|摄影机|镜头|相机|视频源|信号源|监控)"
CAMERA_QUESTIONS_ZH: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        rf"(?:你)?(?:现在)?(?:都|一共|总共)?(?:有|连着|连了|接了|在看)(?:哪些|什么|哪几个|几个|多少个?){_CAMERAS_ZH}"
        rf"|(?:哪些|哪几个|什么){_CAMERAS_ZH}(?:可以|能)?(?:用|看|加|添加|开着|连着|在看)(?:了|呢)?|列出(?:所有的?)?{_CAMERAS_ZH}",
        _asks,
    ),
)
