"""What goes wrong with alerts, as the page tells it. Pure."""

from __future__ import annotations

from datetime import datetime

from interaction.both import Both

TOO_FAST = Both(
    "Alerts came faster than they could be written; the newest was left out.",
    "提醒来得太快，来不及写下，最新的一条被略过了。",
)
TOO_MANY = Both("More alerts wait than fit; the oldest were left out.", "等待发送的提醒太多，最早的被略过了。")
OTHERS = Both("The others are kept.", "其余的都保留着。")
TRIED_AGAIN = Both("The alert is kept and tried again.", "这条提醒保留着，会再试。")
IN_THE_JOURNAL = Both("It stands in the journal.", "日志里有这条提醒。")
UNTIL_RESTART = Both("They are sent, but a restart loses them.", "提醒照常发送，但重启后就没有了。")
LOST = Both("a source is down", "来源没有画面")
BACK = Both("a source is back", "来源恢复了")
RECEIVER = Both("Look at its receiver and at LOOKOUT_OUTLETS.", "请检查接收方和 LOOKOUT_OUTLETS。")


def unsent(name: str, why: str, zh: str) -> Both:
    return Both(f"An alert could not be sent to {name}: {why}.", f"提醒没能发到“{name}”：{zh}。")


def never_sent(name: str, why: str, zh: str) -> Both:
    return Both(f"An alert was never sent to {name}: {why}.", f"提醒始终没能发到“{name}”：{zh}。")


def unwritten(reason: str) -> Both:
    return Both(f"Alerts cannot be written down: {reason}.", f"提醒写不进磁盘：{reason}。")


def lost(lane: str, since: datetime) -> Both:
    return Both(f"Nothing has been seen from {lane} since {since:%H:%M}.", f"从 {since:%H:%M} 起看不到“{lane}”了。")


def back(lane: str, since: datetime, now: datetime) -> Both:
    return Both(
        f"{lane} is back. Nothing was seen from it from {since:%H:%M} to {now:%H:%M}.",
        f"“{lane}”恢复了。从 {since:%H:%M} 到 {now:%H:%M} 看不到它。",
    )
