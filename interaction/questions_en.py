"""English orders, questions and tasks for the agent. Tables."""

from __future__ import annotations

import re

from interaction.grammar import Build, Situation, Table, control, group, question, remark, task
from interaction.intents import Intent, Question
from interaction.vocabulary_en import FRAGMENTS, label_of


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


_VOICE = r"(?:speaking|talking|voice|sound|audio|the voice|your voice|the sound)"
_NOW = r"(?: (?:right now|now|at the moment|currently|today|there|then|exactly|here|please|again|at present))*"
_SUPPOSED = (
    r"(?:are there|are|is there|is|do you see|can you see|did you count|there are|you see|you can see|can you count)"
)

CONTROLS: Table[list[Intent]] = Table(
    FRAGMENTS,
    (r"(?:stop|enough|that is enough|that will do|shut up|shush|sh+|hush|quiet|silence|zip it|stop it|stop stop|(?:stop|quit) (?:talking|speaking|it|that|reading|now)(?: now)?)", control("stop_talking")),
    (rf"be (?:quiet|silent|still)(?: now)?|mute(?: yourself)?|(?:do not|stop) (?:speak|talk)(?:ing)? (?:any ?more|aloud|out loud|to me)|(?:turn|switch) off {_VOICE}|(?:turn|switch) {_VOICE} off|{_VOICE} off|captions only|silent mode|only show (?:me )?(?:text|captions)|no (?:more )?(?:talking|speaking|voice)", control("quiet")),
    (rf"(?:you (?:can|may) )?(?:speak|talk)(?: to me)?(?: again| aloud| out loud)?|unmute(?: yourself)?|(?:turn|switch) on {_VOICE}|(?:turn|switch) {_VOICE} (?:back )?on|{_VOICE} on|start (?:talking|speaking)(?: again)?", control("voice")),
    (r"(?:talk|speak|say) (?:a bit |a little |much )?less|(?:be|keep it) (?:more )?(?:brief|briefer|short|shorter|concise)(?:er)?|(?:you )?(?:talk|speak|say) too much|less (?:talking|chatter|detail)|fewer details", control("brief")),
    (r"(?:talk|speak|say|tell me) (?:a bit |a little |much )?more(?: often)?|be (?:more )?(?:chatty|chattier|talkative|detailed|verbose)|more details?", control("chatty")),
    (r"(?:(?:speak|talk|read|go) )?(?:a bit |a little |much |more )*(?:slower|slowly)|slow down", control("slower")),
    (r"what did you (?:just )?(?:say|tell me)(?: just now| again)?|(?:say|tell me|repeat)(?: that| it| this)? again|repeat(?: that| it| yourself| the last (?:one|sentence|answer)| what you (?:just )?said)?|(?:i )?(?:beg your )?pardon(?: me)?|come again|what was that|i did not (?:hear|catch|get|understand)(?: that| you| it)?|one more time|again|sorry", control("repeat")),
    (r"(?:cancel|undo|scrap|drop|stop|delete|remove|scratch)(?: that| it| this| the last(?: one| watch| request| thing)?| that (?:one|watch|last one))|cancel|never ?mind(?: that| it)?|forget (?:it|that|about (?:it|that))|do not (?:bother|worry about it)|no(?:,? )?(?:do not|forget it)|undo|that is not what i (?:meant|said|wanted)", control("cancel_last")),
    (r"(?:cancel|stop|delete|remove|clear|drop|end|forget)(?: all| everything| it all)(?: of (?:it|them))?(?: (?:the |my |your )?(?:watches|reminders|timers|alarms|requests|watching|watch))?|(?:cancel|delete|remove|clear|forget|stop) (?:all )?(?:of )?(?:the|my|your|all)(?: the| my)? (?:watches|requests)|stop watching(?: out)? for (?:anything|everything)|start over|clear all", lambda m, s: None if re.fullmatch(r"forget (?:everything|all|it all)(?: of it)?", m.string, re.IGNORECASE) else control("cancel_all")(m, s)),
    (r"(?:forget|erase|delete|wipe|clear|remove)(?: everything| all| it all)?(?: (?:that )?you (?:know|remember|have seen|saw|have heard|have stored|stored|learned)(?: about me)?| (?:of )?(?:my|your|the|all) (?:memory|memories|history|data|recordings?|moments)| (?:my|your|the|all)(?: your| my)? (?:memory|memories|history|data))|forget (?:everything|all|it all|me|about me|all about me|all of it)", control("forget")),
    (r"(?:cancel|stop|abort|end|quit|drop|forget)(?: working on| doing| about)? (?:the |that |this |your )?(?:task|work|calculation|computation|job|research|search|working|background (?:task|work))(?: .*)?|stop working(?: on (?:it|that|this))?", control("cancel_task")),
    (r"(?:pause|hold on|take a break|wait|wait a (?:moment|minute|second)|freeze|stop (?:watching|looking|listening)(?: now)?|pause (?:everything|watching|yourself|it|the (?:session|camera|watching))|do not (?:watch|look)(?: now)?|close your eyes|look away|sleep|go to sleep|stand by)", control("pause")),
    (r"(?:continue|resume|go on|carry on|keep going|(?:continue|resume|keep|start) (?:watching|looking)(?: again| now)?|unpause|(?:continue|resume) (?:everything|it|the (?:session|camera|watching))|wake up|open your eyes|i am back|go ahead|start again)", control("resume")),
)  # fmt: skip

