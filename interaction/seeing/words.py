"""Names of what the embedded eyes can see, in English and Chinese, and sentences about a picture. Pure.

A label is the name that `Percepts` use: lower case English ("person", "coffee cup"). The detector was trained on the
classes of `BY_LABEL`; only those in `TESTED` were checked on real pictures here, the others it knows by name only.
"""

from __future__ import annotations

from dataclasses import dataclass

from interaction.seeing.base import Percepts, Side


@dataclass(frozen=True, slots=True)
class Label:
    """One class. `label`: its name in percepts; `one`, `many`: as said in English; `zh`, `measure`: as said in Chinese.

    `words`: other ways to ask for it, English singular and plural and Chinese, lower case.
    """

    label: str
    one: str
    many: str
    zh: str
    measure: str
    words: tuple[str, ...] = ()


_ALL = (
    Label(
        "person", "person", "people", "人", "个",
        ("persons", "someone", "somebody", "anyone", "anybody", "human", "humans", "human being", "human beings",
         "visitor", "visitors", "pedestrian", "pedestrians", "passer-by", "passers-by", "guest", "guests", "customer",
         "customers", "folk", "folks", "有人", "某人", "谁", "行人", "路人", "人们", "客人", "顾客", "访客"),
    ),
    Label("face", "face", "faces", "脸", "张", ("人脸", "面孔", "脸部")),
    Label("cat", "cat", "cats", "猫", "只", ("kitty", "kitties", "kitten", "kittens", "小猫", "猫咪", "猫猫")),
    Label(
        "coffee cup", "cup", "cups", "杯子", "个",
        ("coffee cups", "mug", "mugs", "coffee mug", "coffee mugs", "teacup", "teacups", "tea cup", "tea cups",
         "杯", "咖啡杯", "茶杯", "马克杯", "水杯"),
    ),
    Label("car", "car", "cars", "汽车", "辆", ("automobile", "automobiles", "车", "车子", "轿车", "小汽车")),
    Label(
        "bicycle", "bicycle", "bicycles", "自行车", "辆",
        ("bike", "bikes", "cycle", "cycles", "pushbike", "pushbikes", "单车", "脚踏车"),
    ),
    Label("stationary bicycle", "exercise bike", "exercise bikes", "健身车", "辆", ("stationary bicycles", "动感单车")),
    Label("laptop", "laptop", "laptops", "笔记本电脑", "台", ("notebook computer", "laptop computer", "手提电脑")),
    Label("chair", "chair", "chairs", "椅子", "把", ("seat", "seats", "椅")),
    Label("cattle", "cow", "cows", "牛", "头", ("cattle", "bull", "bulls", "奶牛")),
    Label("desk", "desk", "desks", "书桌", "张", ("办公桌", "写字台")),
    Label("computer mouse", "computer mouse", "computer mice", "鼠标", "个", ("mouse", "mice")),
    Label(
        "computer monitor", "monitor", "monitors", "显示器", "台",
        ("computer monitors", "computer screen", "computer screens", "显示屏"),
    ),
    Label("box", "box", "boxes", "箱子", "个", ("carton", "cartons", "parcel", "parcels", "package", "packages",
                                              "盒子", "纸箱", "包裹", "快递")),
    Label("table", "table", "tables", "桌子", "张", ("桌",)),
    Label("bottle", "bottle", "bottles", "瓶子", "个", ("water bottle", "water bottles", "瓶", "水瓶")),
    Label("dog", "dog", "dogs", "狗", "只", ("puppy", "puppies", "小狗", "狗狗")),
    Label("book", "book", "books", "书", "本", ("书本", "书籍")),
    Label("camera", "camera", "cameras", "照相机", "台", ("相机",)),
)  # fmt: skip

BY_LABEL: dict[str, Label] = {entry.label: entry for entry in _ALL}

# Checked on real pictures here. The others are reported, and said to be known by name only.
TESTED: frozenset[str] = frozenset({"person", "face", "cat", "coffee cup", "car", "bicycle"})

# Every word that asks for a label: "mug" → "coffee cup", "人" → "person".
LABELS: dict[str, str] = {
    word: entry.label for entry in _ALL for word in (entry.label, entry.one, entry.many, entry.zh, *entry.words)
}

