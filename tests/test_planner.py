"""How people put tasks, in English and Chinese, and what comes of them: the planner, its numbers, dates and sums."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from agent.dates import find_date, shift
from agent.graph import fill
from agent.numbers import digits
from agent.planner import STEPS, plan
from agent.recipes import find_recipe
from agent.sandbox import Limits, execute
from agent.state import Done
from agent.tools.base import Tool, ToolContext, ToolError
from agent.tools.calculate import Calculate, Unworkable, evaluate
from agent.tools.clock import Clock
from agent.tools.senses import LookNow, Recall
from agent.tools.units import UNITS, Convert, convert, find_unit
from agent.wording import say_number, sentence, shorten
from interaction.clock import stopwatch

NOW = datetime(2026, 11, 23, 14, 35, tzinfo=ZoneInfo("Europe/Berlin"))  # a Monday


async def recall(question: str, language: str) -> str:
    return f"[{question}]"


async def look() -> str:
    return "I see 3 people."


TOOLS: dict[str, Tool] = {
    tool.name: tool for tool in (Calculate(), Convert(), Clock(), Recall(recall, 500), LookNow(look, 500))
}


async def carried_out(question: str, language: str) -> str:
    """What the person would hear; a step in Python stands as `<lead>`, because its output is another test's matter."""
    found, told, before = plan(question, language), [], None
    for step in found.steps:
        if step["tool"] == "python":
            told.append(f"<{step['args'].get('lead') or step['args']['code']}>")
            continue
        tool = TOOLS[step["tool"]]
        try:
            args = tool.parse(fill(step["args"], before, language))
            result = await tool.run(args, ToolContext("t:0", language, NOW))
        except ToolError as error:
            told.append(f"! {error}")
            break
        before = Done(tool=tool.name, text=result.text, data=dict(result.data), artefacts=[], ok=True, untrusted=False)
        told.append(result.text)
    return " ".join(told + ([f"! {found.undone}"] if found.undone else []))


