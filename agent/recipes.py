"""Small programs for common wishes ("list the first 20 primes"). They run in the sandbox like any other program.

A recipe is a pattern over text that `numbers.digits` has prepared, a program with the numbers filled in, and the
beginning of the sentence that its output ends. Numbers are bounded here; what is larger is not ours to promise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """`code` for the Python tool; `lead`: words before its output, in the person's language."""

    code: str
    lead: str


PRIMES = (
    "def primes():\n    n = 2\n    while True:\n"
    "        if all(n % d for d in range(2, int(n**0.5) + 1)): yield n\n        n += 1\n"
)
FACTORS = (
    "n, d, found = {a}, 2, []\nwhile d * d <= n:\n    while n % d == 0: found.append(d); n //= d\n    d += 1\n"
    "if n > 1: found.append(n)\n"
)
FIBONACCI = "a, b, found = 0, 1, []\nfor _ in range({a}): found.append(a); a, b = b, a + b\n"
JOIN = "print(*found, sep=', ')"

# English and Chinese pattern (groups a, b, w), program, English and Chinese lead.
TABLE: list[tuple[str, str, str, str, str]] = [
    (r"(?:list |name )?(?:the )?first (?P<a>\d+) primes?(?: numbers)?|(?P<b>\d+) primes?", r"前(?P<a>\d+)个[质素]数",
     PRIMES + "import itertools\nprint(*itertools.islice(primes(), {a}), sep=', ')",
     "The first {a} primes are", "前{a}个质数是"),
    (r"(?:list )?(?:all )?(?:the )?primes?(?: numbers)? (?:below|under|less than|up to|smaller than) (?P<a>\d+)",
     r"(?P<a>\d+)以内的[质素]数",
     PRIMES + "import itertools\nprint(*itertools.takewhile(lambda p: p <= {a}, primes()), sep=', ')",
     "The primes up to {a} are", "{a}以内的质数是"),
    (r"is (?P<a>\d+) (?:a )?prime(?: number)?", r"(?P<a>\d+)是不是[质素]数|(?P<b>\d+)是[质素]数",
     FACTORS + "print({prime!r} if len(found) == 1 else {not_prime!r} + {times!r}.join(map(str, found or [{a}])))",
     "{a} is", "{a}"),
    (r"(?:the )?(?:prime factors|factori[sz]ation) of (?P<a>\d+)|factori[sz]e (?P<b>\d+)",
     r"(?:把)?(?P<a>\d+)(?:的质因数|分解质因数|的质因数分解)", FACTORS + JOIN,
     "The prime factors of {a} are", "{a}的质因数是"),
    (r"(?:list )?(?:the )?first (?P<a>\d+) fibonacci(?: numbers)?", r"斐波那契数列的?前(?P<a>\d+)[个项]",
     FIBONACCI + JOIN, "The first {a} Fibonacci numbers are", "斐波那契数列的前{a}项是"),
    (r"(?:the )?factorial of (?P<a>\d+)|(?P<b>\d+) factorial", r"(?P<a>\d+)的阶乘",
     "import math, sys\nsys.set_int_max_str_digits(0)\nprint(math.factorial({a}))", "{a} factorial is", "{a}的阶乘是"),
    (r"(?:the )?(?:greatest|highest) common (?:divisor|factor) of (?P<a>\d+) and (?P<b>\d+)",
     r"(?P<a>\d+)和(?P<b>\d+)的最大公[约因]数", "import math\nprint(math.gcd({a}, {b}))",
     "The greatest common divisor of {a} and {b} is", "{a}和{b}的最大公约数是"),
    (r"(?:the )?(?:least|lowest) common multiple of (?P<a>\d+) and (?P<b>\d+)", r"(?P<a>\d+)和(?P<b>\d+)的最小公倍数",
     "import math\nprint(math.lcm({a}, {b}))", "The least common multiple of {a} and {b} is", "{a}和{b}的最小公倍数是"),
    (r"(?:roll|throw) (?:a |1 )?(?:die|dice)|(?:roll|throw) (?P<a>\d+) dice", r"[掷扔](?:一?个|(?P<a>\d+)[个颗])?骰子",
     "import random\nprint(*[random.randint(1, 6) for _ in range({a})], sep=', ')", "I rolled", "我掷出了"),
    (r"(?:flip|toss) (?:a |1 )?coin", r"[抛掷扔](?:一?[枚个]|1[枚个])?硬币",
     "import random\nprint(random.choice({sides}))", "It is", "结果是"),
    (r"(?:a |pick a |choose a )?random (?:whole )?number (?:between|from) (?P<a>\d+) (?:and|to) (?P<b>\d+)",
     r"(?P<a>\d+)到(?P<b>\d+)(?:之间)?的?随机数", "import random\nprint(random.randint(*sorted(({a}, {b}))))",
     "I picked", "我选了"),
    (r"how many letters (?:are )?(?:there )?(?:in|does) (?:the word )?['\"]?(?P<w>[a-z]{1,40})['\"]?(?: have)?",
     r"(?:单词)?(?P<w>[a-z]{1,40})有多少个字母", "print(len({w!r}))",
     "The number of letters in {w} is", "{w}的字母数是"),
    (r"spell (?:the word )?(?P<w>[a-z]{1,40}) backwards", r"把(?P<w>[a-z]{1,40})倒过来(?:拼写?)?",
     "print('-'.join({w!r}[::-1].upper()))", "Backwards, {w} is", "{w}倒过来是"),
]  # fmt: skip


WORDS = {
    "en": {"prime": "prime", "not_prime": "not prime: ", "times": " times ", "sides": ["heads", "tails"]},
    "zh": {"prime": "是质数", "not_prime": "不是质数：", "times": "乘以", "sides": ["正面", "反面"]},
}


def find_recipe(text: str, language: str) -> Recipe | None:
    """The recipe that a whole clause asks for, None if there is none or its numbers are out of bounds."""
    for english, chinese, code, lead, lead_zh in TABLE:
        match = re.fullmatch(chinese if language == "zh" else english, text)
        if match is None:
            continue
        found = match.groupdict()
        numbers = {name: int(found[name] or 0) for name in ("a", "b") if name in found}
        first = numbers.get("a") or numbers.get("b") or 1
        if max(first, numbers.get("b", 0)) > MOST:
            return None
        values = {"a": first, "b": numbers.get("b", 0), "w": found.get("w") or "", **WORDS[language]}
        return Recipe(code.format(**values), (lead_zh if language == "zh" else lead).format(**values))
    return None
