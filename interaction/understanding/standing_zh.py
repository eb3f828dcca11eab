"""Wishes in Chinese that stand without "告诉我", and those that nobody here can fulfil. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition, Intent, Question
from interaction.understanding.conditions_zh import conditions
from interaction.understanding.grammar import Action, Reason, Situation, Table
from interaction.understanding.refusals_zh import WHO, reason
from interaction.understanding.translation_zh import STANDING_TRANSLATIONS
from interaction.understanding.vocabulary_zh import FRAGMENTS, HAPPENED, label_of
from interaction.understanding.wishes import OPEN_WATCHES, hands, noteworthy, open_wish, reply, standing


def _count(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = label_of(match["who"])
    return standing(Condition("count", label), situation) if label else None


def _tally(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    made = conditions(re.sub(r"(?:有)?(?:多少|几)(?:个|位)?", "", match["what"]), situation)
    return standing(made[0], situation, Action(tally=True)) if made and made[0].kind in ("arrives", "leaves") else None


def _mind(what: str, match: re.Match[str], situation: Situation) -> list[Intent]:
    return noteworthy(what, f"{what}怎么样", reason(what), situation, match.string)


def _look_for(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    what = re.sub(r"(?:的?时候|的?时|了)$", "", match["what"])
    minded = re.match("(?:一直)?(?:看着|盯着|监视|监控)", match.string)
    if label := label_of(what):
        if OPEN_WATCHES in situation.capabilities and minded and label != "person":
            return _mind(what, match, situation)
        return standing(Condition("arrives" if label == "person" else "sees", label), situation)
    made = conditions(what, situation)
    return [intent for c in made for intent in standing(c, situation)] or None


def _guard(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    if OPEN_WATCHES in situation.capabilities and not re.match("守着|看住|看管", match.string):
        return _mind(match["who"], match, situation)  # a model sees more of it than whether it is there
    label = label_of(match["who"])
    return standing(Condition("leaves", label), situation) if label and label != "person" else None


def _greet(match: re.Match[str], situation: Situation) -> list[Intent]:
    say = "欢迎！" if "欢迎" in match.string and "说" not in match.string else "你好！"
    return standing(Condition("arrives"), situation, Action(say=say))


_ENTERING = (
    r"(?:每个|所有|每一个|每位|任何)?(?:进来|进门|来|走进来|进店)的?(?:每个|所有)?(?:人|客人|顾客)|(?:每个"
    r"|所有|每一个|每位)(?:来|进来|进门)?的?(?:人|客人|顾客)|大家|客人|来人|顾客|访客"
)
_COMMENTARY = Action(ask=Question("commentary", HAPPENED))

STANDING: Table[list[Intent]] = Table(
    FRAGMENTS,
    *STANDING_TRANSLATIONS,
    (
        r"(?:大声|出声|持续|一直)?(?:地)?(?:数|统计|计算)(?:一数|一下|数|着)?(?P<what>(?:有)?(?:多少|几)(?:个"
        r"|位)?{noun}(?:{arrive}|{leave}))(?:了)?",
        _tally,
    ),
    (
        r"(?:大声|出声|持续|一直)?(?:地)?数(?:一数|一下|数|出|着)?(?:有)?(?P<what>(?:进来|出去|离开"
        r"|经过)的?人)(?:数)?",
        lambda m, s: standing(
            Condition("leaves" if re.search("出去|离开", m["what"]) else "arrives"), s, Action(tally=True)
        ),
    ),
    (
        r"(?:开始)?(?:大声|出声|持续|一直)?(?:地)?(?:数|统计|清点|点)(?:一数|一下|数|出|着)?(?:{place}|画面里?"
        r"|这里)?(?:的)?(?:有)?(?:多少|几|所有的?|全部的?)?{measure}?(?P<who>{noun})(?:数|的数量|的个数"
        r"|的数目)?(?:在)?(?:{place}|这里)?",
        _count,
    ),
    (
        r"(?:一直)?(?:留意|注意|看看有没有|看有没有|盯着|等着?|关注|监视|监控|找|寻找|看着)(?:一下)?(?P<what>.+)",
        _look_for,
    ),
    (
        r"(?:看着|盯着|守着|监视|监控|看好|看住|看守|留意)(?:一下)?(?:这个|那个|我的)?(?:门|门口|房间|屋子|这里|店"
        r"|家|院子|入口|大门|办公室|客厅)",
        lambda m, s: standing(Condition("arrives"), s),
    ),
    (r"(?:看着|盯着|守着|看好|看住|看管)(?:一下)?(?:好)?(?:我的|这个|那个|这|那)?(?P<who>{noun})", _guard),
    (
        rf"(?:跟|向|和|对|给)?(?:{_ENTERING})(?:打个?招呼|问个?好|说你好|说一声你好|说您好|表示欢迎|说欢迎)|(?:欢迎"
        rf"|问候)(?:{_ENTERING})",
        _greet,
    ),
    (
        r"(?:一直|持续|不断|不停)(?:地)?(?:读|念|朗读).*|(?:读|念)(?:出)?(?:所有|全部|每一?个|任何)(?:的)?(?:新的?"
        r"|出现的)?(?:文字|字|内容).*",
        lambda m, s: standing(Condition("text_changes"), s),
    ),
    (
        r"(?:实时)?(?:解说|直播|讲解|评论)(?:一下)?(?:画面|现场|发生的(?:事|一切)?|你看到的)?|(?:告诉我|报告|描述"
        r"|讲讲)(?:发生的)?(?:一切|所有)(?:变化|事情|动静)?|(?:一直|持续|不断)(?:地)?(?:描述|说|讲|解说).*",
        lambda m, s: standing(Condition("changes"), s, _COMMENTARY),
    ),
    (r"(?:开启|打开)?(?:运动|移动|动作)(?:检测|侦测|警报|报警)", lambda m, s: standing(Condition("moves"), s)),
)

WISHES: Table[list[Intent]] = Table(
    FRAGMENTS,
    (
        r"(?:告诉我|说)是?谁(?:进来|来|离开|走|在|出去).*|(?:认出|识别|认一下).+|(?:告诉我)?(?:他|她|那个?人)是谁",
        lambda m, s: open_wish(m.string, "是谁", Reason(WHO, "有人进来就告诉我"), s, m.string),
    ),
    (r"(?:提醒|叫)我(?P<say>.+)?|(?:定|设)(?:一个|个)?(?:闹钟|提醒)", lambda m, s: reply("when", m.string, s.language)),
    (
        r"(?:大声)?(?:地)?(?:数|统计)(?:一数|一下|数|着)?(?:我|他|她)?(?:的|[做走跑跳吃喝]了|做的|做)?(?:有)?(?:多少|几)?(?:个"
        r"|次)?(?P<what>[^到从着]{1,30})",
        lambda m, s: open_wish(m["what"], f"有多少{m['what']}", reason(m["what"]), s, m.string),
    ),
    (
        r"(?:看着|盯着|留意|注意|守着|监视|监控|照看|看好|看管)(?:一下)?(?P<what>.{1,40})",
        lambda m, s: _mind(m["what"], m, s),
    ),
    (
        r"(?:打开|关掉|关上|关闭|开|关)(?:一下)?(?:灯|电灯|空调|电视|门|窗户?|窗帘|音乐|风扇|暖气).*"
        r"|把.{1,8}(?:打开|关掉|关上|锁上)|(?:播放|放)(?:一首|点|一下)?(?:音乐|歌|电影|视频).*|给.{1,8}(?:打电话"
        r"|发短信|发邮件|发微信).*|(?:打|拨打)(?:电话|110|119|120).*|(?:拍|照)(?:一张|张|个)?(?:照|照片|相|视频).*"
        r"|报警",
        lambda m, s: hands(m.string, s, m.string),
    ),
)
