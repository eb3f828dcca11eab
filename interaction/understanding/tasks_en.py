"""Work for the background agent, and small talk, in English. Tables."""

from __future__ import annotations

from interaction.intents import Intent
from interaction.understanding.grammar import Table, remark, task
from interaction.understanding.vocabulary_en import FRAGMENTS

_LENGTH = (
    r"(?:kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|miles?|feet|foot|inch(?:es)?|yards?|pounds?"
    r"|kilos?|kilograms?|grams?|ounces?|cups?|lit(?:re|er)s?|gallons?|pints?|degrees?|celsius|fahrenheit|km|kg"
    r"|cm|mm|lbs?|oz|seconds?|minutes?|hours?|days?|weeks?|months?|years?|euros?|dollars?|pesos?|yen|yuan"
    r"|bytes?|megabytes?|gigabytes?)"
)
_SUM = (
    r"(?:plus|minus|times|divided by|multiplied by|multiply|over|percent|per cent|squared|cubed|to the power"
    r"|square root|root of|factorial|modulo|mod)"
)

TASKS: Table[list[Intent]] = Table(
    FRAGMENTS,
    (r"(?:in the background,? |while you (?:watch|are watching),? )(?:please )?(?P<rest>.+)", task),
    (
        r"(?:work out|calculate|compute|figure out|add|add up|sum up|sum|multiply|divide|subtract|convert|solve"
        r"|estimate|average|round|simplify|evaluate) .+",
        task,
    ),
    (
        rf"{{askme}}?(?:what (?:is|are|would be|does|do)|how much (?:is|are|does|do)) .*(?:{{number}}|half"
        rf"|quarter).{{0,20}}(?: ?{_SUM}\b|[%+*/×÷^]| - ).*",
        task,
    ),
    (
        r"{askme}?(?:what is |how much is )?(?:the )?(?:square root|cube root|factorial|sum|product|average|mean"
        r"|logarithm|sine|cosine) of .*(?:{number}).*",
        task,
    ),
    (
        r"{askme}?(?:(?:what is|how much is) )?(?:{number}) ?(?:[-+*/×÷^x]|plus|minus|times|divided by"
        r"|multiplied by|to the power of|percent of|% of) ?(?:the )?(?:{number}).*",
        task,
    ),
    (
        rf"{{askme}}?(?:how many|how much) {_LENGTH} (?:is|are|are there|make|is there|in)\b.*|{{askme}}?(?:what is"
        rf"|how much is|how long is|how far is|how heavy is) (?:{{number}}) ?{_LENGTH} (?:in|to)\b.*"
        rf"|{{number}} ?{_LENGTH} (?:in|to|into) {_LENGTH}",
        task,
    ),
    (
        r"{askme}?how (?:many (?:more )?(?:days|weeks|months|hours|minutes|years|working days|sleeps)|long"
        r"|much time)(?: (?:is it|are there|is there|are left|do i have|are we|left|it is|there are"
        r"|have i))?(?: left)? (?:until|till|to|before|from|between)\b.*",
        task,
    ),
    (
        r"{askme}?(?:what|which) (?:day|date|weekday|day of the week) (?:is|was|will|falls|does|did)\b.*"
        r"|{askme}?what is the (?:date|day|time) (?:in|after|from|on) .+"
        r"|{askme}?(?:what is|how much is) (?:a |one )?(?:half|third|quarter|tenth|double|twice)(?: of)? (?:{number})"
        r"|on (?:what|which) (?:day|date|weekday)\b.*",
        task,
    ),
    (
        r"(?:write|create|generate|draft|compose|build|program|code|design|make|prepare|draw up|come up with"
        r"|invent|develop|run)(?: me| up)? (?:a|an|the|some|my|two|three|this|that|python)\b.+",
        task,
    ),
    (
        r"plan(?: out)? (?:a|an|my|our|the|for|how|what|some|dinner|lunch)\b.*|(?:make|draw up) plans? .+"
        r"|help me (?:to |with |plan |write |solve |find |choose |prepare |understand ).+",
        task,
    ),
    (
        r"(?:look up|research|search(?: for| the| online| on)?|google|investigate|look into|find out"
        r"|find (?:me )?(?:information|out|some|a|an)|check (?:online|the web|the internet|the news|the weather)"
        r"|read up on|browse) .+|look .{1,80} up(?: online)?",
        task,
    ),
    (
        r"(?:summari[sz]e|translate|explain|compare|analy[sz]e|list|sort|proofread|rewrite|spell|define|brainstorm"
        r"|recommend|suggest|think about|work on|ask the agent) .+",
        task,
    ),
    (r"what(?: is the)? time (?:is it |it is )?(?:right now |now )?in (?!\d|view).+|the time in .+", task),
    (r"roll (?:a|the|two) (?:die|dice)|(?:toss|flip) a coin|(?:pick|choose|give me) a random .+", task),
)

REMARKS: Table[list[Intent]] = Table(
    FRAGMENTS,
    (
        r"(?:(?:many |ok |okay |great |no )?thanks?(?: you)?(?: (?:so|very) much| a lot| for .{1,60}| again"
        r"| everyone| lookout)?|cheers|much appreciated|that (?:was|is) (?:very )?(?:helpful|kind))",
        remark("You're welcome."),
    ),
    (
        r"(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings|howdy)(?: there| again| lookout"
        r"| everyone)?",
        remark("Hello."),
    ),
    (r"(?:goodbye|bye(?: bye)?|see you(?: later| soon| tomorrow)?|good night)(?: lookout)?", remark("Goodbye.")),
    (
        r"(?:please )?help(?: me)?,? i(?: have| am|'m|'ve)? (?:fell|fallen|hurt|injured|bleeding|stuck|dying)\b.*"
        r"|i (?:have )?(?:fell|fallen)(?: down| over)?(?: and .+)?|i am (?:hurt|injured|bleeding|trapped)\b.*"
        r"|i need (?:urgent |some )?(?:help|an ambulance|a doctor)(?: now| please)?|(?:it is )?an? emergency"
        r"|help help.*",
        remark("I can't call anyone. If you are in danger, call your local emergency number."),
    ),
    (r"how are you(?: doing)?(?: today)?", remark("All is well. I'm watching.")),
    (
        r"(?:can|do) you hear me(?: now)?|are you (?:there|listening|awake)|testing(?: testing| one two.*)?",
        remark("Yes, I can hear you."),
    ),
    (
        r"are you (?:an? )?(?:robot|human|real|person|machine|computer|program|ai|bot|alive)(?: person| being)?",
        remark("I'm Lookout, a program that watches, listens and speaks."),
    ),
    (r"(?:i am |i'm )?sorry(?: about that)?", remark("Never mind.")),
)
