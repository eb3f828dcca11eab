"""Chinese clauses that name something to be seen. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition
from interaction.understanding.grammar import Build, Situation, Table, compare, ellipses, group, is_
from interaction.understanding.vocabulary_zh import FRAGMENTS, count_of, label_of

# A sentence that is to be read in the picture or spoken is at most this long.
TEXT_CHARS = 200


def _about(kind: str) -> Build[Condition]:
    def build(match: re.Match[str], situation: Situation) -> Condition | None:
        label = label_of(match["who"])
        return Condition(kind, label) if label else None  # type: ignore[arg-type]

    return build


def _relation(relation: str) -> Build[Condition]:
    def build(match: re.Match[str], situation: Situation) -> Condition | None:
        who = group(match, "who")
        return compare(relation, count_of(match["n"]), label_of(who) if who else "person")

    return build


def _none(match: re.Match[str], situation: Situation) -> Condition | None:
    label = label_of(group(match, "who") or "人")
    return Condition("fewer_than", label, 1) if label else None


def _says(match: re.Match[str], situation: Situation) -> Condition | None:
    text = match["text"].strip(" \"'“”‘’「」『』,:：")
    text = re.sub(r"^(?:了|着|的是|文字|字样|单词)", "", text)
    text = re.sub(r"(?:的?字样|这几个字|这个词|这些字|这句话|几个字|两个字|这个字)$", "", text).strip(
        " \"'“”‘’「」『』"
    )
    if label_of(text):
        return Condition("sees", label_of(text) or "person")
    return Condition("text_says", text=text) if 0 < len(text) <= TEXT_CHARS else None


_WHO = "(?P<who>{subject})"
_ANY = r"(?:有没有|有)?(?:任何|什么)?(?:东西|物体|人|动静|画面|它|镜头|场景|屏幕|这里|那里|房间里?)"
_SHOW = r"(?:写着|显示|出现|变成|变为|写的是|说|写)"

CONDITIONS: Table[Condition] = Table(
    FRAGMENTS,
    # text
    (
        r"(?:{seen})?(?:{screen}的?)?(?:的)?{texty}(?:有|发生|一)?(?:变化|改变|变|更新|换|不一样|更改)(?:了)?",
        is_(Condition("text_changes")),
    ),
    (
        r"(?:{screen})?(?:有|出现|{seen})(?:了)?(?:新的?|别的|其他的?|不同的)?{texty}(?:出现)?(?:了)?",
        is_(Condition("text_changes")),
    ),
    (rf"{{screen}}(?:的字)?{_SHOW}(?:了)?(?P<text>.+)", _says),
    (
        r"(?:{seen}|出现|显示|显示出|读到|写着)(?:了)?(?:文字|字)?(?P<text>[“\"「『'‘][^”\"」』]+[”\"」』'’](?:.{0,6})?)",
        _says,
    ),
    (r"(?:出现|显示|看到|看见|读到)(?:了)?(?P<text>.{1,60}?)(?:的?字样|这几个字|这个词|这些字|几个字|两个字)", _says),
    (r"(?P<text>[“\"「『'‘][^”\"」』]+[”\"」』'’])(?:这个词|这几个字)?(?:出现|显示出来|出来)(?:了)?", _says),
    (r"(?:显示|写着)(?:了|出)?(?P<text>[^的].{0,60})", _says),
    # face
    (
        r"(?:{seen}|有|出现)(?:了)?(?:我|你|他|她|有?人|谁|一张|任何|一个人)?的?(?:人|正)?(?:脸|面孔|脸部)(?:出现"
        r"|出来|{present})?(?:了)?",
        is_(Condition("face")),
    ),
    (
        r"(?:我|有人|他|她|人|某人)(?:的)?(?:脸|面孔)(?:出现|进入画面|在画面里|露出来)(?:了)?|(?:我|有人|他|她"
        r"|某人)(?:看|看着|面对|看向|对着)(?:着)?(?:镜头|摄像头|你|屏幕)(?:了)?",
        is_(Condition("face")),
    ),
    # movement and change
    (
        r"(?:不再|没有|停止)?(?:有)?(?:东西|画面|一切|什么|都|大家|它|全部|人)?(?:都)?(?:停下来|停下|停住|停止"
        r"|静止|不动|不再动|没动静|没有动静|安静下来|停)(?:运动|移动|活动|动|下来)?(?:了)?",
        is_(Condition("stops")),
    ),
    (
        r"(?:没有|不再有)(?:任何|什么)?(?:东西|动静|运动|人)(?:在)?(?:动)?(?:了)?",
        lambda m, s: Condition("stops") if re.search(r"动", m.string) else None,
    ),
    (
        rf"(?:{{seen}})?{_ANY}(?:在|开始|一)?(?:移动|动起来|动弹|运动|活动|动|晃动|在动)(?:了)?|(?:{{seen}}|有"
        rf"|检测到)(?:任何|什么)?(?:动静|运动|移动|活动|动作)(?:了)?|动了|动起来",
        is_(Condition("moves")),
    ),
    (
        rf"(?:{{seen}})?{_ANY}(?:有|发生|一|出现)?(?:任何|什么)?(?:变化|改变|变动|变|不一样|不同|动静)(?:了)?"
        rf"|(?:{{seen}}|有|出现|发生)(?:任何|什么)?(?:变化|改变|情况|异常)(?:了)?|变了",
        is_(Condition("changes")),
    ),
    # nobody
    (
        r"(?:{place})?(?:里|都)?(?:没有人|没人|空无一人|一个人都没有|一个人也没有)(?:{place}|在|在场)?(?:了)?"
        r"|(?:{place})(?:空|空了|空下来|没有人)(?:了)?",
        is_(Condition("fewer_than", "person", 1)),
    ),
    (
        r"(?:所有人|大家|人|全部人|每个人|最后一个人|人们|他们)(?:全部|全|都)(?:已经)?(?:走|离开|出去|走光|走完"
        r"|不在|不见)(?:了|光|完)*|(?:人走光|人都走|最后一个人(?:离开|走|出去))(?:了)?",
        is_(Condition("fewer_than", "person", 1)),
    ),
    (r"(?:{place})?(?:你)?(?:没有|没|看不到|看不见)(?P<who>{noun}|{someone})(?:了)?", _none),
    # numbers
    (
        r"(?:{place})?(?:里)?(?:的)?(?:有)?(?P<who>{noun}|人数)?(?:的)?(?:数量|数目|数"
        r"|人数)?(?:{more})(?:了)?(?P<n>{number})(?:{measure})?",
        lambda m, s: _relation("more")(m, s) if not re.search("比", m.string) else None,
    ),
    (
        r"(?:{seen})?(?:{place})?(?:有)?{more}(?:了)?(?P<n>{number}){measure}?(?P<who>{noun})?(?:{place}|{present}"
        r"|在|{arrive}|时)?(?:多)?",
        lambda m, s: _relation("more")(m, s) if not re.search("比", m.string) or m.string.endswith("多") else None,
    ),
    (
        r"(?:{seen})?(?:{place})?(?:有)?(?:{most})(?P<n>{number}){measure}?(?P<who>{noun})?(?:{place}|{present})?",
        _relation("most"),
    ),
    (
        r"(?:{seen})?(?:{place})?(?:的)?(?P<who>{noun}|人数)?(?:的)?(?:数量|数|人数)?(?:少于|少过|小于|低于|不到"
        r"|不足|不满|没到|比)(?:了)?(?P<n>{number}){measure}?(?:少)?",
        _relation("fewer"),
    ),
    (
        r"(?:{seen})?(?:{place})?(?:有)?(?:少于|少过|小于|低于|不到|不足|不满|没到"
        r"|比)(?:了)?(?P<n>{number}){measure}?(?P<who>{noun})?(?:{place}|{present}|少|时)?",
        _relation("fewer"),
    ),
    (
        r"(?:{seen})?(?:{place})?(?:有)?(?P<n>{number}){measure}?(?P<who>{noun})?(?:或者?|以及)?(?:以上|或更多"
        r"|及以上|或以上)(?:的)?(?P<who_>{noun})?(?:{place}|{present}|{arrive})?",
        lambda m, s: compare("least", count_of(m["n"]), label_of(m["who"] or m["who_"] or "人")),
    ),
    (
        r"(?:{seen})?(?:{place})?(?:有)?(?P<n>{number}){measure}?(?P<who>{noun})?(?:或者?)?(?:以下|或更少|及以下"
        r"|或以下)(?:的)?(?P<who_>{noun})?(?:{place}|{present})?",
        lambda m, s: compare("most", count_of(m["n"]), label_of(m["who"] or m["who_"] or "人")),
    ),
    (
        r"(?P<who>{noun}|人数)?(?:的)?(?:数量|数目|人数|个数)(?:有|发生|一)?(?:变化|变|改变)(?:了)?",
        lambda m, s: Condition("count", label_of(m["who"] or "人") or "person"),
    ),
    (
        r"(?:{seen})?(?:{place})?(?:{least})?(?P<n>(?!一)(?:{number})){measure}(?P<who>{noun})(?:{place}|{present}"
        r"|{arrive}|在|时)?(?:了)?",
        _relation("least"),
    ),
    (
        r"(?:{seen})?(?:{place})?(?:至少有?|最少有?|起码有?|不少于"
        r"|达到)(?P<n>{number}){measure}?(?P<who>{noun})?(?:{place}|{present}|{arrive}|在)?(?:了)?",
        _relation("least"),
    ),
    (r"(?:{place}?的?)?(?:人数|人)(?:达到|到了?|满)(?P<n>{number}){measure}?(?:人)?(?:了)?", _relation("least")),
    # coming and going
    (r"(?:{seen})?(?:{place})?(?:有)?" + _WHO + r"(?:{arrive})", _about("arrives")),
    (r"(?:{seen})?(?:{place})?(?:有)?" + _WHO + r"(?:{leave})", _about("leaves")),
    (
        r"(?:{place})?(?:来|进来|出现|闯进来|走进来)(?:了)?(?P<who>(?:{someone}|(?:一"
        r"|几)?{measure}?{noun}))(?:了)?",
        _about("arrives"),
    ),
    (r"来人(?:了)?", is_(Condition("arrives"))),
    # in view
    (r"(?:{seen}|(?:{place})?有|(?:{place})?出现)(?:了)?" + _WHO + r"(?:{present})?(?:了)?", _about("sees")),
    (_WHO + r"(?:{present})", _about("sees")),
)

_JOINT = re.compile(r",?(?:或者|或是|或|还是|和|以及|、)")


def conditions(text: str, situation: Situation) -> list[Condition]:
    """The conditions that a clause names ("有人进来或者离开": two); empty: none that we know."""
    text = text.strip(" ,")
    if (one := CONDITIONS.read(text, situation)) is not None:
        return [one]
    for lefts, rights in ellipses(text, _JOINT, spaced=False):
        left, right = _first(lefts, situation), _first(rights, situation)
        if left and right:
            return [left, right]
    return []


def _first(candidates: list[str], situation: Situation) -> Condition | None:
    return next((c for text in candidates if (c := CONDITIONS.read(text, situation)) is not None), None)