MODEL = "It needs a language model, and none is set up (LOOKOUT_AGENT__URL)."
WEB = (
    "It needs the web or an account of yours, and I have neither; "
    "an outside agent could be set up for it (LOOKOUT_AGENT__SOLVE_URL)."
)
ENGLISH = [
    # sums, in digits and in words
    ("Work out 17 percent of 2,340 for me.", "17 percent of 2,340 is 397.8."),
    ("work out seventeen percent of two thousand three hundred and forty", "17 percent of 2,340 is 397.8."),
    ("What's 12 times 14?", "12 times 14 is 168."),
    ("can you please calculate twelve times fourteen", "12 times 14 is 168."),
    ("add five and six", "5 plus 6 is 11."),
    ("subtract 5 from twelve", "12 minus 5 is 7."),
    ("what is 5 million plus three", "5,000,000 plus 3 is 5,000,003."),
    ("a hundred and twenty divided by a dozen", "120 divided by 12 is 10."),
    ("minus five times four", "Minus 5 times 4 is -20."),
    ("10 divided by 3", "10 divided by 3 is about 3.3333."),
    ("square root of two", "Square root of 2 is about 1.4142."),
    ("what is the square root of one million", "The square root of 1,000,000 is 1,000."),
    ("two to the power of ten", "2 to the power of 10 is 1,024."),
    ("half of ninety", "Half of 90 is 45."),
    ("one third of ninety", "1/3 of 90 is 30."),
    ("the average of 3, 4 and 8", "The average of 3, 4 and 8 is 5."),
    ("3.5 plus one half", "3.5 plus 0.5 is 4."),
    ("what is (3 + 4) * 2", "(3 plus 4) times 2 is 14."),
    ("what is 0.1 + 0.2", "0.1 plus 0.2 is 0.3."),
    ("what is one divided by zero", "! That divides by zero, so it has no answer."),
    ("what is 9 to the power of 9 to the power of 9", "! That number is too large for me to work out."),
    # percentages
    ("20 percent off 50", "20 percent off 50 is 40."),
    ("what is 200 plus 15%", "200 plus 15 percent is 230."),
    ("increase 80 by 5 percent", "80 plus 5 percent is 84."),
    ("what percent of 80 is 12", "12 out of 80 is 15 percent."),
    ("what percentage is 12 of 48?", "12 out of 48 is 25 percent."),
    ("twelve and a half percent of eighty", "12.5 percent of 80 is 10."),
    # units
    ("convert 10 miles to kilometres", "10 miles is about 16.09 kilometres."),
    ("how many feet are in 3 metres", "3 metres is about 9.84 feet."),
    ("how many feet in a mile", "1 mile is 5,280 feet."),
    ("how many seconds are there in two and a half hours", "2.5 hours is 9,000 seconds."),
    ("an hour and a half in minutes", "1.5 hours is 90 minutes."),
    ("half an hour in seconds", "0.5 hours is 1,800 seconds."),
    ("what is seventy two degrees fahrenheit in celsius", "72 degrees Fahrenheit is about 22.22 degrees Celsius."),
    ("3 pounds in kilos", "3 pounds is about 1.36 kilograms."),
    ("3 pounds in metres", "! Pounds cannot be converted to metres: one is mass, the other length."),
    # dates and time
    ("how many days until Christmas", "There are 32 days until Christmas."),
    ("how long until new year", "There are 39 days until New Year."),
    ("when is easter", "There are 125 days until Easter."),
    ("how many days until 25 December 2027", "There are 397 days until 25 December 2027."),
    ("What day of the week is 3 March 2027?", "3 March 2027 is a Wednesday."),
    ("what day of the week is the third of march twenty twenty seven", "3 March 2027 is a Wednesday."),
    ("what's the date in 45 days", "45 days from now is Thursday, 7 January 2027."),
    ("what date was it 3 weeks ago", "3 weeks ago was Monday, 2 November 2026."),
    ("what day is 2 weeks after christmas", "2 weeks after 25 December 2026 is Friday, 8 January 2027."),
    ("how many days since 1 November 2026", "1 November 2026 was 22 days ago."),
    ("how many days between 1 March 2027 and 1 April 2027", "There are 31 days between 1 March 2027 and 1 April 2027."),
    ("what day is it today", "Today is Monday, 23 November 2026."),
    ("what time is it", "It is 14:35."),
    ("what time is it in Tokyo", "In Tokyo it is 22:35 on Monday."),
    # two steps and more
    ("work out 12 times 14 and then take 20 percent of it", "12 times 14 is 168. 20 percent of 168 is 33.6."),
    ("add 5 and 6, then multiply it by 3", "5 plus 6 is 11. 11 times 3 is 33."),
    ("10 divided by 3 and then double it", "10 divided by 3 is about 3.3333. 3.3333 times 2 is about 6.6667."),
    (
        "how many days until Christmas and what is that in weeks",
        "There are 32 days until Christmas. 32 days is about 4.57 weeks.",
    ),
    ("convert 3 km to metres, then divide it by 4", "3 kilometres is 3,000 metres. 3,000 divided by 4 is 750."),
    ("2 plus 2; 3 plus 3", "2 plus 2 is 4. 3 plus 3 is 6."),
    ("add 5 and 6 and convert that to miles", "5 plus 6 is 11. ! That number has no unit, so I cannot convert it."),
    # looking back and looking now
    ("when did someone last come in", "[when did someone last come in]"),
    ("Where did I put the cup?", "[Where did I put the cup?]"),
    ("what did you say about the door", "[what did you say about the door]"),
    ("how long since someone left", "[how long since someone left]"),
    ("how many times did someone come in today", "[how many times did someone come in today]"),
    ("look at the picture and count the people", "I see 3 people."),
    ("how many people are in the picture", "I see 3 people."),
    (
        "look at the picture and then tell me when someone last came in",
        "I see 3 people. [tell me when someone last came in]",
    ),
    # programs
    ("run this python: print(2**100)", "<print(2**100)>"),
    ("Please run this code:\n```python\nfor i in range(3):\n    print(i)\n```", "<for i in range(3):\n    print(i)>"),
    ("list the first 20 primes", "<The first 20 primes are>"),
    ("list the first twenty primes and then add 5 and 7", "<The first 20 primes are> 5 plus 7 is 12."),
    ("is ninety seven a prime number?", "<97 is>"),
    ("the factorial of twenty", "<20 factorial is>"),
    ("roll two dice", "<I rolled>"),
    ("pick a random number between 1 and 10", "<I picked>"),
    ("how many letters are in the word strawberry", "<The number of letters in strawberry is>"),
    # what cannot be done, and what it would take
    ("book a flight to Paris", f"! I cannot do this: book a flight to Paris. {WEB}"),
    ("send an email to Anna", f"! I cannot do this: send an email to Anna. {WEB}"),
    ("what's the weather tomorrow?", f"! I cannot do this: what's the weather tomorrow. {WEB}"),
    ("write a poem about 5 plus 5 cats", f"! I cannot do this: write a poem about 5 plus 5 cats. {MODEL}"),
    ("translate hello into French", f"! I cannot do this: translate hello into French. {MODEL}"),
    (
        "summarise the news",
        "! I cannot do this: summarise the news. "
        "It needs the web and a language model (LOOKOUT_AGENT__URL); I have neither.",
    ),
    ("blorp the fnord", f"! I could not make out how to do this with my tools: blorp the fnord. {MODEL}"),
    ("take 20 percent of it", f"! I could not make out how to do this with my tools: take 20 percent of it. {MODEL}"),
    ("add 5 and 7 and write a poem about it", f"5 plus 7 is 12. ! I cannot do this: write a poem about it. {MODEL}"),
]  # fmt: skip
MODEL_ZH = "需要语言模型，目前没有配置（LOOKOUT_AGENT__URL）。"
WEB_ZH = "需要上网或用你的账户，我没有这个能力；可以接入外部代理（LOOKOUT_AGENT__SOLVE_URL）。"
CHINESE = [
    ("百分之十七的两千三百四十是多少", "17%的2340是397.8。"),
    ("帮我算一下两千三百四十的百分之十七", "2340的17%是397.8。"),
    ("三加五等于几？", "3加5是8。"),
    ("十除以三", "10除以3约等于3.3333。"),
    ("一万两千三百四十五减三千", "12345减3000是9345。"),
    ("一百打八折", "100打8折是80。"),
    ("十六的平方根", "16的平方根是4。"),
    ("二的十次方", "2的10次方是1024。"),
    ("九十的三分之一", "90的1/3是30。"),
    ("十二乘以十四，再取百分之二十", "12乘以14是168。 168的20%是33.6。"),
    ("十二乘以十四然后除以四", "12乘以14是168。 168除以4是42。"),
    ("十公里是多少英里", "10公里约是6.21英里。"),
    ("把三个半小时换算成分钟", "3.5小时是210分钟。"),
    ("三十七摄氏度等于多少华氏度", "37摄氏度是98.6华氏度。"),
    ("离圣诞节还有多少天", "距离圣诞节还有32天。"),
    ("圣诞节还有多少天，合多少周", "距离圣诞节还有32天。 32天约是4.57周。"),
    ("春节还有几天", "距离春节还有75天。"),
    ("二零二七年三月三日是星期几", "2027年3月3日是星期三。"),
    ("今天星期几", "今天是2026年11月23日星期一。"),
    ("十天以后是几月几号", "10天后是2026年12月3日星期四。"),
    ("现在几点", "现在是14:35。"),
    ("东京现在几点", "东京现在是星期一22:35。"),
    ("上次有人进来是什么时候", "[上次有人进来是什么时候]"),
    ("我把杯子放在哪了？", "[我把杯子放在哪了]"),
    ("看看画面，数一下有几个人", "I see 3 people."),
    ("运行这段python：print(1+1)", "<print(1+1)>"),
    ("列出前二十个质数", "<前20个质数是>"),
    ("掷两个骰子", "<我掷出了>"),
    ("订一张去巴黎的机票", f"! “订一张去巴黎的机票”{WEB_ZH}"),
    ("写一首诗", f"! “写一首诗”{MODEL_ZH}"),
    ("总结一下新闻", "! “总结一下新闻”需要上网和语言模型（LOOKOUT_AGENT__URL），目前都没有。"),
    ("十二乘以十四，再写一首诗", f"12乘以14是168。 ! “写一首诗”{MODEL_ZH}"),
]


