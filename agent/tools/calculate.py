"""Arithmetic, exact where it can be, over Python's own grammar and with bounds on every number."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from agent.tools.base import Args, Tool, ToolContext, ToolError, ToolResult
from agent.wording import Number, pick, say_equals, sentence

DIGITS = 300  # a longer number is neither spoken nor read
DEPTH = 40
LIMIT = Fraction(10) ** DIGITS

BINARY: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
}


class Unworkable(Exception):
    """Not arithmetic, or out of bounds. `reason`: "zero", "size", "domain" or "form"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def evaluate(expression: str) -> Number:
    """The value of `+ - * / // % **`, brackets and a few functions; `Fraction` if exact, else `float`.

    Raises `Unworkable`. No power is computed before its size is known, so there are no bombs.
    """
    if len(expression) > 500:
        raise Unworkable("size")
    try:
        tree = ast.parse(expression.replace("^", "**").strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Unworkable("form") from error
    return _value(tree.body, 0)


def _value(node: ast.expr, depth: int) -> Number:
    if depth > DEPTH:
        raise Unworkable("size")
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            text = ast.unparse(node)
            return _bounded(Fraction(text) if "inf" not in text else LIMIT * 2)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            inner = _value(operand, depth + 1)
            return -inner if isinstance(sign, ast.USub) else inner
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, depth + 1), _value(right, depth + 1))
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in BINARY:
            return _combine(BINARY[type(kind)], _value(left, depth + 1), _value(right, depth + 1))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS and 1 <= len(args) <= 50:
            return _bounded(FUNCTIONS[name]([_value(arg, depth + 1) for arg in args]))
    raise Unworkable("form")


def _combine(operate: Callable[[Fraction, Fraction], Fraction], left: Number, right: Number) -> Number:
    try:
        value = operate(Fraction(left), Fraction(right))
    except ZeroDivisionError as error:
        raise Unworkable("zero") from error
    exact = isinstance(left, Fraction) and isinstance(right, Fraction)
    return _bounded(value if exact else float(value))


def _bounded(value: Number) -> Number:
    if isinstance(value, float) and not math.isfinite(value):
        raise Unworkable("size")
    if isinstance(value, Fraction) and (max(value, -value) >= LIMIT or value.denominator >= LIMIT):
        raise Unworkable("size")
    return value


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        return _whole_power(base, int(exponent))
    try:
        return _bounded(math.pow(float(base), float(exponent)))
    except OverflowError as error:
        raise Unworkable("size") from error
    except ValueError as error:
        raise Unworkable("domain") from error


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    if base == 0 and exponent < 0:
        raise Unworkable("zero")
    size = max(abs(base.numerator), base.denominator)
    if size == 1:  # 0, 1 or −1: only the parity counts
        return base ** (exponent if abs(exponent) < 2 else 2 + exponent % 2)
    if abs(exponent) * math.log10(size) > DIGITS:
        raise Unworkable("size")
    return base**exponent


def _root(values: Sequence[Number]) -> Number:
    value = values[0]
    if value < 0:
        raise Unworkable("domain")
    if isinstance(value, Fraction):
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    return math.sqrt(value)


def _cube_root(values: Sequence[Number]) -> Number:
    nearest = Fraction(round(math.cbrt(values[0])))
    return nearest if nearest**3 == values[0] else math.cbrt(values[0])


def _mean(values: Sequence[Number]) -> Number:
    total: Number = Fraction(0)
    for value in values:
        total = _combine(operator.add, total, value)
    return _combine(operator.truediv, total, Fraction(len(values)))


FUNCTIONS: dict[str, Callable[[Sequence[Number]], Number]] = {
    "sqrt": _root,
    "cbrt": _cube_root,
    "mean": _mean,
    "abs": lambda values: max(values[0], -values[0]),
    "round": lambda values: Fraction(round(values[0])),
    "min": lambda values: min(values),
    "max": lambda values: max(values),
}


class CalculateArgs(Args):
    """`said`: how the person would read the expression aloud, in their language ("17 percent of 2,340")."""

    expression: str = Field(
        max_length=500, description="Arithmetic with + - * / // % ** ( ), sqrt, cbrt, mean, min, max"
    )
    said: str = Field("", max_length=300, description="the calculation in words, to be read before 'is …'")
    unit: Literal["", "percent"] = Field("", description="percent if the result is one")


class Calculate(Tool):
    """Exact arithmetic."""

    name: ClassVar[str] = "calculate"
    description: ClassVar[str] = "Works out an arithmetic expression exactly. Percent: write 17/100*2340."
    args: ClassVar[type[Args]] = CalculateArgs

    async def run(self, args: CalculateArgs, context: ToolContext) -> ToolResult:
        try:
            value = evaluate(args.expression)
        except (Unworkable, ValueError, OverflowError) as error:
            raise ToolError(_explain(error, args, context.language)) from error
        said = args.said or args.expression
        unit = "%" if args.unit and context.language == "zh" else args.unit
        return ToolResult(say_equals(said, value, context.language, unit), {"value": str(value), "unit": ""})


def _explain(error: Exception, args: CalculateArgs, language: str) -> str:
    said = args.said or args.expression
    match error.reason if isinstance(error, Unworkable) else "size":
        case "zero":
            return pick(language, "That divides by zero, so it has no answer.", "这里要除以零，所以没有答案。")
        case "size":
            return pick(language, "That number is too large for me to work out.", "这个数太大，我算不了。")
        case "domain":
            return pick(language, "That has no answer among the ordinary numbers.", "这在实数范围内没有答案。")
    english = sentence(f"I could not read {said} as a calculation")
    return pick(language, english, f"我没能把“{said}”看作一道算式。")
