"""What is said when something is seen: short sentences in English and Chinese. Pure.

They state what was seen and nothing more: never who someone is, what they feel or intend.
"""

from __future__ import annotations

from collections.abc import Sequence

from interaction.intents import Condition
from interaction.observers.conditions import Firing
from interaction.seeing.base import PerceptEvent, Side
from interaction.seeing.words import name, number_of, place

# Text read aloud by a watch: longer than a headline nobody listens to the end.
READ_CHARS = 300


def fired(condition: Condition, firing: Firing, language: str) -> str:
    """The sentence for a watch whose condition came true."""
    zh = language == "zh"
    if condition.zone and not condition.tally:
        return _placed_zh(condition, firing) if zh else _placed_en(condition, firing)
    match condition.kind:
        case "arrives":
            return _tallied(condition, firing, zh) or _came(condition.label, firing.number, firing.side, zh)
        case "leaves":
            return _tallied(condition, firing, zh) or _went(condition.label, firing.number, firing.side, zh)
        case "count" if condition.tally:
            return _tallied(condition, firing, zh)
        case "count":
            things = number_of(condition.label, firing.number, language)
            return f"现在{'有' if firing.number else ''}{things}。" if zh else f"{_capital(things)} now."
        case "more_than" | "fewer_than":
            things = number_of(condition.label, firing.number, language)
            if zh:
                return f"现在{'有' if firing.number else ''}{things}。"
            return f"There {'is' if firing.number == 1 else 'are'} {things} now."
        case "sees":
            return _sees(condition.label, firing, zh)
        case "face":
            return ("看到一张脸" + _at(firing.side, zh) + "。") if zh else f"I can see a face{_at(firing.side, zh)}."
        case "moves":
            return "有东西在动。" if zh else "Something is moving."
        case "stops":
            return "不动了。" if zh else "The movement has stopped."
        case "text_changes" | "text_says":
            said = shortened(firing.text)
            return f"上面写着：{said}" if zh else f"It says: {said}"
        case _:
            return _changed(firing, zh)


def there(place: str, text: str, language: str) -> str:
    """Sentences about a place of the picture: "At the door: Nothing that I know by name."."""
    return f"{place}：{text}" if language == "zh" else f"{_capital(place)}: {text}"


def _placed_en(c: Condition, firing: Firing) -> str:
    """At a place that has a name: "Someone is at the door."."""
    said = shortened(firing.text)
    if c.kind == "changes" and firing.event == "text_changed" and not said:
        return f"The text {c.place} is gone."
    if said:
        return f"{_capital(c.place)} it {'now says' if c.kind == 'changes' else 'says'}: {said}"
    things = _some(c.label, max(1, firing.number))
    who = "Someone" if c.label == "person" and firing.number <= 1 else _capital(things)
    verb = "is" if firing.number <= 1 else "are"
    match c.kind:
        case "leaves":
            return f"{who} {verb} no longer {c.place}."
        case "arrives" | "sees":
            return f"{who} {verb} {c.place}."
        case "face":
            return f"I can see a face {c.place}."
        case "moves":
            return f"Something is moving {c.place}."
        case "stops":
            return f"Nothing moves {c.place} any more."
        case "changes":
            return cut("en") if firing.event == "scene_cut" else f"Something changed {c.place}."
        case _:
            return f"{_capital(number_of(c.label, firing.number, 'en'))} {c.place} now."


def _placed_zh(c: Condition, firing: Firing) -> str:
    said = shortened(firing.text)
    if c.kind == "changes" and firing.event == "text_changed" and not said:
        return f"{c.place}的文字不见了。"
    if said:
        return f"{c.place}{'现在' if c.kind == 'changes' else ''}写着：{said}"
    one = c.label == "person" and firing.number <= 1
    who = "人" if one else number_of(c.label, max(1, firing.number), "zh")
    match c.kind:
        case "leaves":
            return f"{'有人' if one else who}离开了{c.place}。"
        case "arrives" | "sees":
            return f"{c.place}有{who}。"
        case "face":
            return f"{c.place}有一张脸。"
        case "moves":
            return f"{c.place}有东西在动。"
        case "stops":
            return f"{c.place}不动了。"
        case "changes":
            return cut("zh") if firing.event == "scene_cut" else f"{c.place}有变化。"
        case _:
            return f"{c.place}现在{'有' if firing.number else ''}{number_of(c.label, firing.number, 'zh')}。"


def likely(condition: Condition, language: str) -> list[str]:
    """Sentences that a watch will probably need, to be synthesised ahead."""
    return [fired(condition, firing, language) for firing in _likely(condition)]


def places(language: str) -> list[str]:
    """The ends of sentences that say where; none in Chinese, which is said in one piece."""
    sides: tuple[Side, ...] = ("left", "middle", "right")
    return [] if language == "zh" else [f"{place(side, language)}." for side in sides]


