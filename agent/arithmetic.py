"""Reads a sum out of a clause: `17 percent of 2340` → `(17/100)*2340`. Words in, an expression and its reading out.

Works on text that `numbers.digits` has prepared. `$value` in an expression stands for the result of the step before,
`$said` for how that is read aloud. Nothing is guessed: a clause with a word left over is not a sum.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

N = r"(?:-?\d+(?:\.\d+)?(?:/\d+)?|P)"  # a number, or P: what came before
LIST = rf"{N}(?:,? (?:and )?{N})+"


@dataclass(frozen=True, slots=True)
class Sum:
    """`expression` for `calculate`; `said`: its reading; `unit`: "percent" or nothing."""

    expression: str
    said: str
    unit: str = ""


def read_sum(text: str, language: str) -> Sum | None:
    """The sum that a whole clause is, or None."""
    return _read_chinese(text) if language == "zh" else _read_english(text)


# ---- English ----

LEAD = re.compile(
    r"^(?:(?:please|ok|okay|so|now|and|then|also|next|finally|can you|could you|would you|will you|help me|just|tell me"
    r"|i (?:want|need|would like) (?:you )?to(?: know)?|work out|figure out|calculate|compute|evaluate|find|find out"
    r"|take|give me|solve|what is|what's|whats|what are|what does|how much is|how much are|how many is|how many are"
    r"|the (?:result|answer|value) of)\b[ ,:]*)+"
)
# "For may": what a recogniser makes of "for me".
TAIL = re.compile(
    r"(?:\s*(?:\b(?:please|for m(?:e|ay)|equals?|make|in total|altogether|exactly|together)\b|[?.!,=]))+$"
)
BEFORE = re.compile(r"\b(?:it|that|this|the (?:result|answer|total|sum|product|difference)|that (?:number|result))\b")

# Whole wordings, rewritten as the words between the numbers.
REWRITES: list[tuple[str, str]] = [
    (rf"add ({N})% to ({N})|increase (?P<b>{N}) by (?P<a>{N})%", "{b} plus {a}%"),
    (
        rf"(?:subtract|take) ({N})% (?:off|from) ({N})|(?:decrease|reduce|lower) (?P<b>{N}) by (?P<a>{N})%",
        "{b} minus {a}%",
    ),
    (rf"add ({N}) to ({N})", "{b} plus {a}"),
    (rf"(?:subtract|take(?: away)?|deduct) ({N}) (?:away )?from ({N})|({N}) (?:away )?from ({N})", "{b} minus {a}"),
    (rf"(?:multiply|the product of) ({N}) (?:by|with|and) ({N})", "{a} times {b}"),
    (rf"divide ({N}) (?:by|into) ({N})", "{a} divided by {b}"),
    (rf"the difference between ({N}) and ({N})", "{a} minus {b}"),
    (rf"(?:add|plus) ({N})%", "P plus {a}%"),
    (rf"(?:subtract|minus|deduct) ({N})%", "P minus {a}%"),
    (rf"(?:add|plus) ({N})(?: to P)?", "P plus {a}"),
    (rf"(?:subtract|minus|deduct|take away) ({N})(?: from P)?", "P minus {a}"),
    (rf"(?:multiply(?: P)? by|times) ({N})", "P times {a}"),
    (rf"divide(?:d)?(?: P)? by ({N})", "P divided by {a}"),
    (r"(?:double|twice) P|double", "P times 2"),
    (r"triple(?: P)?", "P times 3"),
    (r"halve P|half(?: of)? P|halve", "P divided by 2"),
    (r"square P|P squared", "P squared"),
]
# Words inside a sum and their signs, in order.
SIGNS: list[tuple[str, str]] = [
    (rf"({N})% of\b", r"(\1/100)*"),
    (rf"(?:square root|root) of ({N})", r"sqrt(\1)"),
    (rf"cube root of ({N})", r"cbrt(\1)"),
    (r"(?:raised )?to the power(?: of)?", "**"),
    (r"\bsquared\b", "**2"),
    (r"\bcubed\b", "**3"),
    (r"\b(?:multiplied by|times|x)\b", "*"),
    (r"\b(?:divided by|over)\b", "/"),
    (r"\b(?:plus|added to)\b", "+"),
    (r"\b(?:minus|less|take away)\b", "-"),
    (r"\bmod(?:ulo)?\b", "%"),
    (r"\b(?:a )?half of\b", "0.5*"),
    (r"\b(?:a )?quarter of\b", "0.25*"),
    (r"\b(?:twice|double)\b", "2*"),
    (r"\btriple\b", "3*"),
    (rf"({N}) of\b", r"(\1)*"),
    (r"\bthe\b", ""),
]
SHARE = re.compile(
    rf"what % of (?P<b>{N}) is (?P<a>{N})|what % is (?P<a2>{N}) (?:out )?of (?P<b2>{N})"
    rf"|(?P<a3>{N}) is what % of (?P<b3>{N})|(?P<a4>{N}) (?:out )?of (?P<b4>{N}) (?:as a %|in %)"
)
OVERALL = re.compile(rf"(?:the )?(?P<how>sum|total|average|mean|product) of (?P<list>{LIST})|add (?P<added>{LIST})")


def _read_english(text: str) -> Sum | None:
    text = text.replace("per cent", "%").replace("percentage", "%").replace("percent", "%").replace(" %", "%")
    text = re.sub(r"\bwhat%", "what %", text)
    text = TAIL.sub("", text)
    text = BEFORE.sub("P", text)
    share = SHARE.fullmatch(re.sub(r"^(?:please |tell me |work out |calculate )+", "", text))
    if share:
        part = next(value for name, value in share.groupdict().items() if name[0] == "a" and value)
        whole = next(value for name, value in share.groupdict().items() if name[0] == "b" and value)
        return _sum(f"{part}/{whole}*100", f"{part} out of {whole}", "percent")
    text = LEAD.sub("", text).strip()
    overall = OVERALL.fullmatch(text)
    if overall:
        return _overall(overall)
    for pattern, words in REWRITES:
        if match := re.fullmatch(pattern, text):
            text = words.format(**_operands(match))
            break
    return _infix(text, SIGNS)


def _operands(match: re.Match[str]) -> dict[str, str]:
    named = {name: value for name, value in match.groupdict().items() if value}
    found = [value for value in match.groups() if value]
    return named or dict(zip("ab", found, strict=False))


def _overall(match: re.Match[str]) -> Sum:
    numbers = re.findall(N, match["list"] or match["added"])
    how = match["how"] or "sum"
    if how in ("average", "mean"):
        return _sum(f"mean({','.join(numbers)})", f"the average of {', '.join(numbers[:-1])} and {numbers[-1]}")
    sign, word = ("*", " times ") if how == "product" else ("+", " plus ")
    return _sum(sign.join(numbers), word.join(numbers))


def _infix(text: str, signs: list[tuple[str, str]]) -> Sum | None:
    expression = text
    if off := re.fullmatch(rf"({N})% off ({N})", text):
        expression = f"{off[2]}*(100-{off[1]})/100"
    elif change := re.fullmatch(rf"(.+) (plus|minus) ({N})%", text):
        expression = f"({change[1]})*(100{'+' if change[2] == 'plus' else '-'}{change[3]})/100"
    for words, sign in signs:
        expression = re.sub(words, sign, expression)
    return _sum(expression, text) if _is_sum(expression) else None


def _is_sum(expression: str) -> bool:
    """Only numbers, signs and known functions, and something to do."""
    bare = re.sub(r"\b(?:sqrt|cbrt|mean)\(|P", "1", expression)
    return bool(re.fullmatch(r"[\d\s.+\-*/%(),]+", bare)) and bool(
        re.search(r"[\d)P]\s*[-+*/%]|sqrt|cbrt|mean", expression)
    )


def _sum(expression: str, said: str, unit: str = "") -> Sum:
    reading: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
        (r"%", " percent"), (r"\*\*", " to the power of "), (r"\*", " times "), (r"(?<=\s)/(?=\s)", "divided by"),
        (r"(?<=[\dP)])\s*\+\s*", " plus "), (r"(?<=[\dP)])\s*-\s*", " minus "), (r"\d{4,}", lambda m: f"{int(m[0]):,}"),
        (r"P", "$said"),
    ]  # fmt: skip
    for pattern, words in reading:
        said = re.sub(pattern, words, said)
    return Sum(expression.replace("P", "$value").strip(), " ".join(said.split()), unit)


# ---- Chinese ----

LEAD_ZH = re.compile(
    r"^(?:请问|请|帮我|麻烦|你|能不能|能|可以|给我|告诉我|算一下|算一算|算算|计算一下|计算|算出|算|求出|求|那么|那|然后|接着|再|最后|取|把)+"
)
TAIL_ZH = re.compile(r"(?:是多少|等于多少|等于几|得多少|得几|是几|有多少|多少|等于|的结果|呢|吗|吧|[?。=,!])+$")
SIGNS_ZH: list[tuple[str, str]] = [
    (rf"({N})%的({N})", r"(\1/100)*\2"),
    (rf"({N})的({N})%", r"\1*(\2/100)"),
    (rf"^的?({N})%$", r"P*(\1/100)"),
    (rf"({N})打(\d)折", r"\1*0.\2"),
    (rf"({N})打(\d\d)折", r"\1*0.\2"),
    (rf"({N})的平方根", r"sqrt(\1)"),
    (rf"({N})的立方根", r"cbrt(\1)"),
    (rf"({N})的({N})次方", r"\1**\2"),
    (rf"({N})的平方", r"\1**2"),
    (rf"({N})的立方", r"\1**3"),
    (rf"({N})的(?:一半|1/2)", r"\1/2"),
    (rf"({N})的({N}/?\d*)$", r"\1*(\2)"),
    (rf"({N})(?:和|与|加)({N})的(?:和|总和)", r"\1+\2"),
    (rf"({N})(?:和|与)({N})的差", r"\1-\2"),
    (rf"({N})(?:和|与)({N})的(?:积|乘积)", r"\1*\2"),
    (rf"({N})(?:和|与)({N})的平均(?:数|值)", r"mean(\1,\2)"),
    (r"加上|加", "+"),
    (r"减去|减", "-"),
    (r"乘以|乘上|乘", "*"),
    (r"除以", "/"),
]


def _read_chinese(text: str) -> Sum | None:
    text = LEAD_ZH.sub("", TAIL_ZH.sub("", text.replace(" ", "")))
    text = re.sub(r"这个数|那个数|这个结果|结果|它|这个|那个", "P", text)
    if re.match(r"^(?:加|减|乘|除以)", text) or re.match(r"^的?(?:平方|立方|一半)", text):
        text = "P" + ("的" if re.match(r"平方|立方|一半", text) else "") + text
    text = {"翻倍": "P乘以2", "翻一番": "P乘以2"}.get(text, text)
    expression = text
    for words, sign in SIGNS_ZH:
        expression = re.sub(words, sign, expression)
    if not _is_sum(expression):
        return None
    said = f"P的{text.removeprefix('的')}" if re.fullmatch(rf"的?{N}%", text) else text
    said = said.replace("*", "乘以").replace("P", "$said")
    return Sum(expression.replace("P", "$value"), said)
