"""Numbers and sentences as they are said aloud, in English and Chinese."""

from __future__ import annotations

from fractions import Fraction

Number = Fraction | float
DECIMALS = 4  # of a number that does not come out even: nobody listens to more


def say_number(value: Number, language: str) -> tuple[str, bool]:
    """A number for speaking, and whether it is exact: `("2,340", True)`, `("3.3333", False)`, zh: no commas."""
    exact = Fraction(value)
    comma = "," if language == "en" else ""
    if exact.denominator == 1:
        return f"{int(exact):{comma}}", isinstance(value, Fraction)
    places = next((n for n in range(1, 11) if (exact * 10**n).denominator == 1), None)
    if places is not None and isinstance(value, Fraction):
        scaled = abs(int(exact * 10**places))
        whole, part = divmod(scaled, 10**places)
        return f"{'-' if exact < 0 else ''}{whole:{comma}}.{part:0{places}}", True
    size = abs(float(exact))
    if size < 10**-DECIMALS or size >= 10**15:
        return f"{float(exact):.4g}", False
    return f"{round(float(exact), DECIMALS):{comma}.{DECIMALS}f}".rstrip("0").rstrip("."), False


def say_equals(said: str, value: Number, language: str, unit: str = "") -> str:
    """`17 percent of 2,340 is 397.8.` / `2340的17%是397.8。`; "about" where it does not come out even."""
    number, exact = say_number(value, language)
    if language == "zh":
        return f"{said}{'是' if exact else '约等于'}{number}{unit}。"
    amount = f"{number} {unit}".strip()
    return sentence(f"{said} is {'' if exact else 'about '}{amount}")


def sentence(text: str) -> str:
    """With a capital at the start and a full stop at the end."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "。", "！", "？")) else text + "."


def shorten(text: str, bound: int) -> str:
    """At most `bound` characters, cut at the end of a sentence or else of a word."""
    text = " ".join(text.split())
    if len(text) <= bound:
        return text
    cut = text[: bound - 1]
    end = max(cut.rfind(mark) for mark in (". ", "。", "! ", "? "))
    if end > bound // 2:
        return cut[: end + 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > bound // 2 else cut) + "…"


def pick(language: str, english: str, chinese: str) -> str:
    """The wording in the person's language; English for any that is not spoken here."""
    return chinese if language == "zh" else english
