"""Chinese words and word groups (simplified) as fragments of patterns, and what they mean. Tables."""

from __future__ import annotations

import re

from interaction.seeing.words import LABELS
from interaction.understanding.languages import LANGUAGE_ZH
from interaction.understanding.numerals import NUMBER_ZH, whole
from interaction.understanding.times import CLOCK_ZH, DURATION_ZH

# Characters of requests, traditional and simplified by turns; what is in quotes is not touched (it is on a screen).
_PAIRS = (
    "兩两個个來来進进時时後后說说話话讀读誰谁幾几嗎吗麼么還还沒没開开關关門门車车貓猫見见聽听現现螢荧鐘钟鍾钟點点數数動动變变離离這这裡里裏里"
    "請请幫帮讓让問问題题記记憶忆刪删計计寫写詢询應应該该會会對对過过為为爲为從从當当發发東东圖图畫画書书電电腦脑視视頻频監监覺觉臉脸顏颜"
    "歡欢樂乐傷伤難难錯错誤误結结續续暫暂靜静聲声響响鈴铃報报間间區区樣样種种張张隻只輛辆檯台臺台條条雙双單单號号備备廚厨廳厅辦办診诊"
    "學学習习試试驗验檢检測测確确認认識识員员遞递寶宝媽妈爺爷師师醫医護护賊贼給给們们與与並并則则夠够於于專专業业兒儿邊边長长萬万億亿"
    "減减週周轉转換换譯译語语漢汉簡简體体網网紅红藍蓝綠绿黃黄顯显喚唤準准繼继終终啟启鎖锁燈灯壺壶鍋锅飯饭湯汤滾滚壞坏貨货總总約约煩烦"
    "謝谢氣气閉闭講讲鬧闹別别銷销內内歷历參参陸陆負负節节聖圣誕诞舊旧寧宁據据聯联絡络輸输選选擇择麵面頭头髮发際际構构圍围盤盘盡尽碼码"
    "訴诉屬属廣广產产帶带歸归餵喂衛卫檔档導导訊讯訂订戶户處处連连壓压遠远達达遲迟運运適适銀银鍵键陽阳陰阴隊队靈灵預预頁页項项順顺須须"
    "飲饮驚惊鬆松龍龙衝冲溫温濕湿燒烧爐炉牆墙狀状獨独環环皺皱眾众筆笔紙纸聞闻興兴舉举裝装觀观親亲訪访設设評评詞词課课調调談谈論论"
    "賣卖買买費费趕赶輕轻鄰邻鏡镜圓圆園园場场塊块牠它妳你瞭了鬧闹摺折卻却尋寻臨临歲岁橋桥樓楼鬥斗"
    "庫库攝摄頭头機机監监礦矿窩窝緊紧緒绪級级組组經经緣缘線线練练編编縣县縮缩縱纵織织願愿類类顧顾風风飛飞魚鱼鳥鸟黨党齊齐齡龄"
)
_SIMPLE = dict(zip(map(ord, _PAIRS[::2]), _PAIRS[1::2], strict=True))


def simplify(text: str) -> str:
    """Traditional characters to simplified ones, outside quotes."""
    parts = re.split(r"([“「『\"][^”」』\"]*[”」』\"])", text)
    return "".join(part if i % 2 else part.translate(_SIMPLE) for i, part in enumerate(parts))


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NOUNS = [
    word for word, label in LABELS.items() if not word.isascii() and label != "face" and word not in ("谁", "有人")
]
_MEASURE = "(?:个|只|辆|台|张|把|本|头|位|名|条|瓶|杯|口|些|部|支|群|种|款|张)"

