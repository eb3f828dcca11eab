"""Why a wish in Chinese cannot be judged from the picture here, and the nearest thing that can. Tables."""

from __future__ import annotations

import re

from interaction.seeing.words import NARROWER, name
from interaction.understanding.grammar import Reason
from interaction.understanding.questions_zh import mentioned

MODEL = "一个视觉语言模型"

WHO = "认识这些人，而我只看得出有人，看不出是谁"

_SOUND = r"叫(?!我)|吠|响|敲门|声音|听到|听见|哭|喊|说话|唱|音乐|咳嗽|打呼|门铃|吵|笑声|鼓掌|说"
_SENSE = r"闻|味道|糊味|热|冷|温度|烫|湿|重量|度$"
_EMOTION = (
    r"难过|伤心|高兴|开心|生气|愤怒|无聊|累|疲惫|紧张|害怕|担心|兴奋|笑(?!话)|情绪|心情|沮丧|焦虑|孤单|惊讶|痛苦"
    r"|困惑|感觉"
)
_INTENT = r"想要?|打算|准备|企图|试图|可疑|偷|撒谎|说谎|危险|威胁|骗|鬼鬼祟祟"
_ROLES = (
    r"妈妈|爸爸|母亲|父亲|老婆|妻子|老公|丈夫|儿子|女儿|哥哥|弟弟|姐姐|妹妹|老板|朋友|邻居|邮递员|快递员|医生"
    r"|护士|老师|小偷|陌生人|同事|司机|奶奶|爷爷|叔叔|阿姨|经理|学生|孩子|小孩|宝宝|男孩|女孩|男人|女人|男的"
    r"|女的|老人|警察|外卖员|家人|是谁"
)
_KINDS = r"孩子|小孩|宝宝|男孩|女孩|男人|女人|男的|女的|老人|婴儿"
_COLOUR = r"颜色|红|蓝|绿|黄|橙|紫|粉|棕|黑|白|灰"
_NAME = (
    r"(?:小|老|阿)?[^有的在了个只人它他她谁水锅灯门窗天饭车猫狗]{1,4}(?:先生|女士|小姐)?(?:进来|来|回来|回家"
    r"|离开|走|出现|到|进门|出去)"
)
_ACTIVITY = r"摔|跌|坐|站起|挥手|俯卧撑|仰卧起坐|深蹲|跳|舞|睡|吃|喝|做饭|跑步|打架|拥抱|晕倒|举手|点头|运动"


def reason(text: str) -> Reason:
    """What judging `text` would need. The first cause that fits; the nearest wish by what the text mentions."""
    near = _nearest(text)
    if re.search(_SOUND, text):
        return Reason("听声音的本事，而我只听你对我说的话", near, sense=True)
    if re.search(_SENSE, text):
        return Reason("摄像头以外的传感器", near, sense=True)
    if re.search(_EMOTION, text):
        return Reason(f"{MODEL}，而且没有模型知道别人的感受", near)
    if re.search(_INTENT, text):
        return Reason(f"{MODEL}，而且没有模型知道别人的意图", near)
    if re.search(_KINDS, text):
        return Reason(f"{MODEL}，我只看得出是人", near)
    if re.search(_ROLES, text) or re.fullmatch(_NAME, text):
        return Reason(WHO, near)
    if re.search(_COLOUR, text):
        return Reason(f"{MODEL}，因为我不判断颜色", near)
    return Reason(MODEL, near)


def _nearest(text: str) -> str:
    narrower = next((label for word, label in NARROWER.items() if not word.isascii() and word in text), None)
    label = mentioned(text)
    if (label or narrower) not in (None, "person"):
        return f"看到{name(label or narrower or '', 1, 'zh')}就告诉我"
    person = label or narrower or re.search(rf"{_ROLES}|他|她", text) or re.fullmatch(_NAME, text)
    if person and re.search(r"离开|走|出去", text):
        return "有人离开就告诉我"
    if re.search(r"写|显示|屏幕|字", text) and not person:
        return "文字变了就告诉我"
    if re.search(_ACTIVITY, text):
        return "有东西动就告诉我"
    return "有人进来就告诉我" if person else "画面有变化就告诉我"
