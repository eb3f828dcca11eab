"""Direct orders in English: stop, pause, cancel, forget. Tables."""

from __future__ import annotations

from interaction.intents import Intent
from interaction.understanding.cameras import CAMERA_CONTROLS_EN
from interaction.understanding.grammar import Table, control
from interaction.understanding.steps import STEP_CONTROLS_EN
from interaction.understanding.vocabulary_en import FRAGMENTS

_VOICE = r"(?:speaking|talking|voice|sound|audio|the voice|your voice|the sound)"
CONTROLS: Table[list[Intent]] = Table(
    FRAGMENTS,
    *STEP_CONTROLS_EN,
    *CAMERA_CONTROLS_EN,
    (
        r"(?:stop|enough|that is enough|that will do|shut up|shush|sh+|hush|quiet|silence|zip it|stop it"
        r"|stop(?:,? stop)+"
        r"|(?:stop|quit) (?:talking|speaking|it|that|reading|now)(?: now)?)",
        control("stop_talking"),
    ),
    (
        rf"(?:be|keep|stay) (?:quiet|silent|still)(?: now| please| for (?P<lasts>.{{1,40}}))?"
        rf"|do not (?:talk|speak)|mute(?: yourself)?"
        rf"|(?:do not|stop) (?:speak"
        rf"|talk)(?:ing)? (?:any ?more|aloud|out loud|to me|now)|(?:turn|switch) off {_VOICE}|(?:turn"
        rf"|switch) {_VOICE} off|{_VOICE} off|captions only|silent mode|only show (?:me )?(?:text|captions)"
        rf"|no (?:more )?(?:talking|speaking|voice)",
        control("quiet"),
    ),
    (
        rf"(?:you (?:can|may) )?(?:speak|talk)(?: to me)?(?: again| aloud| out loud)?|unmute(?: yourself)?|(?:turn"
        rf"|switch) on {_VOICE}|(?:turn|switch) {_VOICE} (?:back )?on|{_VOICE} on|start (?:talking"
        rf"|speaking)(?: again)?",
        control("voice"),
    ),
    (
        r"(?:please )?(?:only|just) (?:listen|react|respond|answer)(?: to me)? (?:when|if|after|once) (?:i (?:say|call)"
        r" .{1,40}|you hear .{1,40}|i call you|i say your name)|(?:only|just) (?:listen|react|respond|answer) to"
        r" (?:your name|the wake word)|(?:turn|switch) on (?:the )?wake words?|(?:turn|switch) (?:the )?wake words? on"
        r"|wait for (?:your name|the wake word)",
        control("wake_words"),
    ),
    (
        r"(?:just |please )?(?:listen|hear me)(?: to me)? (?:normally|all the time|always|to everything(?: i"
        r" say)?)(?: again)?"
        r"|(?:always|just) listen(?: to me)?(?: again)?|(?:turn|switch) off (?:the )?wake words?"
        r"|(?:turn|switch) (?:the )?wake words? off|no (?:more )?wake words?|(?:you )?(?:do not|need not) (?:need"
        r"|wait for) (?:your name|the wake word)",
        control("no_wake_words"),
    ),
    (
        r"(?:talk|speak|say) (?:a bit |a little |much )?less|(?:be|keep it) (?:more )?(?:brief|briefer|short"
        r"|shorter|concise)(?:er)?|(?:you )?(?:talk|speak|say) too much|less (?:talking|chatter|detail)"
        r"|fewer details",
        control("brief"),
    ),
    (
        r"(?:talk|speak|say|tell me) (?:a bit |a little |much )?more(?: often)?|be (?:more )?(?:chatty|chattier"
        r"|talkative|detailed|verbose)|more details?",
        control("chatty"),
    ),
    (
        r"(?:talk|speak) (?:normally|as usual|as before)|(?:talk|speak) (?:a )?(?:normal|usual) amount"
        r"|normal (?:verbosity|detail)|be (?:normal|yourself) again|less chatty|(?:be )?less (?:brief|talkative)"
        r"|stop being (?:so )?(?:brief|chatty)",
        control("normal"),
    ),
    (
        r"(?:use|try|take|have|speak (?:with|in)|talk (?:with|in)|give me) (?:a|an|your)?(?: ?(?:other|another"
        r"|different|new|next)) (?:voice|speaker)|(?:change|switch)(?: to)? (?:your|the|a different|another) (?:voice"
        r"|speaker)|(?:another|a different|the next) voice|sound (?:different|like someone else)|change voices?",
        control("other_voice"),
    ),
    (
        r"(?:(?:speak|talk|read|go) )?(?:a bit |a little |much |more )*(?:slower|slowly)|slow down"
        r"|(?:do not )?(?:speak|talk|read|go)(?:ing)? (?:so|too) fast"
        r"|(?:you(?: are)? )?(?:speak|talk)(?:ing)? too fast",
        control("slower"),
    ),
    (
        r"(?:(?:speak|talk|read|go) )?(?:a bit |a little |much |more )*(?:faster|quicker|quickly)|speed up"
        r"|(?:do not )?(?:speak|talk|read|go)(?:ing)? (?:so|too) slow(?:ly)?"
        r"|(?:you(?: are)? )?(?:speak|talk)(?:ing)? too slow(?:ly)?",
        control("faster"),
    ),
    (
        r"what did you (?:just )?(?:say|tell me)(?: just now| again)?|(?:say|tell me|repeat)(?: that| it"
        r"| this)? again|repeat(?: that| it| yourself| the last (?:one|sentence|answer)| what you (?:just )?said)?"
        r"|(?:i )?(?:beg your )?pardon(?: me)?|come again|what was that|i did not (?:hear|catch|get"
        r"|understand)(?: that| you| it)?|one more time|again|sorry",
        control("repeat"),
    ),
    (
        r"(?:cancel|undo|scrap|drop|stop|delete|remove|scratch)(?: that| it| this| the last(?: one| watch| request"
        r"| thing)?| that (?:one|watch|last one))|cancel|never ?mind(?: that| it)?|forget (?:it|that|about (?:it"
        r"|that))|do not (?:bother|worry about it)|no(?:,? )?(?:do not|forget it)|undo|that is not what i (?:meant"
        r"|said|wanted)",
        control("cancel_last"),
    ),
    (
        r"(?:cancel|stop|remove|clear|drop|end)(?: all| everything| it all)(?: of (?:it"
        r"|them))?(?: (?:the |my |your )?(?:watches|requests|watching|watch))?|(?:cancel"
        r"|delete|remove|clear|forget|stop) (?:all )?(?:of )?(?:the|my|your|all)(?: the| my)? (?:watches|requests)"
        r"|stop watching(?: out)? for (?:anything|everything)|start over|clear all",
        control("cancel_all"),
    ),
    (
        r"(?:forget|erase|delete|wipe|clear|remove)(?: everything| all| it all)?(?: (?:that )?you (?:know|remember"
        r"|have seen|saw|have heard|have stored|stored|learned)(?: about me)?| (?:of )?(?:my|your|the"
        r"|all) (?:memory|memories|history|data|recordings?|moments)| (?:my|your|the|all)(?: your| my)? (?:memory"
        r"|memories|history|data))|(?:forget|erase|delete|wipe) (?:everything|all|it all|me|about me|all about me"
        r"|all of it)",
        control("forget"),
    ),
    (
        r"(?:cancel|stop|abort|end|quit|drop|forget)(?: working on| doing| about)? (?:the |that |this "
        r"|your )?(?:task|work|calculation|computation|job|research|search|working|background (?:task"
        r"|work))(?: .*)?|stop working(?: on (?:it|that|this))?",
        control("cancel_task"),
    ),
    (
        r"(?:pause(?: for (?P<lasts>.{1,40}))?|hold on|take a break|wait|wait a (?:moment|minute|second)|freeze"
        r"|stop (?:watching|looking"
        r"|listening)(?: now)?|pause (?:everything|watching|yourself|it|the (?:session|camera|watching))"
        r"|do not (?:watch|look)(?: now)?|close your eyes|look away|sleep|go to sleep|stand by)",
        control("pause"),
    ),
    (
        r"(?:continue|resume|go on|carry on|keep going|(?:continue|resume|keep|start) (?:watching"
        r"|looking)(?: again| now)?|unpause|(?:continue|resume) (?:everything|it|the (?:session|camera|watching))"
        r"|wake up|open your eyes|i am back|go ahead|start again)",
        control("resume"),
    ),
)