def _likely(condition: Condition) -> list[Firing]:
    number = condition.number or 0
    if condition.tally:
        return [Firing(0.0, n) for n in (1, 2, 3)]
    match condition.kind:
        case "text_changes" | "text_says":
            return []
        case "arrives" | "leaves" | "sees" | "face":
            return [*(Firing(0.0, side=side) for side in ("left", "middle", "right")), Firing(0.0)]
        case "count":
            return [Firing(0.0, n) for n in (1, 2, 0)]
        case "more_than":
            return [Firing(0.0, number + 1)]
        case "fewer_than":
            return [Firing(0.0, max(0, number - 1))]
        case "changes":
            return [Firing(0.0, event=event) for event in ("motion_started", "jumped")]
        case _:
            return [Firing(0.0)]


def noticed(event: PerceptEvent, language: str) -> str:
    """One sentence for memory and journal about a percept event; empty if it is not worth keeping."""
    zh = language == "zh"
    match event.kind:
        case "arrived":
            return _came(event.label, 1, event.side, zh)
        case "left":
            return _went(event.label, 1, event.side, zh)
        case "text_changed" if event.text.strip():
            return f"画面上写着：{shortened(event.text)}" if zh else f"The picture says: {shortened(event.text)}"
        case "scene_cut":
            return "整个画面变了。" if zh else "The whole picture changed."
        case _:
            return ""


def several(events: Sequence[PerceptEvent], language: str) -> str:
    """One sentence for things of one label that all came, or all went, about the same time."""
    moved = _came if events[0].kind == "arrived" else _went
    return moved(events[0].label, len(events), None, language == "zh")


def cut(language: str) -> str:
    return "整个画面变了。" if language == "zh" else "The whole picture just changed."


def movement(language: str) -> str:
    return "有东西动起来了。" if language == "zh" else "Something started to move."


def reads(text: str, language: str) -> str:
    """What can be read now; "" is none."""
    said = shortened(text)
    if not said:
        return "文字不见了。" if language == "zh" else "The text is gone."
    end = "" if said[-1] in ".!?…。！？" else "。" if language == "zh" else "."
    return f"现在写着：{said}{end}" if language == "zh" else f"It says now: {said}{end}"


def translated(words: str, language: str) -> str:
    """A translation, introduced in its own language where that is one of the page's."""
    return {"en": f"It says: {words}", "zh": f"上面写着：{words}"}.get(language, words)


def untranslated(said: str, language: str) -> str:
    """The first time that no translation could be had: why, and then what it says."""
    if language == "zh":
        return f"语言模型没有回应，我先照原文念。{said}"
    return f"I can't translate it: the language model does not answer. {said}"


def shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= READ_CHARS else text[:READ_CHARS].rstrip() + "…"


def _came(label: str, number: int, side: Side | None, zh: bool) -> str:
    if zh:
        if label != "person":
            return f"{number_of(label, number, 'zh')}出现了{_at(side, zh)}。"
        return f"{'有人' if number == 1 else number_of(label, number, 'zh')}进来了{_at(side, zh)}。"
    if label == "person":
        who = "Someone" if number == 1 else _capital(number_of(label, number, "en"))
        return f"{who} just came in{_at(side, zh)}."
    return f"{_capital(_some(label, number))} appeared{_at(side, zh)}."


def _went(label: str, number: int, side: Side | None, zh: bool) -> str:
    if zh:
        if label != "person":
            return f"{number_of(label, number, 'zh')}不见了{_at(side, zh)}。"
        return f"{'有人' if number == 1 else number_of(label, number, 'zh')}离开了{_at(side, zh)}。"
    if label == "person":
        who = "Someone" if number == 1 else _capital(number_of(label, number, "en"))
        return f"{who} just left{_at(side, zh)}."
    return f"{_capital(_some(label, number))} {'is' if number == 1 else 'are'} gone{_at(side, zh)}."


def _sees(label: str, firing: Firing, zh: bool) -> str:
    number = max(1, firing.number)
    if zh:
        return f"看到{number_of(label, number, 'zh')}{_at(firing.side, zh)}。"
    return f"I can see {_some(label, number)}{_at(firing.side, zh)}."


def _tallied(condition: Condition, firing: Firing, zh: bool) -> str:
    if not condition.tally:
        return ""
    return f"{firing.number}。" if zh else f"{_capital(number_of(condition.label, firing.number, 'en').split()[0])}."


def _changed(firing: Firing, zh: bool) -> str:
    match firing.event:
        case "text_changed" if not firing.text:
            return "文字不见了。" if zh else "The text is gone."
        case "scene_cut":
            return cut("zh" if zh else "en")
        case "text_changed":
            return f"文字变了：{shortened(firing.text)}" if zh else f"The text changed: {shortened(firing.text)}"
        case "arrived":
            return "有东西出现了。" if zh else f"Something came into the picture{_at(firing.side, zh)}."
        case "left":
            return "有东西不见了。" if zh else f"Something left the picture{_at(firing.side, zh)}."
        case "motion_started":
            return movement("zh" if zh else "en")
        case _:
            return "有变化。" if zh else "Something changed."


def _at(side: Side | None, zh: bool) -> str:
    if side is None:
        return ""
    return f"，在{place(side, 'zh')}" if zh else f", {place(side, 'en')}"


def _some(label: str, number: int) -> str:
    if number != 1:
        return number_of(label, number, "en")
    thing = name(label, 1, "en")
    return f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