QUESTIONS: Table[list[Intent]] = Table(
    FRAGMENTS,
    # time
    (rf"{{askme}}?(?:what (?:is )?(?:the )?(?:exact )?time(?: is it| it is)?|the (?:current )?time|how late is it|what day (?:is it|it is|is today)|what (?:is )?(?:the |today's )?date(?: is it| it is| is today)?|(?:the|today's) date|what (?:month|year|weekday) is it){_NOW}", question("time")),
    # watches
    (rf"{{askme}}?what (?:are you|you are) (?:still )?(?:watching|looking|waiting|checking|monitoring|guarding|listening)(?: out)?(?: for)?{_NOW}", question("watches")),
    (r"{askme}?(?:what|which) (?:watches|reminders?|timers?|alarms?|requests)(?: (?:do i have|have i (?:set|got)|are (?:there|set|running|active|on|left|pending)|is (?:there|set|running|active)))?.{0,20}", question("watches")),
    (r"{askme}?(?:list|show|read|tell|what are|name)(?: me)?(?: out)?(?: all)?(?: of)? ?(?:my|the|your|all|active)(?: the| my| active)? (?:watches|reminders|timers|alarms|watch list|requests)", question("watches")),
    (r"{askme}?what did i (?:ask|tell|want) (?:for|you (?:to|for)(?: (?:watch|look|do|remind|tell|count|wait|say).*)?)", question("watches")),
    (r"{askme}?(?:how (?:much (?:time|longer)|long|many (?:minutes|seconds|hours))(?: is| are| do i have)?(?: there)? ?(?:left|remaining|remains?|to go|until (?:the|my) (?:timer|alarm|reminder)).*|when (?:does|is|will) (?:the|my) (?:timer|alarm|reminder|next reminder).*|are you (?:still )?(?:watching|looking|waiting|counting)(?: .*)?|how many (?:watches|reminders|timers|alarms) .*)", question("watches")),
    # background work
    (r"(?:how (?:is|are|goes) (?:it|the|that|your|things)? ?(?:task|work|calculation|research|search|job|program|report|background work)?(?: ?(?:going|coming along|progressing|getting on))|how far (?:are you|along are you|have you got).*|are you (?:done|finished|ready)(?: yet| with .*| already)?|(?:have you|did you) (?:finish|finished|done|find|found|work|worked)(?: it| anything)?(?: out)?(?: yet| with .*)?|is (?:it|that|the (?:task|calculation|research|work|report|program|answer|result)) (?:done|finished|ready|complete)(?: yet)?|what are you (?:working on|doing|busy with)(?: now| right now)?|any (?:progress|results?|news|answer)(?: yet| on .*)?|what is the (?:status|progress)(?: of .*)?|do you have (?:the|an) (?:answer|result)(?: yet)?)", question("tasks")),
    # ability
    (r"{askme}?(?:what (?:else )?(?:can|could|do|are) you (?:do|able to do|help(?: me)? with|good (?:at|for)|watch(?: out)? for|recogni[sz]e|detect|count|understand)(?: for me)?|help(?: me)?|what (?:can|could|should|may|do) i (?:ask|say|do|tell|try)(?: (?:you|to you|here|for|now))*|how (?:do|does) (?:you|this|it|lookout) work|how do i use (?:you|this|it)|who are you|what are you|what is (?:your name|lookout)|(?:what|which) (?:things|objects|animals|kinds of things) (?:can|do) you (?:see|recogni[sz]e|know|detect|watch|count)(?: for)?|what are your (?:abilities|capabilities|skills|limits)|introduce yourself)", question("ability")),
    # running counts
    (r"{askme}?how many (?:times )?(?:.{1,60} )?(?:so far|up to now|until now|till now|in total|altogether|already|all together|yet)", question("tally")),
    (r"{askme}?(?:how many (?:have you (?:counted|seen)|did you count|is that|does that make|was that)|what (?:is|was) (?:the|your) (?:count|tally|total|score|number)|the (?:count|tally|total|score)).{0,30}", question("tally")),
    # elapsed
    (r"{askme}?(?:how (?:long|much time|many (?:minutes|hours|seconds|days))(?: has (?:it been|passed|gone by)| is it| was it| it has been| have passed)? ?(?:since|ago)\b.*|how long (?:has|have|had) .* (?:been|stood|sat|gone|left|waited|worked)\b.*|how much time has (?:passed|gone by).*|how long (?:was|were|did) .*|for how long (?:has|have) .*)", _remembered("elapsed")),
    # memory
    (r"{askme}?how many .{1,60} (?:today|yesterday|this (?:morning|afternoon|evening|week)|last .{1,30}|while i was .*|since .*|in the last .*)", _remembered("memory")),
    (r"{askme}?how many (?:times (?:has|have|did) .*|{noun} (?:have (?:been|come|entered|left|gone|arrived|walked|passed)|came|entered|left|arrived|passed|walked|went)\b.*)", question("tally")),
    (r"(?:{askme}|and )?(?:when|at what time|what time|how often|why|where|how) (?:did|was|were|has|have|had)\b.*", _remembered("memory")),
    (r"did (?:anyone|anybody|someone|somebody|you (?:see|notice|hear|say|tell|spot)|he|she|they|i|we|it|the|my|anything|something|a|an|any|people|nobody)\b.*", _remembered("memory")),
    (r"(?:has|have|had|was|were) (?:anyone|anybody|someone|somebody|you (?:ever )?(?:seen|noticed|spotted|heard|said|told)|he|she|they|i|we|there|the|my|anything|something|a|an|any|people|it)\b.*", _remembered("memory")),
    (r"{askme}?who (?:came|was|were|has|have|had|entered|left|went|took|arrived|visited|did)\b.*", _remembered("memory")),
    (r"{askme}?(?:what|which|how much) (?:did|has|have|had|was|were|happened|went on)\b.*|what else (?:did|has|have|was|happened)\b.*", _remembered("memory")),
    (r"(?:{askme} )?(?:anything (?:happen(?:ed)?|new|interesting)|what i missed|what happened|catch me up|what is new|did i miss anything)(?: .*)?", _remembered("memory")),
    (r"show me when\b.*|(?:do you )?(?:remember|recall) .*|what do you (?:remember|know) about .*|(?:when|what|where) (?:is|was) the last time .*|the last time .*", _remembered("memory")),
    (r"{askme}?(?:when|if|whether|where|what|how) (?:.{1,60} )?{past}\b.*", lambda m, s: _remembered("memory")(m, s) if re.match(r"(?:tell|show|remind|let|do you know|i )", m.string, re.IGNORECASE) else None),
    (r"find (?:my|the) .*|have you (?:got )?any idea where .*", _remembered("memory")),
    # text
    (r"(?:(?:tell|show) me )?what (?:does|do) (?:it|that|this|the|my|those|these|they)(?: .{1,40})? (?:say|read|mean|show|display)(?: there| here| now| on .*| in .*)?", question("text")),
    (r"{askme}?(?:what|whatever) (?:it|that|this|the .{1,30}|is written|is printed|stands)(?: ?(?:says|reads|shows|written))?(?: there| here| on .*| in .*)?", lambda m, s: question("text")(m, s) if re.search(r"\b(?:says|reads|written|printed|shows)\b", m.string, re.IGNORECASE) else None),
    (r"(?:what|which|is there(?: any)?|do you see any|can you see any) (?:text|words?|writing|letters?|number)(?: (?:do you see|can you see|can you read|is|are|there|is there|are there|in|on|at).*)?", question("text")),
    (r"read(?: (?:it|that|this|out|aloud|out loud|to|me|for|again|us))*(?: (?:the|what|everything|all|any|whatever|my|this|that|those) .{1,80})?(?: (?:to me|aloud|out loud|out|for me|again))*", question("text")),
    # numbers now
    (r"{askme}?how many (?P<who>{noun}|faces?|of us|of them)(?: (?:do you|can you|are|is|you|have|do|on|in|at|here|there|right|now|visible|currently|sitting|standing)\b.*)?", _count),
    (rf"{{askme}}?how many(?: {_SUPPOSED})?{_NOW}(?: of (?:them|us))?", question("count")),
    (r"{askme}?(?:the )?number of (?P<who>{noun}|faces?)(?: .*)?", _count),
    (r"{askme}?(?:if )?(?:(?:is|are|do we have) (?:there )?(?:still )?(?:any |a |an )?|(?:do|can) you (?:still )?(?:see|spot|find|detect) |see )(?P<who>{subject}|(?:a |my |any )?faces?)(?: (?:here|there|still|yet|now|visible|around|present|left|outside|inside|right))*{tail}", _count),
    (r"am i (?:visible|in (?:the )?(?:picture|view|frame)|on camera|seen)(?: now)?|is (?P<home>anyone|anybody) home", question("count", "person")),
    # where, now
    (r"{askme}?where (?:is|are) (?P<who>{subject}){tail}(?: now)?|where (?P<who_>{subject}) is", _with_label("scene")),
    (r"{askme}?where (?:is|are|could|might|would|can i find) (?:my|the|our|his|her)\b.*", _remembered("memory")),
    # scene
    (rf"{{askme}}?what (?:do you|can you|you|you can|does the camera|did you) (?:still |currently |actually )?see(?:ing)?(?: (?:here|there|in|on|at|around|through|from|outside|of|around you)\b.*)?{_NOW}|{{askme}}?what (?:are you|you are) seeing{_NOW}", question("scene")),
    (rf"(?:{{askme}} )?what (?:is|are)(?: there)?(?: (?:in|on|at|around|near|behind|to|under|next to|visible|happening|going on|there|here|in front of|that|this|those|these|it|outside|up))(?: .*)?|what is (?:that|this|it){_NOW}", question("scene")),
    (r"(?:describe|comment on|look at|explain)(?: me| to me)?(?: (?:the|what|this|it|my|everything|that|your)\b.*)?|(?:have|take) a look(?: .*)?|look(?: around| here| at (?:this|that|it|me))?|what does it look like(?: .*)?", lambda m, s: None if re.match(r"explain", m.string, re.IGNORECASE) else question("scene")(m, s)),
    (rf"who is (?:there|here|that|in\b.*|at\b.*|around|coming|this|with me){_NOW}", question("scene", "person")),
)  # fmt: skip

