"""Numbers as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from interaction.understanding.numerals import LARGEST, number, whole

ENGLISH = {
    "zero": 0, "seven": 7, "twenty five": 25, "twenty-five": 25, "a hundred": 100, "two hundred and fifty": 250,
    "two hundred fifty": 250, "three thousand two hundred and one": 3201, "two million": 2_000_000, "2,340": 2340,
    "1,000,000": 1_000_000, "3.5": 3.5, "two point five": 2.5, "point five": 0.5, "a couple": 2, "a couple of": 2,
    "a few": 3, "a dozen": 12, "half a dozen": 6, "two dozen": 24, "half": 0.5, "one and a half": 1.5,
    "two and a half": 2.5, "three quarters": 0.75, "a quarter": 0.25, "5": 5, "no": 0,
}  # fmt: skip
CHINESE = {
    "零": 0, "五": 5, "十": 10, "十五": 15, "三十": 30, "二十五": 25, "两百五十": 250, "两百五": 250, "两百零五": 205,
    "一千零一": 1001, "一万五": 15_000, "两亿三千万": 230_000_000, "二三四零": 2340, "三点一四": 3.14, "半": 0.5,
    "两": 2, "兩百": 200, "3万": 30_000, "2,340": 2340, "几": 3, "三萬": 30_000,
}  # fmt: skip
NEITHER = [
    "",
    " ",
    "and",
    "five twenty",
    "hundred and",
    "a",
    "cat",
    "one two three four",
    "1,23",
    "..",
    "二二十",
    "点点",
]


@pytest.mark.parametrize(("text", "value"), ENGLISH.items())
def test_english_numbers(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value)


@pytest.mark.parametrize(("text", "value"), CHINESE.items())
def test_chinese_numbers(text: str, value: float) -> None:
    assert number(text, "zh") == pytest.approx(value)


@pytest.mark.parametrize("text", [text for text in NEITHER if text != "a"])
def test_what_is_no_number(text: str) -> None:
    assert number(text, "en") is None and number(text, "zh") is None


@given(st.integers(0, 999_999_999))
def test_every_whole_number_spelt_out_is_read_back(value: int) -> None:
    assert whole(num2words(value)) == value
    assert whole(str(value)) == value == whole(f"{value:,}")


@given(st.integers(0, 99_999_999))
def test_every_chinese_number_written_out_is_read_back(value: int) -> None:
    assert whole(written(value), "zh") == value


def written(value: int) -> str:
    """A number in Chinese characters, the plain way."""
    if value >= 10_000:
        rest = value % 10_000
        return written(value // 10_000) + "万" + (("零" if rest < 1_000 else "") + written(rest) if rest else "")
    for size, unit in ((1_000, "千"), (100, "百"), (10, "十")):
        if value >= size:
            rest = value % size
            return (
                "零一二三四五六七八九"[value // size]
                + unit
                + (("零" if rest < size // 10 else "") + written(rest) if rest else "")
            )
    return "零一二三四五六七八九"[value]


@given(st.text(max_size=100), st.sampled_from(["en", "zh"]))
def test_no_text_breaks_it(text: str, language: str) -> None:
    value = number(text, language)
    assert value is None or 0 <= value <= LARGEST


def test_only_whole_numbers_count_things() -> None:
    assert whole("two and a half") is None
    assert whole("2") == 2
