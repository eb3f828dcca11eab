"""Conversion between units of measure: exact factors, names in English and Chinese.

An own table rather than a units library: most of it is what people call the units in two languages, and
the factors are exact by definition (international yard and pound, US liquid measures, ITS-90 offsets).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from agent.tools.base import Args, Tool, ToolContext, ToolError, ToolResult
from agent.tools.calculate import Unworkable, evaluate
from agent.wording import pick, say_number, sentence


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor` to the base of `kind`, then `offset` (temperatures only). `one`, `many`, `zh`: how it is said."""

    kind: str
    factor: Fraction
    one: str
    many: str
    zh: str
    offset: Fraction = Fraction(0)


# kind | factor | singular | plural | Chinese | other names
TABLE = """
length|1|metre|metres|米|m meter meters 公尺
length|1000|kilometre|kilometres|公里|km kilometer kilometers kms 千米
length|0.01|centimetre|centimetres|厘米|cm centimeter centimeters 公分
length|0.001|millimetre|millimetres|毫米|mm millimeter millimeters
length|0.0254|inch|inches|英寸|in 寸
length|0.3048|foot|feet|英尺|ft
length|0.9144|yard|yards|码|yd
length|1609.344|mile|miles|英里|mi
length|1852|nautical mile|nautical miles|海里|
length|500|li|li|里|
mass|1|kilogram|kilograms|公斤|kg kilo kilos kgs 千克
mass|0.001|gram|grams|克|g gramme grammes
mass|0.000001|milligram|milligrams|毫克|mg
mass|1000|tonne|tonnes|吨|t ton tons
mass|0.45359237|pound|pounds|磅|lb lbs
mass|0.028349523125|ounce|ounces|盎司|oz
mass|6.35029318|stone|stone|英石|st
mass|0.5|jin|jin|斤|
volume|1|litre|litres|升|l liter liters
volume|0.001|millilitre|millilitres|毫升|ml milliliter milliliters
volume|3.785411784|gallon|gallons|加仑|gal
volume|0.473176473|pint|pints|品脱|
volume|0.2365882365|cup|cups|杯|
volume|0.01478676478125|tablespoon|tablespoons|汤匙|tbsp
volume|0.00492892159375|teaspoon|teaspoons|茶匙|tsp
time|1|second|seconds|秒|s sec secs 秒钟
time|60|minute|minutes|分钟|min mins 分
time|3600|hour|hours|小时|h hr hrs 个小时 钟头
time|86400|day|days|天|日
time|604800|week|weeks|周|星期 个星期 礼拜
time|31557600|year|years|年|yr yrs
speed|1/3.6|kilometre an hour|kilometres an hour|公里每小时|km/h kmh kph
speed|0.44704|mile an hour|miles an hour|英里每小时|mph
speed|1|metre a second|metres a second|米每秒|m/s
speed|1852/3600|knot|knots|节|kt
area|1|square metre|square metres|平方米|m2 平米
area|1000000|square kilometre|square kilometres|平方公里|km2
area|10000|hectare|hectares|公顷|ha
area|4046.8564224|acre|acres|英亩|
area|2000/3|mu|mu|亩|
data|1|byte|bytes|字节|
data|1000|kilobyte|kilobytes|千字节|kb
data|1000000|megabyte|megabytes|兆字节|mb 兆
data|1000000000|gigabyte|gigabytes|吉字节|gb
data|1000000000000|terabyte|terabytes|太字节|tb
temperature|1|degree Celsius|degrees Celsius|摄氏度|celsius centigrade c °c 度 ℃
temperature|5/9|degree Fahrenheit|degrees Fahrenheit|华氏度|fahrenheit f °f ℉
temperature|1|kelvin|kelvin|开尔文|k
"""
OFFSETS = {"degree Fahrenheit": Fraction(-160, 9), "kelvin": Fraction(-5463, 20)}  # to Celsius


def _fraction(text: str) -> Fraction:
    top, _, bottom = text.partition("/")
    return Fraction(top) / Fraction(bottom or 1)


def _units() -> dict[str, Unit]:
    named: dict[str, Unit] = {}
    for line in TABLE.split("\n"):
        if line:
            kind, factor, one, many, zh, others = line.split("|")
            unit = Unit(kind, _fraction(factor), one, many, zh, OFFSETS.get(one, Fraction(0)))
            for name in (one, many, zh, *others.split()):
                named[name.lower()] = unit
    return named


UNITS = _units()


def find_unit(name: str) -> Unit | None:
    """A unit by any of its names: "km", "Kilometres", "公里"; "degrees fahrenheit", "square feet" are none of ours."""
    name = " ".join(name.lower().replace(" per ", " an ").split())
    for candidate in (name, name.removeprefix("degrees "), name.removeprefix("degree "), name.replace(" an ", " a ")):
        if candidate in UNITS:
            return UNITS[candidate]
    return None


def convert(value: Fraction, source: Unit, target: Unit) -> Fraction:
    """`value` of one unit in another of the same kind."""
    return (value * source.factor + source.offset - target.offset) / target.factor


class ConvertArgs(Args):
    """An amount, as a number or an expression, and two units by name."""

    amount: str = Field(max_length=200, description="a number, e.g. 26.2")
    source: str = Field(max_length=40, description="unit to convert from, e.g. miles")
    target: str = Field(max_length=40, description="unit to convert to, e.g. km")


class Convert(Tool):
    """Units of measure."""

    name: ClassVar[str] = "convert"
    description: ClassVar[str] = "Converts length, mass, volume, time, speed, area, data or temperature between units."
    args: ClassVar[type[Args]] = ConvertArgs

    async def run(self, args: ConvertArgs, context: ToolContext) -> ToolResult:
        source, target = find_unit(args.source), find_unit(args.target)
        if source is None or target is None:
            unknown = args.source if source is None else args.target
            raise ToolError(
                pick(context.language, f"I do not know the unit {unknown}.", f"我不认识“{unknown}”这个单位。")
            )
        if source.kind != target.kind:
            raise ToolError(_mismatch(source, target, context.language))
        try:
            amount = Fraction(evaluate(args.amount))
        except Unworkable as error:
            message = sentence(f"I could not read {args.amount} as a number")
            raise ToolError(pick(context.language, message, f"我没能把“{args.amount}”看作数字。")) from error
        value = convert(amount, source, target)
        text = _say(amount, source, value, target, context.language)
        return ToolResult(text, {"value": str(value), "unit": target.one})


def _mismatch(source: Unit, target: Unit, language: str) -> str:
    english = sentence(
        f"{source.many} cannot be converted to {target.many}: one is {source.kind}, the other {target.kind}"
    )
    return pick(language, english, f"{source.zh}和{target.zh}不是同一类单位，不能换算。")


def say_amount(value: Fraction, unit: Unit, language: str) -> str:
    """`1 mile`, `26.2 miles`, `5公里`."""
    number, _ = say_number(value, language)
    if language == "zh":
        return f"{number}{unit.zh}"
    return f"{number} {unit.one if value == 1 else unit.many}"


def _say(amount: Fraction, source: Unit, value: Fraction, target: Unit, language: str) -> str:
    """Two decimals are enough for the ear; below one, the first digits that say something."""
    spoken = Fraction(round(value, 2)) if abs(value) >= 1 else Fraction(f"{float(value):.3g}")
    about = "" if spoken == value else pick(language, "about ", "约")
    said, result = say_amount(amount, source, language), say_amount(spoken, target, language)
    return pick(language, sentence(f"{said} is {about}{result}"), f"{said}{about}是{result}。")