@pytest.mark.parametrize(("question", "heard"), ENGLISH)
async def test_what_people_say_in_english(question: str, heard: str) -> None:
    assert await carried_out(question, "en") == heard


@pytest.mark.parametrize(("question", "heard"), CHINESE)
async def test_what_people_say_in_chinese(question: str, heard: str) -> None:
    assert await carried_out(question, "zh") == heard


def test_a_task_of_too_many_parts_is_refused_whole() -> None:
    found = plan(" and then ".join(["add 1 and 2"] * (STEPS + 1)), "en")
    assert not found.steps and MODEL in found.undone


@pytest.mark.parametrize(
    "question", ["", "?!", "and then", "，。", "\0\x1b[31m", "of of of", "%%%", "($" * 500, "17", "it"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_rubbish_is_refused_and_never_raises(question: str, language: str) -> None:
    found = plan(question, language)
    assert not found.steps and found.undone


def test_planning_is_quick_also_for_hostile_input() -> None:
    plan("warm up the numeral libraries: two plus two", "en"), plan("二加二", "zh")
    elapsed = stopwatch()
    for text in ("how many " * 400, "the first " + "9" * 3000, "a and " * 600, "一" * 3000, "的" * 100, "1 to " * 50):
        plan(text, "en")
        plan(text, "zh")
    assert elapsed() < 3


# ---- recipes really give what their sentence says ----


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("wish", "output"),
    [
        ("first 10 primes", "2, 3, 5, 7, 11, 13, 17, 19, 23, 29"),
        ("primes below 20", "2, 3, 5, 7, 11, 13, 17, 19"),
        ("is 97 prime", "prime"),
        ("is 91 prime", "not prime: 7 times 13"),
        ("is 1 prime", "not prime: 1"),
        ("prime factors of 360", "2, 2, 2, 3, 3, 5"),
        ("first 8 fibonacci numbers", "0, 1, 1, 2, 3, 5, 8, 13"),
        ("factorial of 20", "2432902008176640000"),
        ("greatest common divisor of 12 and 18", "6"),
        ("least common multiple of 4 and 6", "12"),
        ("how many letters are in strawberry", "10"),
        ("spell cat backwards", "T-A-C"),
    ],
)
async def test_recipes(wish: str, output: str) -> None:
    found = find_recipe(wish, "en")
    assert found is not None
    run = await execute(found.code, Limits())
    assert (run.ending, run.output.strip()) == ("completed", output), run


@pytest.mark.real_time
async def test_recipes_by_chance_stay_in_their_bounds() -> None:
    runs = await asyncio.gather(
        *(execute(find_recipe(wish, "en").code, Limits()) for wish in ("roll 3 dice", "toss a coin"))  # type: ignore[union-attr]
    )
    assert {int(part) for part in runs[0].output.split(",")} <= set(range(1, 7))
    assert runs[1].output.strip() in ("heads", "tails")


def test_recipes_have_bounds() -> None:
    assert find_recipe("first 100001 primes", "en") is None
    assert find_recipe("factorial of 9999999999", "en") is None


# ---- numbers, dates, arithmetic by themselves ----


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("two thousand three hundred and forty", "2340"),
        ("forty two point zero five", "42.05"),
        ("twenty-one and a quarter", "21.25"),
        ("nine hundred ninety nine", "999"),
        ("1.5 million", "1500000"),
        ("2,340 and 1,000,000", "2340 and 1000000"),
        ("which one is it", "which one is it"),
        ("the first second", "the first second"),
        ("december twenty fifth", "december 25th"),
    ],
)
def test_english_numbers(said: str, written: str) -> None:
    assert digits(said, "en") == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("１２×１４", "12*14"),
        ("三个半小时", "3.5小时"),
        ("星期一", "星期一"),
        ("一亿二千万", "120000000"),
        ("3万", "30000"),
        ("算一下", "算一下"),
    ],
)
def test_chinese_numbers(said: str, written: str) -> None:
    assert digits(said, "zh") == written


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("tomorrow", date(2026, 11, 24)),
        ("monday", date(2026, 11, 30)),
        ("friday", date(2026, 11, 27)),
        ("thanksgiving", date(2026, 11, 26)),
        ("christmas 2030", date(2030, 12, 25)),
        ("next christmas", date(2026, 12, 25)),
        ("chinese new year", date(2027, 2, 6)),
        ("29 february", date(2028, 2, 29)),
        ("jan 5th", date(2027, 1, 5)),
        ("2027-03-03", date(2027, 3, 3)),
        ("下周三", date(2026, 12, 2)),
        ("元旦", date(2027, 1, 1)),
        ("3月8号", date(2027, 3, 8)),
        ("30 february 2027", None),
        ("chinese new year 2090", None),
        ("the end of days", None),
        ("", None),
    ],
)
def test_named_days(phrase: str, day: date | None) -> None:
    assert find_date(phrase, NOW.date()) == day


