"""Questions in English. Tables."""

from __future__ import annotations

import re

from interaction.intents import Intent, Question
from interaction.understanding.cameras import CAMERA_QUESTIONS_EN
from interaction.understanding.grammar import Build, Situation, Table, group, question
from interaction.understanding.showing_en import SHOWINGS
from interaction.understanding.steps import STEP_QUESTIONS_EN
from interaction.understanding.translation_en import TRANSLATIONS
from interaction.understanding.vocabulary_en import FRAGMENTS, label_of


def _count(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = "face" if re.search(r"\bfaces?\b", match["who"], re.IGNORECASE) else label_of(match["who"])
    return [Question("count", match.string, label)] if label else None


def _with_label(kind: str) -> Build[list[Intent]]:
    def build(match: re.Match[str], situation: Situation) -> list[Intent] | None:
        label = label_of(group(match, "who"))
        return [Question(kind, match.string, label)] if label else None  # type: ignore[arg-type]

    return build


def _remembered(kind: str) -> Build[list[Intent]]:
    """A question about the past; its label is the first thing that it mentions."""

    def build(match: re.Match[str], situation: Situation) -> list[Intent]:
        return [Question(kind, match.string, mentioned(match.string))]  # type: ignore[arg-type]

    return build


_WORD = re.compile(rf"\b(?:{FRAGMENTS['noun']}|anyone|anybody|someone|somebody|who|people)\b", re.IGNORECASE)


def mentioned(text: str) -> str | None:
    """The label of the first thing that a sentence mentions, things before people: "my cup" → "coffee cup"."""
    labels = [label_of(match[0]) or "person" for match in _WORD.finditer(text)]
    return next((label for label in labels if label != "person"), labels[0] if labels else None)


_NOW = r"(?: (?:right now|now|at the moment|currently|today|there|then|exactly|here|please|again|at present))*"
_SUPPOSED = (
    r"(?:are there|are|is there|is|do you see|can you see|did you count|there are|you see|you can see"
    r"|can you count)"
)

QUESTIONS: Table[list[Intent]] = Table(
    FRAGMENTS,
    *TRANSLATIONS,
    *STEP_QUESTIONS_EN,
    *SHOWINGS,
    *CAMERA_QUESTIONS_EN,
    # time
    (
        rf"{{askme}}?(?:what (?:is )?(?:the )?(?:exact )?time(?: is it| it is)?|the (?:current )?time"
        rf"|how late is it|what day (?:is it|it is|is today)|what (?:is )?(?:the |today's )?date(?: is it| it is"
        rf"| is today)?|(?:the|today's) date|what (?:month|year|weekday) is it){_NOW}",
        question("time"),
    ),
    # watches
    (
        rf"{{askme}}?what (?:are you|you are) (?:still )?(?:watching|looking|waiting|checking|monitoring|guarding"
        rf"|listening)(?: out)?(?: for)?{_NOW}",
        question("watches"),
    ),
    (
        r"{askme}?(?:what|which) (?:watches|reminders?|timers?|alarms?|requests)(?: (?:do i have|have i (?:set"
        r"|got)|are (?:there|set|running|active|on|left|pending)|is (?:there|set|running|active)))?.{0,20}",
        question("watches"),
    ),
    (
        r"{askme}?(?:list|show|read|tell|what are|name)(?: me)?(?: out)?(?: all)?(?: of)? ?(?:my|the|your|all"
        r"|active)(?: the| my| active)? (?:watches|reminders|timers|alarms|watch list|requests)",
        question("watches"),
    ),
    (
        r"{askme}?what did i (?:ask|tell|want) (?:for|you (?:to|for)(?: (?:watch|look|do|remind|tell|count|wait"
        r"|say).*)?)",
        question("watches"),
    ),
    (
        r"{askme}?(?:how (?:much (?:time|longer)|long|many (?:minutes|seconds|hours))(?: is| are"
        r"| do i have)?(?: there)? ?(?:left|remaining|remains?|to go|until (?:the|my) (?:timer|alarm|reminder)).*"
        r"|when (?:does|is|will) (?:the|my) (?:timer|alarm|reminder|next reminder).*"
        r"|are you (?:still )?(?:watching|looking|waiting|counting)(?: .*)?|how many (?:watches|reminders|timers"
        r"|alarms) .*)",
        question("watches"),
    ),
    # background work
    (
        r"(?:how (?:is|are|goes) (?:it|the|that|your|things)? ?(?:task|work|calculation|research|search|job"
        r"|program|report|background work)?(?: ?(?:going|coming along|progressing|getting on))|how far (?:are you"
        r"|along are you|have you got).*|are you (?:done|finished|ready)(?: yet| with .*| already)?|(?:have you"
        r"|did you) (?:finish|finished|done|find|found|work|worked)(?: it| anything)?(?: out)?(?: yet| with .*)?"
        r"|is (?:it|that|the (?:task|calculation|research|work|report|program|answer|result)) (?:done|finished"
        r"|ready|complete)(?: yet)?|what are you (?:working on|doing|busy with)(?: now| right now)?"
        r"|any (?:progress|results?|news|answer)(?: yet| on .*)?|what is the (?:status|progress)(?: of .*)?"
        r"|do you have (?:the|an) (?:answer|result)(?: yet)?)",
        question("tasks"),
    ),
    # ability
    (
        r"{askme}?(?:what (?:else )?(?:can|could|do|are) you (?:do|able to do|help(?: me)? with|good (?:at|for)"
        r"|watch(?: out)? for|recogni[sz]e|detect|count|understand)(?: for me)?|help(?: me)?|what (?:can|could"
        r"|should|may|do) i (?:ask|say|do|tell|try)(?: (?:you|to you|here|for|now))*|how (?:do|does) (?:you|this"
        r"|it|lookout) work|how do i use (?:you|this|it)|who are you|what are you|what is (?:your name|lookout)"
        r"|(?:what|which) (?:things|objects|animals|kinds of things) (?:can|do) you (?:see|recogni[sz]e|know"
        r"|detect|watch|count)(?: for)?|what are your (?:abilities|capabilities|skills|limits)|introduce yourself)",
        question("ability"),
    ),
    # running counts
    (
        r"{askme}?how many (?:times )?(?:.{1,60} )?(?:so far|up to now|until now|till now|in total|altogether"
        r"|already|all together|yet)",
        question("tally"),
    ),
    (
        r"{askme}?(?:how many (?:{noun} )?(?:have you (?:counted|seen)|did you count|is that|does that make"
        r"|was that)"
        r"|what (?:is|was) (?:the|your) (?:count|tally|total|score|number)|the (?:count|tally|total|score)).{0,30}",
        question("tally"),
    ),
    # elapsed
    (
        r"{askme}?(?:how (?:long|much time|many (?:minutes|hours|seconds|days))(?: has (?:it been|passed|gone by)"
        r"| is it| was it| it has been| have passed)? ?(?:since|ago)\b.*|how long (?:has|have|had) .* (?:been"
        r"|stood|sat|gone|left|waited|worked)\b.*|how much time has (?:passed|gone by).*|how long (?:was|were"
        r"|did) .*|for how long (?:has|have) .*)",
        _remembered("elapsed"),
    ),
    # memory
    (
        r"{askme}?how many .{1,60} (?:today|yesterday|this (?:morning|afternoon|evening|week)|last .{1,30}"
        r"|while i was .*|since .*|in the last .*)",
        _remembered("memory"),
    ),
    (
        r"{askme}?how many (?:times (?:has|have|did) .*|{noun} (?:have (?:been|come|entered|left|gone|arrived"
        r"|walked|passed)|came|entered|left|arrived|passed|walked|went)\b.*)",
        question("tally"),
    ),
    (
        r"(?:{askme}|and )?(?:when|at what time|what time|how often|why|where|how) (?:did|was|were|has|have"
        r"|had)\b.*",
        _remembered("memory"),
    ),
    (
        r"did (?:anyone|anybody|someone|somebody|you (?:see|notice|hear|say|tell|spot)|he|she|they|i|we|it|the|my"
        r"|anything|something|a|an|any|people|nobody)\b.*",
        _remembered("memory"),
    ),
    (
        r"(?:has|have|had|was|were) (?:anyone|anybody|someone|somebody|you (?:ever )?(?:seen|noticed|spotted|heard"
        r"|said|told)|he|she|they|i|we|there|the|my|anything|something|a|an|any|people|it)\b.*",
        _remembered("memory"),
    ),
    (
        r"{askme}?who (?:came|was|were|has|have|had|entered|left|went|took|arrived|visited|did)\b.*",
        _remembered("memory"),
    ),
    (
        r"{askme}?(?:what|which|how much) (?:did|has|have|had|was|were|happened|went on)\b.*|what else (?:did|has"
        r"|have|was|happened)\b.*",
        _remembered("memory"),
    ),
    (
        r"(?:{askme} )?(?:anything (?:happen(?:ed)?|new|interesting)|what i missed|what happened|catch me up"
        r"|what is new|did i miss anything)(?: .*)?",
        _remembered("memory"),
    ),
    (
        r"(?:do you )?(?:remember|recall) .*|what do you (?:remember|know) about .*|(?:when|what"
        r"|where) (?:is|was) the last time .*|the last time .*",
        _remembered("memory"),
    ),
    (
        r"{askme}?(?:when|if|whether|where|what|how) (?:.{1,60} )?{past}\b.*",
        lambda m, s: (
            _remembered("memory")(m, s)
            if re.match(r"(?:tell|show|remind|let|do you know|i )", m.string, re.IGNORECASE)
            else None
        ),
    ),
    (r"find (?:my|the) .*|have you (?:got )?any idea where .*", _remembered("memory")),
    # text
    (
        r"(?:(?:tell|show) me )?what (?:does|do) (?:it|that|this|the|my|those|these|they)(?: .{1,40})? (?:say|read"
        r"|mean|show|display)(?: there| here| now| on .*| in .*)?",
        question("text"),
    ),
    (
        r"{askme}?(?:what|whatever) (?:it|that|this|the .{1,30}|is written|is printed|stands)(?: ?(?:says|reads"
        r"|shows|written))?(?: there| here| on .*| in .*)?",
        lambda m, s: (
            question("text")(m, s)
            if re.search(r"\b(?:says|reads|written|printed|shows)\b", m.string, re.IGNORECASE)
            else None
        ),
    ),
    (
        r"(?:what|which|is there(?: any)?|do you see any|can you see any) (?:text|words?|writing|letters?"
        r"|number)(?: (?:do you see|can you see|can you read|is|are|there|is there|are there|in|on|at).*)?",
        question("text"),
    ),
    (
        r"read(?: (?:it|that|this|out|aloud|out loud|to|me|for|again|us))*(?: (?:the|what|everything|all|any"
        r"|whatever|my|this|that|those) .{1,80})?(?: (?:to me|aloud|out loud|out|for me|again))*",
        question("text"),
    ),
    # numbers now
    (
        r"{askme}?how many (?P<who>{noun}|faces?|of us|of them)(?: (?:do you|can you|are|is|you|have|do|on|in|at"
        r"|here|there|right|now|visible|currently|sitting|standing)\b.*)?",
        _count,
    ),
    (rf"{{askme}}?how many(?: {_SUPPOSED})?{_NOW}(?: of (?:them|us))?", question("count")),
    (r"{askme}?(?:the )?number of (?P<who>{noun}|faces?)(?: .*)?", _count),
    (
        r"{askme}?(?:if )?(?:(?:is|are|do we have) (?:there )?(?:still )?(?:any |a |an )?|(?:do"
        r"|can) you (?:still )?(?:see|spot|find|detect) |see )(?P<who>{subject}|(?:a |my |any )?faces?)(?: (?:here"
        r"|there|still|yet|now|visible|around|present|left|outside|inside|right))*{tail}",
        _count,
    ),
    (
        r"(?:anyone|anybody|somebody|someone) (?:there|here|home|around)|am i (?:visible|in (?:the )?(?:picture"
        r"|view|frame)|on camera|seen)(?: now)?|is (?P<home>anyone"
        r"|anybody) home",
        question("count", "person"),
    ),
    # where, now
    (r"{askme}?where (?:is|are) (?P<who>{subject}){tail}(?: now)?|where (?P<who_>{subject}) is", _with_label("scene")),
    (r"{askme}?where (?:is|are|could|might|would|can i find) (?:my|the|our|his|her)\b.*", _remembered("memory")),
    # scene
    (r"(?:do|can) you see (?:anything|something)(?: (?:there|here|now|new|interesting))?", question("scene")),
    (
        rf"{{askme}}?what (?:do you|can you|you|you can|does the camera|did you) (?:still |currently "
        rf"|actually )?see(?:ing)?(?: (?:here|there|in|on|at|around|through|from|outside|of|around you)\b.*)?{_NOW}"
        rf"|{{askme}}?what (?:are you|you are) seeing{_NOW}",
        question("scene"),
    ),
    (
        rf"(?:{{askme}} )?what (?:is|are)(?: there)?(?: (?:in|on|at|around|near|behind|to|under|next to|visible"
        rf"|happening|going on|there|here|in front of|that|this|those|these|it|outside|up))(?: .*)?|what is (?:that"
        rf"|this|it){_NOW}",
        question("scene"),
    ),
    (
        r"(?:describe|comment on|look at|explain)(?: me| to me)?(?: (?:the|what|this|it|my|everything|that"
        r"|your)\b.*)?|(?:have|take) a look(?: .*)?|look(?: around| here| at (?:this|that|it|me))?"
        r"|what does it look like(?: .*)?",
        lambda m, s: None if re.match(r"explain", m.string, re.IGNORECASE) else question("scene")(m, s),
    ),
    (rf"who is (?:there|here|that|in\b.*|at\b.*|around|coming|this|with me){_NOW}", question("scene", "person")),
)