FRAGMENTS: dict[str, str] = {
    "number": NUMBER_ZH,
    "dur": DURATION_ZH,
    "clock": CLOCK_ZH,
    "measure": _MEASURE,
    "noun": _any(_NOUNS),
    "someone": (
        r"(?:有什么人|有没有人|有谁|有人|某人|任何人|一个人|别人|其他人|有个人|谁|他们|她们|他|她|我|人|大家|客人"
        r"|顾客|访客|来人)"
    ),
    "subject": (rf"(?:{{someone}}|(?:有没有|有)?(?:一|任何|这|那|别的|其他|我的|另一)?{_MEASURE}?的?{{noun}})"),
    "seen": r"(?:你)?(?:如果|要是)?(?:能)?(?:看到|看见|见到|发现|注意到|检测到|识别到|瞧见|拍到|认出)(?:了)?",
    "place": (
        r"(?:在|到|从|往|向)?(?:门口|房间|屋子|屋|厨房|客厅|办公室|画面|镜头|镜头前|摄像头前|摄像头|这里|这儿|那里"
        r"|那儿|店|家|门|房子|院子|桌上|桌子上|卧室|走廊|车库|大门|教室|会议室|面前|外面|旁边|附近|前面)(?:里面"
        r"|里边|里|内|中|上|前|外面|外)?"
    ),
    "arrive": (
        r"(?:{place}?(?:刚|正在|正|又|再|突然|要)?(?:走|跑|冲|开|骑|跳|回|闯|飞)?(?:进来|进入|进到|进|过来|上来"
        r"|出现在|出现|回来|来到|来|到了|到来|到达|到|经过|路过|走过)(?:了)?(?:{place})?(?:来)?(?:了)?)"
    ),
    "leave": (
        r"(?:{place}?(?:刚|正在|正|又|突然|要)?(?:已经)?(?:都)?(?:走|跑|开|骑|跳|飞)?(?:离开|出去|走开|走掉|走出"
        r"|消失|不见|不在|走|出|没|拿走|被拿走|离去|离场)(?:了)?(?:{place})?(?:了)?)"
    ),
    "present": r"(?:都)?(?:在{place}?|{place}有|在场|在画面里|出现)(?:了)?",
    "more": r"(?:超过|多于|多过|大于|高于|不止|比|超出)",
    "fewer": r"(?:少于|少过|小于|低于|不到|不足|没有|不满|没到)",
    "least": r"(?:至少有?|最少有?|起码有?|不少于|达到|有|满|够|到)",
    "most": r"(?:至多有?|最多有?|顶多有?|不超过|不多于)",
    "when": (
        r"(?:如果|要是|假如|若是|若|万一|当|等到|等|一旦|只要|每当|每次|每回|每(?=进|来|出现|走|有|看)|凡是|一"
        r"|下次|下一次|下回|在)"
    ),
    "tell": (
        r"(?:(?:请|就|再|都)?(?:马上|立刻|立即|赶紧|尽快|大声)?(?:告诉|提醒|通知|叫|喊|跟|和|同|对|给|警告|打断"
        r"|报告|告知|提示)(?:我|我们|大家)(?:说|讲|报告)?(?:一声|一下|一句|声|下|吧|发个?消息|个信)?|出声|吱一声"
        r"|喊一声|说一声|报警|报告一下|报告|提醒一下|提醒|通知一下|告诉一声|发出警报|叫一声)"
    ),
    "screen": (
        r"(?:屏幕上?|画面上?里?|上面|上头|牌子上?|显示器上?|电脑上?|纸上?|字幕|文字|文本|页面上?|标题|它|那里"
        r"|那上面|这上面|显示屏上?|电视上?|手机上?|幻灯片上?)"
    ),
    "texty": r"(?:文字|字|文本|内容|字幕|标题|标语|数字|幻灯片|页面|牌子|上面的字|上面的内容)",
    "language": LANGUAGE_ZH,
    "shown": (
        r"(?:把)?(?:给我)?(?:你)?(?:(?:能)?(?:看到|读到|拍到)的?(?:东西|内容|文字|字|一切)?|(?:这个|那个|这|那|它)(?:上面|牌子|标志)?"
        r"|(?:所有|全部)的?(?:文字|字|内容)|(?:{screen}|牌子|标志|海报|标签|纸|菜单|通知)(?:上面|上|里)?(?:的|写的|写着的)?(?:字"
        r"|文字|内容)?|{texty})"
    ),
    "aloud": r"(?:大声地?|出声地?|念出来|一边看一边)",
    "ask": r"(?:(?:请)?(?:告诉我|跟我说|说说|说一下|讲讲|你知道|我想知道|提醒我|给我看|报一下|报)(?:一下)?)",
    "now": r"(?:现在|目前|此刻|当前|这会儿|眼下)",
}

# What a commentary answers.
HAPPENED = "发生了什么"

_PERSON = frozenset(
    (
        "有什么人",
        "有没有人",
        "有谁",
        "有人",
        "某人",
        "任何人",
        "一个人",
        "别人",
        "其他人",
        "有个人",
        "谁",
        "他们",
        "她们",
        "他",
        "她",
        "我",
        "人",
        "大家",
        "来人",
    )
)
_DETERMINER = r"^(?:有没有|有)?(?:一|任何|这|那|别的|其他|我的|另一|所有的?|全部的?|每)?"
_LEADS = (re.compile(_DETERMINER + "的?(?=.)"), re.compile(rf"{_DETERMINER}{_MEASURE}?的?(?=.)"))


def label_of(words: str) -> str | None:
    """The label that a noun asks for: "有人" → "person", "我的杯子" → "coffee cup"; None: not one we know."""
    words = words.strip()
    if words in _PERSON:
        return "person"
    for candidate in (words, *(lead.sub("", words) for lead in _LEADS)):
        if candidate in LABELS:
            return LABELS[candidate]
        if candidate in _PERSON:
            return "person"
    return None


def count_of(words: str) -> int | None:
    """A whole number of things: "两", "三十"."""
    return whole(words, "zh")


def to_you(text: str) -> str:
    """Turn the person's words around for saying them back: "给我妈妈打电话" → "给你妈妈打电话"."""
    return text.replace("我们", "你们").replace("我", "你")