def test_past_days_and_shifts() -> None:
    assert find_date("christmas", NOW.date(), past=True) == date(2025, 12, 25)
    assert find_date("monday", NOW.date(), past=True) == date(2026, 11, 16)
    assert shift(date(2027, 1, 31), 1, "month") == date(2027, 2, 28)
    with pytest.raises(OverflowError):
        shift(date(2027, 1, 1), 100_000, "year")
    with pytest.raises(OverflowError):
        shift(date(2027, 1, 1), 10**8, "day")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("9**9**9", "size"), ("10**400", "size"), ("2**-5000", "size"), ("1e400", "size"), ("9" * 501, "size"),
        ("1/0", "zero"), ("5 % 0", "zero"), ("0**-1", "zero"), ("sqrt(-1)", "domain"), ("(-8)**0.5", "domain"),
        ("__import__('os')", "form"), ("(1).real", "form"), ("[1]*9", "form"), ("'a'*9", "form"), ("True", "form"),
        ("1 if 1 else 2", "form"), ("lambda: 1", "form"), ("x", "form"), ("", "form"), ("1 +", "form"),
        ("sqrt()", "form"), ("-" * 60 + "1", "size"), ("round(1e300*1e10)", "size"), ("mean(*[1])", "form"),
        ("sqrt(1, x=2)", "form"),
    ],
)  # fmt: skip
def test_arithmetic_has_bounds(expression: str, reason: str) -> None:
    elapsed = stopwatch()
    with pytest.raises(Unworkable) as refused:
        evaluate(expression)
    assert refused.value.reason == reason
    assert elapsed() < 1


