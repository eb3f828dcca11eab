"""Questions in Chinese. Tables."""

from __future__ import annotations

import re

from interaction.intents import Intent, Question
from interaction.understanding.cameras import CAMERA_QUESTIONS_ZH
from interaction.understanding.grammar import Build, Situation, Table, group, question
from interaction.understanding.showing_zh import SHOWINGS
from interaction.understanding.steps import STEP_QUESTIONS_ZH
from interaction.understanding.translation_zh import TRANSLATIONS
from interaction.understanding.vocabulary_zh import FRAGMENTS, label_of


def _count(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = "face" if re.search("脸|面孔", match["who"]) else label_of(match["who"])
    return [Question("count", match.string, label)] if label else None


def _where(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = label_of(group(match, "who"))
    return [Question("scene", match.string, label)] if label else [Question("memory", match.string)]


def _remembered(kind: str) -> Build[list[Intent]]:
    """A question about the past; its label is the first thing that it mentions."""
    return lambda match, situation: [Question(kind, match.string, mentioned(match.string))]  # type: ignore[arg-type]


# a train or a truck is not the car that its last character would be
_WORD = re.compile(rf"(?<![火卡货租交])(?:{FRAGMENTS['noun']})|有人|谁|人")


def mentioned(text: str) -> str | None:
    """The label of the first thing that a sentence mentions, things before people."""
    labels = [label_of(match[0]) or "person" for match in _WORD.finditer(text)]
    return next((label for label in labels if label != "person"), labels[0] if labels else None)


_ANYBODY = r"(?:有没有|是否有|有)(?:什么)?(?:人|谁|东西|过)?"
_PAST = r"(?:过|了|来过|去了|没有)"
_WHEN_PAST = (
    r"(?:刚才|刚刚|之前|以前|今天|昨天|前天|上次|早上|上午|下午|晚上|今早|昨晚|最近|这段时间|过去.{1,8}"
    r"|.{0,8}的时候|.{0,6}期间)"
)

QUESTIONS: Table[list[Intent]] = Table(
    FRAGMENTS,
    *TRANSLATIONS,
    *STEP_QUESTIONS_ZH,
    *SHOWINGS,
    *CAMERA_QUESTIONS_ZH,
    # time
    (
        r"{ask}?{now}?(?:是)?(?:几点|几点钟|什么时间|什么时候|多少点)(?:了|钟)*|{ask}?(?:今天|现在)(?:是)?(?:几号"
        r"|星期几|礼拜几|周几|几月几号|什么日子|什么日期|哪天)|{ask}?{now}?(?:的)?时间(?:是多少)?|报(?:一下|一次"
        r"|个)?时(?:间)?|{ask}(?:现在)?(?:的)?时间",
        question("time"),
    ),
    # watches
    (
        r"{ask}?(?:你)?{now}?(?:你)?(?:正)?在(?:看着?|盯着?|等|留意|监视|监控|观察|关注|注意"
        r"|守着?)(?:着)?(?:些)?(?:什么|啥|哪些)(?:东西)?",
        question("watches"),
    ),
    (
        r"{ask}?(?:我)?{now}?(?:都)?(?:有|设了|设置了|定了)?(?:些)?(?:哪些|什么|几个|多少)(?:个)?(?:提醒|闹钟"
        r"|计时器|定时|任务提醒|监控|观察)(?:在|着)?|(?:列出|看看|显示|说说)(?:一下)?(?:我的|所有的?"
        r"|全部的?)?(?:提醒|闹钟|观察|清单|监控)|我(?:让|叫|请)你(?:看|盯|留意|提醒|做|注意)(?:了)?(?:什么|啥"
        r"|哪些)",
        question("watches"),
    ),
    (
        r"{ask}?(?:计时器?|闹钟|提醒|定时器?)?(?:还)?(?:剩|有)(?:下)?(?:多少时间|多久|几分钟|多长时间"
        r"|多少分钟)(?:才到)?|(?:计时器?|闹钟|提醒|定时器?)(?:什么时候|几点)(?:响|到)|你还在(?:看|盯|等"
        r"|留意)(?:着)?.{0,12}",
        question("watches"),
    ),
    # background work
    (
        r"{ask}?(?:任务|工作|计算|研究|那个|后台)?(?:做|算|查|办|进行|弄|完成)(?:得|到)?(?:怎么样|如何|好|完|哪"
        r"|哪里|到哪里?)(?:了|没|没有|吗)*|(?:任务|后台|工作|计算)(?:怎么样|如何|好|完成)(?:了|没|没有|吗)*"
        r"|(?:有)?(?:结果|进展|答案)(?:了)?(?:吗|没有|没)|你在(?:做|忙|干)(?:些)?(?:什么|啥)(?:呢)?",
        question("tasks"),
    ),
    # ability
    (
        r"{ask}?你(?:都)?(?:还)?(?:能|会|可以)(?:帮我)?(?:做|干|帮|(?<=会)|看懂|认识|认出|识别|数|监视|留意"
        r"|留意)(?:些)?(?:什么|啥|哪些|哪些东西|忙)(?:东西)?|(?:我)?(?:可以|能|该|应该)(?:跟你|对你|和你)?(?:问|说"
        r"|怎么用|做)(?:你)?(?:些)?(?:什么|啥|你)?|你是谁|你是什么|你叫什么(?:名字)?|(?:怎么|如何)(?:使用|用)(?:你"
        r"|这个)?|帮助|救命|介绍(?:一下)?(?:你)?自己|你有(?:什么|哪些)(?:功能|本事|能力)",
        question("ability"),
    ),
    # running counts
    (
        r"{ask}?(?:到现在|到目前|目前为止|到目前为止|截至目前|至今|迄今|现在)?(?:为止)?(?:你)?(?:一共|总共|已经"
        r"|总计|合计)(?:你)?(?:数了?|来了?|有|进来了?|是|看到了?|走了?|进了?|经过了?)?(?:多少|几)(?:{measure}"
        r"|次)?(?:{noun})?(?:进来|来|走)?(?:了)?",
        question("tally"),
    ),
    (
        r"{ask}?(?:到现在|到目前|到目前为止|目前为止|至今)(?:为止)?.{0,8}(?:多少|几)(?:{measure}|次)?.{0,8}"
        r"|(?:你)?数(?:了|到)(?:多少|几)(?:个|次)?(?:人)?(?:了)?|(?:数到几|计数是多少|数到多少)(?:了)?",
        question("tally"),
    ),
    # elapsed
    (
        r"{ask}?.{0,20}(?:多久|多长时间|多少分钟|几分钟|多少时间|几个小时|多少小时|几天)(?:了)?(?:以前|之前"
        r"|前)?(?:.{0,10}(?:了|的|过))?(?:吗)?",
        lambda m, s: (
            _remembered("elapsed")(m, s)
            if re.search(r"了|过|前|已经|没有|没", m.string) and not re.search(r"还有|离(?!开)|距|要|到.*还", m.string)
            else None
        ),
    ),
    (
        r"{ask}?(?:上次|上一次|最后一次|刚才)?.{1,20}(?:过去|到现在|距今|有|隔)(?:了)?(?:多久|多长时间|几分钟"
        r"|多少分钟)(?:了)?",
        _remembered("elapsed"),
    ),
    # memory
    (r"有(?:什么|啥)新(?:的)?(?:情况|鲜事|动静|变化|消息)", _remembered("memory")),
    (
        r"{ask}?.{0,20}(?:什么时候|何时|几点(?:钟)?|哪天|啥时候)(?:.{0,20})(?:过|了|的|来|进来|离开|走|出去|放"
        r"|见)(?:的)?(?:吗)?",
        lambda m, s: (
            None
            if re.search("提醒|闹钟|^(?:他|她|他们|我|我们)(?:告诉|说|跟|问)", m.string)
            else _remembered("memory")(m, s)
        ),
    ),
    (r"{ask}?(?:你|我)?(?:上次|上一次|最后一次|上回).{1,30}", _remembered("memory")),
    (
        rf"{{ask}}?(?:你|我)?{_WHEN_PAST},?.{{0,12}}(?:有没有|有|谁|什么|怎么|发生|看到|见|来|进|说|几|多少|哪).{{0,20}}",
        lambda m, s: (
            _remembered("memory")(m, s)
            if re.search(r"吗|没有|谁|什么|几|多少|哪|怎么|有没有", m.string)
            and not re.search("告诉我$|提醒我", m.string)
            else None
        ),
    ),
    (
        r"{ask}?.{0,12}(?:有没有|有)?(?:什么)?(?:人|谁|.{1,8})?(?:来|进来|走|出去|离开|出现|见|看到|看见|进|动"
        r"|碰)过.{0,12}(?:吗|没有|没)?",
        lambda m, s: _remembered("memory")(m, s) if re.search(r"吗|没|谁|什么|几|哪|多少", m.string) else None,
    ),
    (r"{ask}?(?:我)?(?:不在的时候|走了以后|离开的时候|离开期间|出去的时候).{0,20}", _remembered("memory")),
    (
        r"{ask}?(?:我|他|她|有人|谁)?(?:把|将)?(?:我的|我)?.{1,12}(?:放|搁|丢|落|忘|放到|放在|搁在|丢在)(?:在"
        r"|到)?(?:了)?(?:哪|哪里|哪儿|什么地方)(?:了|去了|呢)*",
        _remembered("memory"),
    ),
    (
        r"{ask}?(?:发生了?|出了|有)(?:些)?(?:什么|啥)(?:事|情况)(?:了|吗|没有)*|(?:我)?错过了?(?:什么|啥)(?:吗)?"
        r"|(?:你)?(?:还)?(?:记得|记不记得|回忆).{1,40}|谁(?:来|进来|走|出去|拿|动|碰).{0,16}(?:了|过|的)(?:吗)?"
        r"|(?:刚才|刚刚|是)?谁(?:来|进来|走|出去)了?",
        _remembered("memory"),
    ),
    # where, now
    (
        r"{ask}?(?P<who>{subject})(?:现在)?(?:在|去)(?:了)?(?:哪|哪里|哪儿|什么地方)(?:了|呢)*|(?:哪里"
        r"|哪儿)有(?P<who_>{subject})",
        _where,
    ),
    (
        r"{ask}?(?:我的|那个|这个)?.{1,10}(?:在|去)(?:了)?(?:哪|哪里|哪儿|什么地方)(?:了|呢)*|(?:找|找找|找一下"
        r"|找到)(?:一下)?我的.{1,12}",
        _remembered("memory"),
    ),
    # text
    (r"{screen}显示(?:了|的|着)?(?:是)?(?:什么|啥)", question("text")),
    (
        r"(?:{ask})?(?:把)?(?:这个|那个|那|这)?(?:{screen}|牌子|标志|上边|上面|上头|纸|屏幕|海报|标签|包装|黑板|书"
        r"|信)?(?:上|上面|里)?(?:的)?(?:字|文字|内容)?(?:写|说|显示|印)(?:的|了|着)(?:是)?(?:什么|啥|些什么)(?:字"
        r"|内容|东西)?(?:呢)?|(?:{ask})?(?:上面|这里|屏幕上|画面里|那里)?(?:有)?(?:什么|哪些)(?:字|文字)",
        question("text"),
    ),
    (
        r"(?:把)?(?:给我)?(?:这个|那个|这|那|上面|屏幕|它|写的|画面){0,2}(?:上|里)?的?{texty}?(?:大声)?地?(?:读|念|朗读)"
        r"(?:给我听|给我|一读|一念|出来|一下|一遍|听){0,3}(?:这个|那个|这|那|屏幕|上边|上面|画面|牌子|纸|写的){0,2}"
        r"(?:上|里)?的?(?:{texty}|写的是什么|什么|写了什么|是什么|东西)?(?:给我听|给我|出来|听){0,2}",
        lambda m, s: question("text")(m, s) if len(m.string) <= 30 else None,
    ),
    # numbers now
    (r"(?P<who>{subject})(?:还)?在(?:{place}|这里|那里)?(?:吗|不在|没有|没)", _count),
    (
        r"(?:{ask})?{now}?(?:数(?:一)?(?:数|下))?(?:看)?(?:{place}|这里|画面里|你看到|你能看到|看到)?(?:现在|一共"
        r"|总共)?(?:里)?(?:有)?(?:几|多少)(?:{measure})?(?P<who>{noun}|人|脸)(?:在)?(?:{place}|这里|在这里|在场"
        r"|在画面里|了|呢|在)*",
        _count,
    ),
    (
        r"(?:{ask})?{now}(?:有|是)?(?:几|多少)(?:个|只|辆|位|名)?(?:了)?|(?:有)?(?:几个|多少个)(?:了|呢)?",
        question("count"),
    ),
    (r"(?:{ask})?(?:现在的?)?(?P<who>人|{noun})(?:数|的数量|的数目)(?:是多少|有多少|多少)?", _count),
    (
        r"(?:{ask})?{now}?(?:{place})?(?:你)?(?:能)?(?:还)?(?:有没有|是不是有|有|看得到|看得见|看到|看见|能看到"
        r"|看没看到)(?:什么|我的|你的|他的)?(?:{measure})?(?P<who>{someone}|我|{noun}|脸)(?:在)?(?:{place}|这里|在家|在场)?(?:了)?(?:吗"
        r"|没有|没)?",
        lambda m, s: _count(m, s) if re.search("吗|没有|有没有|是不是|看没看到|没$", m.string) else None,
    ),
    (
        r"(?:{place}|家里?|这里|外面)?有人(?:在)?(?:吗|没有|没)|(?:你)?(?:能|可以)?(?:看到|看见|看得到|看得见"
        r"|看不看得见)我(?:吗|了吗)|(?:{place})(?:有没有人|有人没有)",
        question("count", "person"),
    ),
    # scene
    (
        r"(?:{screen}|{place})(?:现在)?有(?:些)?(?:什么|啥|哪些)(?:东西)?|(?:你)?看到(?:什么|啥)(?:东西)?(?:了)?吗",
        question("scene"),
    ),
    (
        r"(?:{ask})?(?:你)?{now}?(?:你)?(?:能|可以|都)?(?:看到|看见|瞧见|看)(?:了|到|见|得到)?(?:些)?(?:什么|啥"
        r"|哪些东西|哪些|什么东西)(?:东西)?(?:了|呢)?|(?:{ask})(?:你)?(?:现在)?看到(?:的)?(?:东西|画面|一切|情况"
        r"|什么)?",
        question("scene"),
    ),
    (
        r"(?:{ask})?(?:{place}|画面里?|画面上|镜头前|桌上|这里|前面|面前|我面前|那里|外面)(?:现在)?(?:都)?(?:有"
        r"|是)(?:些)?(?:什么|啥|哪些)(?:东西)?|(?:{ask})?(?:这|那|这个|那个)是(?:什么|啥)(?:东西)?"
        r"|(?:{ask})?{now}?(?:发生|在发生)(?:着)?(?:什么|啥)(?:事)?|{now}(?:是)?(?:什么情况|怎么样|怎么了)"
        r"|{now}有什么",
        question("scene"),
    ),
    (
        r"(?:描述|形容|说说|讲讲|看看|看一下|看一看|瞧瞧|说一下|介绍)(?:一下|下)?(?:现在|眼前|这里|画面|这个|那个"
        r"|场景|周围|看到|你看到|图像|情况)*(?:的|里)?(?:画面|场景|东西|情况|内容|周围|环境|样子|什么)?",
        question("scene"),
    ),
    (
        r"(?:{place})?(?:那|这)?(?:是)?谁(?:在)?(?:{place}|那里|这里|门口)?(?:呢)?|(?:那|这)个?人是谁",
        question("scene", "person"),
    ),
)