_LENGTH = r"(?:kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|miles?|feet|foot|inch(?:es)?|yards?|pounds?|kilos?|kilograms?|grams?|ounces?|cups?|lit(?:re|er)s?|gallons?|pints?|degrees?|celsius|fahrenheit|km|kg|cm|mm|lbs?|oz|seconds?|minutes?|hours?|days?|weeks?|months?|years?|euros?|dollars?|pesos?|yen|yuan|bytes?|megabytes?|gigabytes?)"  # noqa: E501
_SUM = r"(?:plus|minus|times|divided by|multiplied by|multiply|over|percent|per cent|squared|cubed|to the power|square root|root of|factorial|modulo|mod)"

TASKS: Table[list[Intent]] = Table(
    FRAGMENTS,
    (r"(?:in the background,? |while you (?:watch|are watching),? )(?:please )?(?P<rest>.+)", task),
    (r"(?:work out|calculate|compute|figure out|add|add up|sum up|sum|multiply|divide|subtract|convert|solve|estimate|average|round|simplify|evaluate) .+", task),
    (rf"{{askme}}?(?:what (?:is|are|would be|does|do)|how much (?:is|are|does|do)) .*(?:{{number}}|half|quarter).{{0,20}}(?: ?{_SUM}\b|[%+*/×÷^]| - ).*", task),
    (r"{askme}?(?:what is |how much is )?(?:the )?(?:square root|cube root|factorial|sum|product|average|mean|logarithm|sine|cosine) of .*(?:{number}).*", task),
    (r"{askme}?(?:(?:what is|how much is) )?(?:{number}) ?(?:[-+*/×÷^x]|plus|minus|times|divided by|multiplied by|to the power of|percent of|% of) ?(?:the )?(?:{number}).*", task),
    (rf"{{askme}}?(?:how many|how much) {_LENGTH} (?:is|are|are there|make|is there|in)\b.*|{{askme}}?(?:what is|how much is|how long is|how far is|how heavy is) (?:{{number}}) ?{_LENGTH} (?:in|to)\b.*|{{number}} ?{_LENGTH} (?:in|to|into) {_LENGTH}", task),
    (r"{askme}?how (?:many (?:more )?(?:days|weeks|months|hours|minutes|years|working days|sleeps)|long|much time)(?: (?:is it|are there|is there|are left|do i have|are we|left|it is|there are|have i))?(?: left)? (?:until|till|to|before|from|between)\b.*", task),
    (r"{askme}?(?:what|which) (?:day|date|weekday|day of the week) (?:is|was|will|falls|does|did)\b.*|on (?:what|which) (?:day|date|weekday)\b.*", task),
    (r"(?:write|create|generate|draft|compose|build|program|code|design|make|prepare|draw up|come up with|invent|develop|run)(?: me| up)? (?:a|an|the|some|my|two|three|this|that|python)\b.+", task),
    (r"plan(?: out)? (?:a|an|my|our|the|for|how|what|some|dinner|lunch)\b.*|(?:make|draw up) plans? .+|help me (?:to |with |plan |write |solve |find |choose |prepare |understand ).+", task),
    (r"(?:look up|research|search(?: for| the| online| on)?|google|investigate|look into|find out|find (?:me )?(?:information|out|some|a|an)|check (?:online|the web|the internet|the news|the weather)|read up on|browse) .+|look .{1,80} up(?: online)?", task),
    (r"(?:summari[sz]e|translate|explain|compare|analy[sz]e|list|sort|proofread|rewrite|spell|define|brainstorm|recommend|suggest|think about|work on|ask the agent) .+", task),
    (r"roll (?:a|the|two) (?:die|dice)|(?:toss|flip) a coin|(?:pick|choose|give me) a random .+", task),
)  # fmt: skip

REMARKS: Table[list[Intent]] = Table(
    FRAGMENTS,
    (r"(?:(?:many |ok |okay |great |no )?thanks?(?: you)?(?: (?:so|very) much| a lot| for .{1,60}| again| everyone| lookout)?|cheers|much appreciated|that (?:was|is) (?:very )?(?:helpful|kind))", remark("You're welcome.")),
    (r"(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings|howdy)(?: there| again| lookout| everyone)?", remark("Hello.")),
    (r"(?:goodbye|bye(?: bye)?|see you(?: later| soon| tomorrow)?|good night)(?: lookout)?", remark("Goodbye.")),
    (r"how are you(?: doing)?(?: today)?", remark("All is well. I'm watching.")),
    (r"(?:can|do) you hear me(?: now)?|are you (?:there|listening|awake)|testing(?: testing| one two.*)?", remark("Yes, I can hear you.")),
    (r"(?:i am |i'm )?sorry(?: about that)?", remark(None)),
)  # fmt: skip
