"""Our own small retrieval set: what a day at a desk, in a kitchen and in a shop leaves behind, and questions about it.

`EVENTS`: (kind, label, event, sentence). `QUESTIONS`: (index of the event, English, Chinese), worded differently from
the event on purpose. `UNANSWERABLE`: asked about things that never happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from memory.record import Moment, MomentKind

EVENTS: tuple[tuple[MomentKind, str, str, str], ...] = (
    ("seen", "coffee cup", "arrived", "A cup was put down on the right, beside the lamp."),
    ("seen", "dog", "arrived", "A dog came into view on the left."),
    ("heard", "", "", "My train to Vienna goes on Thursday at half past seven."),
    ("heard", "", "", "I left the spare key under the flower pot on the terrace."),
    ("seen", "", "text_changed", "The screen now reads: Payment declined, card expired."),
    ("heard", "", "", "My brother Tomas turns forty next month."),
    ("task", "", "", "Worked out 17 percent of 2,340: it is 397.8."),
    ("said", "", "", "The oven timer is up, take the bread out."),
    ("heard", "", "", "The plumber promised to come on Monday morning."),
    ("seen", "cat", "arrived", "A cat came into view and sat on the keyboard."),
    ("heard", "", "", "I can't eat shellfish, it makes me ill."),
    ("seen", "", "text_changed", "The sign in the window changed from Open to Closed."),
    ("heard", "", "", "The rent went up to 1,150 a month."),
    ("seen", "bicycle", "left", "A bicycle left the picture to the right."),
    ("seen", "", "motion_started", "The washing machine began to shake."),
    ("heard", "", "", "I put my passport in the drawer under the television."),
    ("task", "", "", "Looked up how to descale the kettle: vinegar and water, boil once, rinse twice."),
    ("heard", "", "", "The wireless password is written on the back of the router."),
    ("seen", "", "text_changed", "The printer display shows: paper jam in tray 2."),
    ("heard", "", "", "My knee hurts when I climb stairs."),
    ("said", "", "", "You have done twenty push-ups."),
    ("heard", "", "", "The piano teacher moved our lesson to Wednesday at five."),
    ("seen", "box", "arrived", "A box was left in front of the door."),
    ("heard", "", "", "We ran out of milk and eggs."),
    ("answered", "", "", "I see two people and a laptop on the table."),
    ("seen", "", "scene_cut", "The room became dark, the lights went out."),
    ("heard", "", "", "Our new neighbour is called Henrik and plays the cello."),
    ("heard", "", "", "The garage code is four seven one nine."),
    ("seen", "car", "arrived", "A car stopped in front of the gate."),
    ("heard", "", "", "I weighed 81 kilos this morning."),
)

QUESTIONS: tuple[tuple[int, str, str], ...] = (
    (0, "where did I put my mug?", "我的杯子放在哪里了？"),
    (1, "when did the puppy show up?", "那只小狗什么时候出现的？"),
    (2, "what time do I travel to Austria?", "我几点去奥地利？"),
    (3, "where is the extra key hidden?", "备用钥匙藏在哪儿？"),
    (4, "why didn't the purchase go through?", "为什么付款没有成功？"),
    (5, "who in my family has a birthday soon?", "我家里谁快过生日了？"),
    (6, "what was the result of that percentage?", "那个百分比算出来是多少？"),
    (7, "what did you say about the baking?", "关于烤面包你说了什么？"),
    (8, "when will the pipes get fixed?", "修水管的什么时候来？"),
    (9, "did any pet walk over my desk?", "有宠物跑到我的桌子上吗？"),
    (10, "which food am I allergic to?", "我对什么食物过敏？"),
    (11, "when did the shop close?", "商店什么时候关门的？"),
    (12, "how much do I pay for the flat?", "我的房租是多少？"),
    (13, "when did the bike go away?", "自行车什么时候离开的？"),
    (14, "when did the laundry start spinning?", "洗衣机什么时候开始动的？"),
    (15, "where did I put my travel document?", "我把护照放在哪里了？"),
    (16, "how do I remove limescale?", "怎么去除水垢？"),
    (17, "where can I find the wifi code?", "无线网密码在哪里？"),
    (18, "what is wrong with the printer?", "打印机出了什么问题？"),
    (19, "which part of my body did I complain about?", "我说过身体哪里疼？"),
    (20, "how many exercises did you count?", "你数到我做了多少个俯卧撑？"),
    (21, "when is my music class?", "我的钢琴课改到什么时候了？"),
    (22, "was a parcel delivered?", "有包裹送来吗？"),
    (23, "what groceries are missing?", "家里缺什么吃的？"),
    (25, "when was there no light in the room?", "房间什么时候变黑的？"),
    (26, "what is the name of the man next door?", "新邻居叫什么名字？"),
    (27, "how do I open the garage?", "车库的密码是多少？"),
    (28, "when did a vehicle pull up?", "汽车什么时候停在门口的？"),
    (29, "how heavy am I?", "我的体重是多少？"),
)

UNANSWERABLE: tuple[tuple[str, str], ...] = (
    ("where did I put the violin?", "我的小提琴放在哪里了？"),
    ("when did the elephant come in?", "大象什么时候进来的？"),
    ("what did I say about the submarine?", "我说过潜水艇的什么事？"),
    ("who won the chess game?", "国际象棋谁赢了？"),
    ("what colour is my tent?", "我的帐篷是什么颜色？"),
    ("when did the helicopter land?", "直升机什么时候降落的？"),
    ("where is my winter coat?", "我的冬天外套在哪里？"),
    ("what did the doctor prescribe?", "医生开了什么药？"),
    ("when did the fire alarm ring?", "火警什么时候响的？"),
    ("what did you say about the stock market?", "关于股市你说了什么？"),
)

_SUBJECTS = ("The radio", "A curtain", "The kettle", "The plant", "A lorry", "The fan", "A pigeon", "The clock",
             "A leaf", "The tap", "The blind", "A ladder", "The monitor", "A balloon", "The rug")  # fmt: skip
_ACTIONS = ("moved a little", "was in view for a moment", "was moved to the shelf", "came close to the window",
            "stood still again", "made a shadow on the wall", "was covered for some seconds")  # fmt: skip
_REMARKS = ("Let me think about it for a while.", "This chair is not comfortable.", "Turn the music down, please.",
            "I will clean the windows next week.", "That was a long meeting.", "The soup needs more salt.",
            "I should write to Anna again.", "It is rather warm in here.")  # fmt: skip


def moments(day: datetime) -> list[Moment]:
    """The events of `day`, one every nine minutes from eight o'clock."""
    start = day.replace(hour=8, minute=0, second=0, microsecond=0)
    return [
        Moment(f"event-{i}", start + timedelta(minutes=9 * i), kind, text, label=label, event=event, lane="camera")
        for i, (kind, label, event, text) in enumerate(EVENTS)
    ]


def distractors(day: datetime, count: int = 300, seed: int = 3) -> list[Moment]:
    """Plausible moments about other things, spread over the same day."""
    random = Random(seed)
    start = day.replace(hour=7, minute=30, second=0, microsecond=0)
    made = []
    for i in range(count):
        at = start + timedelta(seconds=random.randrange(6 * 3600))
        if i % 5 == 0:
            made.append(Moment(f"other-{i}", at, "heard", random.choice(_REMARKS)))
        elif i % 5 == 1:
            made.append(Moment(f"other-{i}", at, "decided", f"Silent: nothing changed for {random.randrange(60)} s."))
        else:
            text = f"{random.choice(_SUBJECTS)} {random.choice(_ACTIONS)}."
            made.append(Moment(f"other-{i}", at, "seen", text, event="motion_started", lane="camera"))
    return made
