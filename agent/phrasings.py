"""How people put it: the patterns of `planner.py`, in English and Chinese, and what impossible wishes would need."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from agent.wording import pick

FILLER = re.compile(
    r"^(?:(?:please|hey|hi|ok|okay|lookout|so|now|and|then|also|next|finally|can you|could you|would you|will you"
    r"|help me|just|i (?:want|need|would like) (?:you )?to know|do you know|i wonder)\b[ ,:]*)+"
    r"|(?:[ ,]*\b(?:please|for me|thanks|thank you))+$"
)
FILLER_ZH = re.compile(
    r"^(?:请问|请|帮我|麻烦你?|你能不能|能不能|你?可以|给我|然后|接着|再|最后|那么?|,)+|(?:,?(?:谢谢|好吗|可以吗))+$"
)

_NEXT = (  # words that begin a wish of their own
    r"what(?:'s| is| are)|take|add|subtract|multiply|divide|convert|tell|how|when|where|who|work|calculate|look|count"
    r"|list|write|run|give|say|double|halve|book|send|buy|order|summari[sz]e|translate|did|has"
)
SPLIT = rf";|,? (?:and )?then,? |,? after that,? |, and |\. +(?=\w)|\? +(?=\w)| and (?={_NEXT})"
SPLIT_ZH = r"[,，;；。？?]+(?:然后|接着|再|并且|最后)?|然后|接着|再(?=[加减乘除取算])"

CODE = (
    r"^\W*(?:please |can you |could you )?"
    r"(?:(?:run|execute|try) (?:this |the |following |my )*(?:python|code|program|script)(?: code| program| script)?"
    r"|(?:请|帮我)?(?:运行|执行)(?:一下)?(?:这段|下面的?|这个)?(?:python|代码|程序)+)"
    r"\s*[:：]\s*(?P<code>.+)"
)

_NOW = r"in (?:the )?(?:picture|view|room|frame)|on (?:the )?(?:screen|table)|visible|now"
LOOK = {
    "en": [
        r"\blook at (?:the |this |my )?(?:picture|image|camera|video|view|screen|scene)",
        r"\bwhat (?:do|can) you see\b",
        r"\bcount (?:the )?(?:people|persons|cups|cars|bicycles|cats|things|objects|faces)\b",
        r"\bwhat is in (?:the )?(?:picture|view)",
        rf"\bhow many [a-z ]+ (?:are|is) (?:there )?(?:{_NOW})\b",
        r"\bhow many [a-z ]+ (?:do|can) you see\b",
        r"\bhow many people are there\b",
        r"\bread (?:me )?(?:the|what)\b.*\b(?:text|sign|screen|label|says?)\b",
        r"\bdescribe (?:the |what )",
        r"\btake a look\b",
    ],
    "zh": [
        r"看(?:一下|看|一看)?(?:画面|图片|图像|镜头|摄像头|屏幕)",
        r"你?(?:能|现在)?看(?:到|见)(?:了)?什么",
        r"数(?:一下|一数|数)?.*[人杯车猫]",
        r"(?:画面|屏幕|镜头)(?:里|上|中).*(?:几|多少|什么)",
        r"^(?:现在)?有(?:几个|多少)人",
        r"描述(?:一下)?(?:画面|现在)",
    ],
}
_WE = r"(?:i|we|you|they|he|she)"
_ANY = r"(?:someone|somebody|anyone|anybody|i|we|you|they|he|she)"
RECALL = {
    "en": [
        r"\bwhen (?:did|was|were|someone|somebody|anyone)\b(?!.*\b(?:\d{3,4}|war|born|invented)\b)",
        r"\blast time\b",
        rf"\bwhere (?:did|have|had) {_WE}\b",
        rf"\bwhat did {_WE}\b",
        rf"\b(?:did|has|have) {_ANY}\b",
        rf"\bhow long (?:since|is it since|ago did|has it been since) (?:{_ANY}|the last)\b",
        r"\bhow (?:often|many times) (?:did|has|have)\b",
        r"\bhow many people (?:came|have come|left|walked)\b",
        r"\bwho (?:came|was here|has|left|did)\b",
        r"\bdo you remember\b",
        r"\blook back\b",
        r"\bwhat happened\b",
    ],
    "zh": [
        r"上(?:一)?次",
        r"什么时候.*(?:来|进|走|离开|出|放|说|到|有人)(?:过|了|的|来)?",
        r"(?:谁|有没有人|有人|几个人).*(?:来|进|走|离开)(?:过|了)",
        r"放(?:在|到)?(?:了)?哪",
        r"(?:你|我)(?:刚才|之前|昨天|今天|早上)?说(?:过|了)什么",
        r"记不记得|还记得|回想",
        r"发生(?:过|了)什么",
        r"来过几次|多少次",
    ],
}


def _needs_web(said: str, language: str) -> str:
    english = (
        f"I cannot do this: {said}. It needs the web or an account of yours, and I have neither; "
        "an outside agent could be set up for it (LOOKOUT_AGENT__SOLVE_URL)."
    )
    chinese = f"“{said}”需要上网或用你的账户，我没有这个能力；可以接入外部代理（LOOKOUT_AGENT__SOLVE_URL）。"
    return pick(language, english, chinese)


def _needs_model(said: str, language: str) -> str:
    english = f"I cannot do this: {said}. It needs a language model, and none is set up (LOOKOUT_AGENT__URL)."
    return pick(language, english, f"“{said}”需要语言模型，目前没有配置（LOOKOUT_AGENT__URL）。")


def _needs_both(said: str, language: str) -> str:
    english = f"I cannot do this: {said}. It needs the web and a language model (LOOKOUT_AGENT__URL); I have neither."
    return pick(language, english, f"“{said}”需要上网和语言模型（LOOKOUT_AGENT__URL），目前都没有。")


def needs_something(said: str, language: str) -> str:
    """For what was not understood at all."""
    english = (
        f"I could not make out how to do this with my tools: {said}. "
        "It needs a language model, and none is set up (LOOKOUT_AGENT__URL)."
    )
    chinese = f"“{said}”这件事我的工具做不了，需要语言模型，目前没有配置（LOOKOUT_AGENT__URL）。"
    return pick(language, english, chinese)


_SERVICES = r"\bweather\b|\bforecast\b|\bstock\b|\bshare price\b|\bbitcoin\b|\bexchange rate\b"
_WRITINGS = r"\b(?:poem|story|essay|joke|song|haiku|letter|speech|recipe|novel|rhyme)\b"
# What no tool of ours can do, and the sentence about what it would take. The first that fits counts.
HELPLESS: list[tuple[str, Callable[[str, str], str]]] = [
    (r"\b(?:summari[sz]e|read|tell|what is|what's|give)\b.*\bnews\b|\bheadlines\b|新闻", _needs_both),
    (r"^(?:book|buy|order|reserve|pay|send|e-?mail|text|call|phone|tweet|post)\b", _needs_web),
    (r"\b(?:flight|hotel|taxi|pizza|uber)\b", _needs_web),
    (rf"{_SERVICES}|\b(?:google|search (?:the )?(?:web|internet|online))\b", _needs_web),
    (r"订(?:一?张|一?个|机票|酒店|餐|票|外卖)|买(?:一|点|张)|发(?:一?封)?(?:邮件|短信|微信)|打电话", _needs_web),
    (r"天气|股价|股票|汇率|上网|搜索|打车", _needs_web),
    (rf"{_WRITINGS}(?! (?:have|are)\b)|^(?:write|compose|draft|invent|brainstorm)\b", _needs_model),
    (r"\b(?:summari[sz]e|translate|explain|rewrite|paraphrase|proofread|recommend|advise)\b", _needs_model),
    (r"\b(?:who is|who was (?!here)|what does .* mean|why)\b", _needs_model),
    (r"写(?:一|首|篇|封|个)|翻译|总结|概括|解释|讲(?:个|一个)(?:笑话|故事)|推荐|为什么|是谁", _needs_model),
]


@cache
def unit_patterns(language: str) -> list[str]:
    """Patterns with groups n (amount), u (unit), v (wanted unit); without u the result before is meant."""
    n, u, v = r"(?P<n>-?\d+(?:\.\d+)?(?:/\d+)?|an?)", r"(?P<u>[a-z°/ 2]+?)", r"(?P<v>[a-z°/ 2]+?)"
    if language == "zh":
        n, u, v = r"(?P<n>-?\d+(?:\.\d+)?)", r"(?P<u>[^\d\s是等合换转有多]+?)", r"(?P<v>[^\d\s是等于]+?)"
        ask = r"(?:是|等于|合|有|折合|相当于|换算成|转换成|转成|换成)(?:多少|几)?个?"
        return [rf"(?:把)?{n}个?{u}{ask}{v}", rf"(?:那)?(?:它|这|那)?{ask}{v}"]
    ask = r"(?:what is|what's|how much is|how much are|work out|calculate|convert|change|turn|tell me)"
    it = r"(?:it|that|this|the result|the answer)"
    return [
        rf"(?:{ask} )?{n} ?{u} (?:to|into|in|as) {v}",
        rf"how many {v}(?: are)?(?: there)?(?: is)? in {n} ?{u}",
        rf"how many {v} (?:is|are|make(?:s)?(?: up)?) {n} ?{u}",
        rf"{n} ?{u} (?:is|are|equals?) how many {v}",
        rf"(?:{ask} )?{it} (?:to|into|in|as) {v}",
        rf"how many {v} (?:is|are) {it}",
        rf"(?:in|as) {v}",
    ]


@cache
def clock_patterns(language: str) -> list[tuple[str, str]]:
    """(question of the clock, pattern) with groups day, other, n, unit, ago, place."""
    d, o = r"(?P<day>[^?]+?)", r"(?P<other>[^?]+?)"
    return _clock_chinese(d, o) if language == "zh" else _clock_english(d, o)


def _clock_chinese(d: str, o: str) -> list[tuple[str, str]]:
    unit, left = r"(?P<unit>天|日|周|个?星期|个?月|年)", r"(?:还)?(?:有|剩|差)(?:多少|几)天"
    which = r"(?:是)?(?:几月几[号日]|几号|哪天|哪一天|星期几|什么日子)"
    return [
        (
            "time",
            r"(?:现在)?(?:是)?(?:几点|什么时间|什么时候)(?:了|钟)*|(?P<place>[^现\d]{2,4}?)(?:现在)?(?:是)?几点(?:了|钟)*",
        ),
        ("today", r"今天(?:是)?(?:几号|几月几[号日]|星期几|周几|礼拜几|什么日子|多少号)|今天的?日期(?:是什么)?"),
        ("until", rf"(?:现在|今天)?(?:离|距离?|到){d}{left}"),
        ("until", rf"{d}{left}"),
        ("weekday", rf"{d}(?:是)?(?:星期|周|礼拜)几"),
        ("shift", rf"(?P<n>\d+){unit}(?:以后|之后|后){which}"),
        ("shift", rf"(?P<n>\d+){unit}(?P<ago>以前|之前|前){which}"),
        ("between", rf"从?{d}(?:到|和){o}(?:之间)?(?:有|一共有|共)?(?:多少|几)天"),
        ("since", rf"{d}(?:到现在)?(?:已经)?(?:过去|过)(?:了)?(?:多少|几)天"),
    ]


def _clock_english(d: str, o: str) -> list[tuple[str, str]]:
    n, unit, ask = r"(?P<n>\d+)", r"(?P<unit>day|week|month|year)s?", r"(?:tell me |work out |calculate )?"
    till, what, week = (
        r"(?:until|till|til|to|before)",
        r"(?:what|which|what's the|what is the) (?:day|date|weekday)",
        r"(?: of the week)?",
    )
    long = r"(?:how many days|how long)"
    return [
        ("time", rf"{ask}what time is it(?: now)?(?: in (?P<place>[a-z ]+))?"),
        ("time", rf"{ask}what(?:'s| is) the time(?: now)?(?: in (?P<place>[a-z ]+))?"),
        ("today", rf"{ask}what(?:'s| is) (?:the date|today's date|the day)(?: today)?"),
        ("today", rf"{ask}{what}{week} (?:is it|is today)(?: today)?"),
        ("between", rf"{ask}how many days (?:are )?(?:there )?(?:between|from) {d} (?:and|to|until) {o}"),
        ("until", rf"{ask}{long}(?: is it| are there| are left| left| do we have| remain)? {till} {d}"),
        ("until", rf"{ask}(?:count )?the (?:number of )?days {till} {d}"),
        ("until", rf"{ask}when is {d}"),
        ("since", rf"{ask}{long}(?: is it| has it been| have passed)? since {d}"),
        ("since", rf"{ask}how (?:many days|long) ago was {d}"),
        ("weekday", rf"{ask}{what}{week} (?:is|was|will)(?: it be on)? {d}(?: be)?(?: on| fall on)?"),
        ("weekday", rf"{ask}{what}{week} (?:does|will|did) {d} (?:fall|be) on"),
        ("shift", rf"{ask}{what}{week} (?:is it |is |will it be |will be )?(?:in )?{n} {unit}(?: from (?:now|today))?"),
        ("shift", rf"{ask}{what}{week} was (?:it )?{n} {unit} (?P<ago>ago)"),
        ("shift", rf"{ask}(?:what is |what's |{what} is )?{n} {unit} (?:after|from) {d}"),
        ("shift", rf"{ask}(?:what is |what's |{what} (?:is|was) )?{n} {unit} (?P<ago>before) {d}"),
    ]
