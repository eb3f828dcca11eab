"""How the troubles of a lane are told to the person. Pure."""

from __future__ import annotations

from interaction.both import NOTHING, Both
from interaction.events import Problem

ALL_ELSE = Both("Everything else goes on.", "其他一切照常。")


NO_PICTURE = Both("no picture is arriving", "没有画面传来")


def fault(error: Exception) -> Both:
    """Of a source that raised what no source should."""
    what = f"{type(error).__name__}: {error}"
    return Both(f"The source failed: {what}"[:300], f"来源出错了：{what}"[:300])


def source_failed(t: float, lane: str, message: Both, advice: Both = NOTHING) -> Problem:
    return Problem(
        t=t,
        where=f"source {lane}",
        message=message,
        kept=Both(
            "Everything else goes on: other sources, timers, conversation and memory.",
            "其他一切照常：其他来源、计时、对话和记忆。",
        ),
        advice=advice or Both("Check the source, or add another one.", "请检查这个来源，或添加另一个。"),
    )


def eyes_failed(t: float, lane: str, error: Exception, look_s: float) -> Problem:
    """`look_s`: how long a look may take, in seconds."""
    what = f"{type(error).__name__}: {error}"
    said = Both(what, what) if str(error) else Both(f"no answer within {look_s:g} s", f"{look_s:g} 秒内没有结果")
    return Problem(
        t=t,
        where=f"seeing {lane}",
        message=Both(f"The eyes failed on a picture: {said}"[:300], f"看一幅画面时出错了：{said.zh}"[:300]),
        kept=Both("Timers, conversation and tasks go on.", "计时、对话和任务照常。"),
        advice=Both(
            "They are started again by themselves; if this stays, run `python app.py doctor`.",
            "它会自动重新开始；如果一直这样，请运行 `python app.py doctor`。",
        ),
    )


def broke(t: float, lane: str, loop: str, error: BaseException) -> Problem:
    what = f"{type(error).__name__}: {error}"
    return Problem(
        t=t,
        where=f"{loop} {lane}",
        message=Both(f"A fault in me: {what}"[:300], f"我内部出错了：{what}"[:300]),
        kept=ALL_ELSE,
        advice=Both(
            "If it stays, remove this source and add it again; the log has the details.",
            "如果一直这样，请移除这个来源再重新添加；详情见日志。",
        ),
    )


def masks_unknown(t: float, where: str) -> Problem:
    return Problem(
        t=t,
        where=where,
        message=Both(
            "What is masked on this source could not be read, so nothing of it is looked at.",
            "读不出这个来源遮挡了什么，所以它的画面一概不看。",
        ),
        kept=Both("Other sources, timers and conversation go on.", "其他来源、计时和对话照常。"),
        advice=Both(
            "Draw its masks again (or save it without any), or repair areas.json in your folder.",
            "请重新画遮挡（或不画遮挡直接保存），或修好数据文件夹里的 areas.json。",
        ),
    )