# Words for something narrower than a label: only the wider thing can be seen, which must be said.
NARROWER: dict[str, str] = {
    "man": "person", "men": "person", "woman": "person", "women": "person", "child": "person", "children": "person",
    "kid": "person", "kids": "person", "boy": "person", "girl": "person", "baby": "person", "stranger": "person",
    "thief": "person", "burglar": "person", "postman": "person", "courier": "person", "taxi": "car", "van": "car",
    "truck": "car", "男人": "person", "女人": "person", "孩子": "person", "小孩": "person", "宝宝": "person",
    "陌生人": "person", "小偷": "person", "快递员": "person", "出租车": "car", "卡车": "car",
}  # fmt: skip

# The detector has these classes too; on real pictures they only repeat (shoes of a person) or duplicate others.
DROPPED: frozenset[str] = frozenset({"footwear", "boot", "high heels", "vehicle"})
# Detector classes that are one thing for a person: seen as the label on the right.
MERGED: dict[str, str] = {"mug": "coffee cup"}

_ENGLISH = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CHINESE = ("没有", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十")
_PLACE: dict[str, dict[Side, str]] = {
    "en": {"left": "on the left", "middle": "in the middle", "right": "on the right"},
    "zh": {"left": "左边", "middle": "中间", "right": "右边"},
}
# A spoken description stays short; the whole text is there for who asks to have it read.
TEXT_CHARS = 200


def place(side: Side, language: str) -> str:
    """Where something is: "on the left", "左边"."""
    return _PLACE[_known(language)][side]


def name(label: str, count: int, language: str) -> str:
    """What `count` of a label are called, without the number: "people", "人". Unknown labels: themselves."""
    entry = BY_LABEL.get(label) or Label(label, label, label, label, "个")
    if _known(language) == "zh":
        return entry.zh
    return entry.one if count == 1 else entry.many


def number_of(label: str, count: int, language: str) -> str:
    """A number of things in words: "two people", "no cars", "两个人", "没有汽车"; digits above ten."""
    words = _CHINESE if _known(language) == "zh" else _ENGLISH
    said = words[count] if count < len(words) else str(count)
    if _known(language) == "en":
        return f"{said} {name(label, count, language)}"
    if count == 0:
        return f"没有{name(label, 0, language)}"
    entry = BY_LABEL.get(label)
    return f"{said}{entry.measure if entry else '个'}{name(label, count, language)}"


def describe(percepts: Percepts, language: str) -> str:
    """What is in view, in one or two sentences: "One person, on the left; a cup. The text says: Gate B12."

    People first, then faces when no person explains them, then objects by number. Claims no more than was seen.
    """
    zh = _known(language) == "zh"
    if percepts.dark:
        return (
            "画面太暗，或者镜头被挡住了，什么也看不见。" if zh else "It is too dark to see, or the camera is covered."
        )
    counts = {label: n for label, n in percepts.counts.items() if n > 0 and label != "face"}
    order = sorted(counts, key=lambda label: (label != "person", -counts[label], label))
    things = [_thing(label, counts[label], percepts.sides.get(label), language) for label in order]
    if percepts.faces and not counts.get("person"):
        things.insert(0, _thing("face", percepts.faces, percepts.sides.get("face"), language))
    sentences = [("；" if zh else "; ").join(things)] if things else []
    lines = tuple(line.strip() for line in percepts.text if line.strip())
    if not things and not lines:
        sentences.append("没有我认得的东西" if zh else "Nothing that I know by name")
    if percepts.moving:
        sentences.append("有东西在动" if zh else "Something is moving")
    said = [s[0].upper() + s[1:] + ("。" if zh else ".") for s in sentences]
    if lines:
        said.append(("文字是：" if zh else "The text says: ") + _shortened(lines, zh))
    return "".join(said) if zh else " ".join(said)


def _thing(label: str, count: int, side: Side | None, language: str) -> str:
    said = number_of(label, count, language)
    if _known(language) == "zh":
        return f"{place(side, language)}有{said}" if side and count == 1 else said
    if count == 1 and label not in ("person", "face"):
        article = "an" if name(label, 1, language)[0] in "aeiou" else "a"
        said = f"{article} {name(label, 1, language)}"
    return f"{said}, {place(side, language)}" if side and count == 1 else said


def _shortened(lines: tuple[str, ...], zh: bool) -> str:
    text = ("，" if zh else ", ").join(lines)
    if len(text) > TEXT_CHARS:
        text = text[:TEXT_CHARS].rstrip() + "…"
    return text if text[-1:] in (".", "!", "?", "…", "。", "！", "？") else text + ("。" if zh else ".")


def _known(language: str) -> str:
    return "zh" if language.startswith("zh") else "en"
