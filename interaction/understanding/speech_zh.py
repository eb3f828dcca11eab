"""Chinese speech as it comes from a recogniser or a keyboard: script, fillers, courtesy, and the manner of a wish."""

from __future__ import annotations

import re
import unicodedata

from interaction.understanding.cameras import SCREEN, SCREEN_ZH
from interaction.understanding.grammar import Manner, Situation, compiled, expand
from interaction.understanding.times import clock_time, duration
from interaction.understanding.vocabulary_zh import FRAGMENTS, simplify

_CJK = r"[㐀-鿿]"
_CALL = r"(?:(?:嘿|嗨|喂|哎|你好)[, ]*)?(?:look ?out|瞭望|了望)(?:助手)?"
_POLITE = (
    r"(?:请问|请你|请|麻烦你?您?|劳驾|拜托你?|能不能(?:请)?(?:你)?|能否|可不可以|可以不可以|你能不能"
    r"|你可不可以|你可以(?!看|做|干|认|识|数?什么|说话|见)|你能(?!看|做|干|认|识|发现|见|帮我做|听)"
    r"|可以(?!说话|了|做|看|问|$)"
    r"|帮我(?:一下)?(?!做什么)|帮忙|帮个忙|给我(?=数|读|念|看|查|算|写|定|设)|能(?=读|念|数|帮)|我(?:想|要|希望|需要)(?:让)?你"
    r"|我想(?=知道|设|定|让)|请帮我|替我|记得|你来|你(?=数|读|念|帮))"
)
_FILLER = (
    r"(?:嗯+|呃+|额+|啊+|哦+|噢+|唉|那个(?=,)|这个(?=,)|那么|那(?=你|就|请|如果|,)|好的|好吧|好(?=,)|好(?=的)"
    r"|对了|对(?=,)|就是说|就是(?=,)|然后|另外|还有(?!多少|几|多久)|再(?=帮|数|设|定|提醒)|同时|并且|而且|接着(?!看|来)"
    r"|顺便|另|不过|但是|是的|行(?=,)|喂(?=,)|嘿|嗨(?=,)|现在(?=帮我|请|开始|,)|不(?=,)|不是(?=,)|其实|要不)"
)
_LEAD = re.compile(rf"(?:(?P<call>{_CALL})|(?P<polite>{_POLITE})|(?P<filler>{_FILLER}))[,、。!;:… ]*", re.IGNORECASE)
_TAIL = re.compile(
    r"[,。!?;: ]*(?:吧|啊|呀|哦|啦|嘛|呗|谢谢你?|多谢|好吗|好不好|可以吗|行吗|行不行|好么|拜托了?|麻烦了"
    r"|look ?out)[,。!?;: ]*$",
    re.IGNORECASE,
)

_URGENT = r"(?:马上|立刻|立即|赶紧|赶快|尽快|第一时间|紧急|打断我(?:也要)?|很急|即使我在说话也要)"
_ONCE = (
    r"(?:(?:只|就|仅)(?:要)?(?:提醒|告诉我|说|通知)?一次(?:就够了?|就行|就好|即可)?|一次就(?:够了?|行了?|好了?|可以了?)|(?:下次|下一次|下回"
    r"|第一次)(?=.))"
)
_ALWAYS = r"(?:(?:总是|一直|反复|不断)(?:地)?|(?:每次都|每一次都)(?=告诉|提醒))"
_SPAN = (
    r"(?:(?:在)?(?:接下来|未来|今后|往后|之后)的?(?P<next>{dur})(?:之?内|以内|里|中)?"
    r"|(?:在)?(?P<for>{dur})(?:之内|以内|内)"
    r"|(?:一直)?(?:到|直到|截止到?|截至)(?P<until>{clock})(?:为止|之前|以前|前)?"
    r"|(?:在)?(?P<before>{clock})(?:之前|以前|前|为止))"
)


def tidy(text: str) -> tuple[str, bool]:
    """The text in simplified characters, without fillers and courtesy; and whether it addresses somebody."""
    text = simplify(unicodedata.normalize("NFKC", text).strip())
    text = re.sub(rf"(?<={_CJK})\s+|\s+(?={_CJK})", "", " ".join(text.split()))
    text = re.sub(r"[。!?;,]+$", "", text)
    text = re.sub(r"[,、。]?(?:嗯+|呃+|额)[,、。]", "", text)
    addressed = False
    while text and (match := _LEAD.match(text)) and match.end() < len(text):
        addressed = addressed or not match["filler"]
        text = text[match.end() :]
    while text and (tail := _TAIL.search(text)) and tail.start() > 0:
        text = text[: tail.start()]
    if addressed and text.endswith(("吗", "么")) and not text.endswith("什么"):
        text = text[:-1]
    return text.strip(" ,.。;:!?…、-"), addressed


def manner(text: str, situation: Situation) -> tuple[str, Manner]:
    """Take what is said about the manner out of a clause."""
    expires = source = None
    flags = []
    text, told_once = re.subn(r"(?:只|就|仅)(?:要)?(提醒|告诉|通知|叫)我一次", r"\1我", text, count=1)
    for pattern in (_URGENT, _ONCE, _ALWAYS):
        text, found = _cut(text, pattern)
        flags.append(found is not None)
    rest, span = _cut(text, expand(_SPAN, FRAGMENTS))
    if span is not None:
        expires = _expiry(span, situation)
        text = rest if expires else text
    for lane in sorted(situation.lanes, key=len, reverse=True):
        rest, found = _cut(text, _lane_pattern(lane))
        if found is not None:
            text, source = rest, lane
            break
    if source is None and SCREEN in situation.lanes and compiled(_THE_SCREEN).search(text):
        source = SCREEN
    return text, Manner(flags[1] or bool(told_once), flags[0], expires, source)


def _cut(text: str, pattern: str) -> tuple[str, re.Match[str] | None]:
    match = compiled(pattern).search(text)
    if match is None:
        return text, None
    return (text[: match.start()].rstrip(" ,") + text[match.end() :]).strip(" ,"), match


def _expiry(span: re.Match[str], situation: Situation) -> float | None:
    if clock := span["until"] or span["before"]:
        end = clock_time(clock, situation.now, "zh")
        return (end - situation.now).total_seconds() if end else None
    return duration(span["next"] or span["for"], "zh")


_THE_SCREEN = rf"(?<![看着向对朝]){SCREEN_ZH}"  # who looks at it is elsewhere


def _lane_pattern(lane: str) -> str:
    if lane == SCREEN:
        return rf"在?{SCREEN_ZH}(?:上面?|里面?|中)(?=有(?!什么)|没有|来|进|走|动)"
    name = re.sub(r"(?:\\?[-_ ])+", "[-_ ]?", re.escape(simplify(lane.strip())))
    camera = r"(?:的)?(?:摄像头|镜头|画面|相机|视频)|那边|那儿|里面|里边|里|内|中|上|外面"
    entered = rf"{name}(?=有|来|进)|(?<=进){name}|(?<=进入){name}|(?<=离开){name}"
    return rf"(?:(?:在|从|由){name}(?:{camera}){{0,3}}|{name}(?:{camera}){{1,3}}|{entered})"