def test_arithmetic_is_exact() -> None:
    assert say_number(evaluate("17/100*2340"), "en") == ("397.8", True)
    assert evaluate("(-1)**10000001") == -1 and evaluate("0**0") == 1 and evaluate("cbrt(27)") == 3
    assert say_number(evaluate("1/3"), "en") == ("0.3333", False)
    assert say_number(evaluate("-1234567.5"), "en") == ("-1,234,567.5", True)
    assert say_number(evaluate("1/10**9"), "en") == ("0.000000001", True)
    assert say_number(evaluate("1/3/10**9"), "en") == ("3.333e-10", False)


def test_units_convert_there_and_back() -> None:
    amount = Fraction(7, 3)
    for unit in set(UNITS.values()):
        for other in set(UNITS.values()):
            if unit.kind == other.kind:
                assert convert(convert(amount, unit, other), other, unit) == amount
    assert find_unit("degrees Celsius") is find_unit("℃") is find_unit("摄氏度")
    assert find_unit("parsec") is None


def test_sentences() -> None:
    assert sentence("hello") == "Hello." and sentence("好。") == "好。"
    assert shorten("One. Two three four five.", 12).startswith("One")
    assert len(shorten("word " * 100, 50)) <= 50 and shorten("a\n\nb", 50) == "a b"
