"""What to do when a watch fires, in Chinese; and how a clause is cut into condition and action."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interaction.intents import Intent, Question
from interaction.understanding.conditions_zh import TEXT_CHARS, conditions
from interaction.understanding.grammar import Action, Frame, Situation, Table, compiled, expand
from interaction.understanding.questions_zh import QUESTIONS
from interaction.understanding.translation_zh import TRANSLATIONS
from interaction.understanding.vocabulary_zh import FRAGMENTS, HAPPENED, to_you

# A clause with more places to cut it than this is prose, not a request.
MOST_CUTS = 12

_HANDS = (
    r"(?:把.{1,12})?(?:打开|关掉|关上|关闭|开灯|关灯|开(?:门|窗|空调|电视|音乐)|关(?:门|窗|空调|电视|音乐)"
    r"|播放|放音乐|打电话|发邮件|发短信|发微信|报警给|叫警察|拍照|拍张|拍一张|拍下|录像|录音|录下|锁|锁上|解锁"
    r"|下单|买|点外卖|浇花|喂).*"
)
_GREETING = r"你好|您好|大家好|欢迎|欢迎光临|早上好|早安|上午好|下午好|晚上好|晚安|再见|拜拜|嗨|哈喽|hello|hi"
_TO_SOMEONE = r"(?:跟|向|和|对|给|同)(?:他|她|他们|她们|它|客人|人|大家|进来的人|来的人|每个人|对方|我|人家)"
_TO_HIM = r"(?:他|她|他们|她们|客人|人|大家|进来的人|来的人|对方|人家)"


def _say(match: re.Match[str], situation: Situation) -> Action | None:
    words = match["say"].strip(" \"'“”‘’「」『』,.。:：")
    return Action(say=words) if 0 < len(words) <= TEXT_CHARS else None


def _say_to_you(match: re.Match[str], situation: Situation) -> Action | None:
    made = _say(match, situation)
    if made is None or not made.say or re.search(r"什么|多少|几个|谁|哪|有没有|是不是|怎么|吗$", made.say):
        return None
    return Action(say=to_you(made.say))


def _greeting(match: re.Match[str], situation: Situation) -> Action:
    words = (match.groupdict().get("words") or "你好").strip()
    return Action(say=words[:1].upper() + words[1:] + "！")


ACTIONS: Table[Action] = Table(
    FRAGMENTS,
    (r"(?:就)?(?:打断我|发出警报|报警)", lambda m, s: Action(urgent=True)),
    (r"{tell}", lambda m, s: Action()),
    (rf"(?:{_TO_SOMEONE})?(?:说|喊|讲|道)(?:一声|一句|声|句)?[:： ]?[“\"「]?(?P<words>{_GREETING})[”\"」]?", _greeting),
    (rf"(?:{_TO_SOMEONE})?(?:打个?招呼|问个?好|问候(?:一下)?)|问候{_TO_HIM}", _greeting),
    (rf"(?:表示)?欢迎(?:一下)?(?:{_TO_HIM})?", lambda m, s: Action(say="欢迎！")),
    (
        r"(?:大声)?(?:地)?(?:数(?:一下|数|出来|一个|着|一次|数目)*|计数|计一次数|加一|报数|报个数|记一次|计一次"
        r"|报出数目)",
        lambda m, s: Action(tally=True),
    ),
    (rf"(?:{_TO_SOMEONE})?(?:说|喊|讲)(?:一声|一句)?[:： ]?(?P<say>.+)", _say),
    (r"(?:告诉|提醒|叫|通知|跟|和|对)我(?:一下|一声|说|要|该|得|是)*[:： ]?(?P<say>.+)", _say_to_you),
    (_HANDS, lambda m, s: Action(hands=m.string)),
)

# Where an action may begin inside a longer clause.
ACT = compiled(
    expand(
        r"(?={tell}|说|喊|讲|读|念|朗读|数|计数|报|打招呼|打个招呼|问好|问个好|欢迎|问候|描述|看看|大声|跟|对|向"
        r"|用(?={language})|翻译|解说|把|打开|关|开(?=灯|门|窗|空调|电视|音乐)|播放|拍|录|打电话|发)",
        FRAGMENTS,
    )
)
_THEN = re.compile(r"(?:的?时候|的?时|的话|之后|以后|后|了|就|,|便|请|都|一下|你|再|得|也|要|帮我|能|可以)+$")
_MARKED = re.compile(r"^(?:如果|要是|假如|当|等|一旦|只要|每)|(?:时|时候|的话|就|后)[, ]*$")
_WHEN = compiled(expand(r"^(?:{when})+,?(?:你)?", FRAGMENTS))
_TRAILING = compiled(
    expand(
        r"(?P<act>{tell}|(?:告诉|提醒|通知|叫)我.{0,20}?|(?:说|读|念|数|打招呼).{0,12}?),?(?P<when>(?:什么时候"
        r"|{when})*)(?P<cond>.+)",
        FRAGMENTS,
    )
)


_COMMENTED = re.compile(
    r"(?:描述|说说?|报告|讲讲?|解说|总结|告诉我|汇报)(?:一下)?(?:刚才|刚刚|这段时间)?(?:里)?(?:发生(?:了|的)?(?:什么|事情|事|一切|变化)+"
    r"|有(?:什么|哪些)(?:变化|新情况|动静)|变化)|解说(?:一下)?|评论(?:一下)?"
)
TRANSLATION: Table[list[Intent]] = Table(FRAGMENTS, *TRANSLATIONS)


def do(words: str, situation: Situation) -> Action | None:
    """An action of a wish: "告诉我", "说你好", "告诉我有几个人", "描述你看到的"."""
    words = re.sub(r"^(?:就|请|再|你|帮我|大声地?|马上|也|都|要|得|,)+", "", words.strip(" ,"))
    words = re.sub(r"(?:吧|吗|啊|哦)$", "", words)
    if not words:
        return None
    if _COMMENTED.fullmatch(words):
        return Action(ask=Question("commentary", HAPPENED))
    if (translation := TRANSLATION.read(words, situation)) and isinstance(translation[0], Question):
        return Action(ask=translation[0])
    if (plain := ACTIONS.read(words, situation)) and (not plain.say or not _asks(words)):
        return plain
    counted = re.sub(r"^数(?:一下|一数|一次|数)?(?=.)", "有几个", words)
    asked = QUESTIONS.read(words, situation) or QUESTIONS.read(counted, situation)
    if asked and isinstance(asked[0], Question) and asked[0].kind not in ("memory", "ability", "elapsed"):
        return Action(ask=asked[0])
    return plain


def _asks(words: str) -> bool:
    return re.search(r"什么|多少|几|谁|哪|时间|怎么", words) is not None


def said(words: str, situation: Situation) -> Action:
    """What to say or answer: the words after "提醒我"."""
    words = re.sub(r"^(?:要|该|得|说|一下|一声|记得|[,:： ])+", "", words).strip(" ,。")
    if not words:
        return Action()
    asked = QUESTIONS.read(words, situation) if _asks(words) else None
    if asked and isinstance(asked[0], Question):
        return Action(ask=asked[0])
    return Action(say=to_you(words))


def frames(text: str, situation: Situation) -> Iterator[Frame]:
    """Ways to read a clause as condition and action: "有人进来 | 告诉我", "告诉我 | 有没有人进来"."""
    for begin in [m.start() for m in ACT.finditer(text) if m.start()][:MOST_CUTS]:
        condition = _condition(text[:begin])
        action = do(text[begin:], situation)
        if not condition or action is None:
            continue
        # "她说有两个人" has the form of "看到猫说你好": to say something, the condition must be marked or known
        if not action.say or _MARKED.search(text[:begin]) or conditions(condition, situation):
            yield Frame(condition, action)
    if (trailing := _TRAILING.fullmatch(text)) and (action := do(trailing["act"], situation)) is not None:
        condition = _condition(trailing["cond"])
        # without a "when", only a happening is one to wait for: "告诉我有没有人" asks about now
        found = conditions(condition, situation)
        if trailing["when"] or (found and found[0].kind != "sees"):
            yield Frame(condition, action)


def _condition(text: str) -> str:
    text = _WHEN.sub("", text.strip(" ,"))
    text = re.sub(r"^(?:还剩下?|只剩下?|剩下?)", "", text)
    while (shorter := _THEN.sub("", text).strip(" ,")) != text:
        text = shorter
    return text
