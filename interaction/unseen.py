"""Sessions that no page looks at: whether they go on for something."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from interaction.sources.browser import OWN

if TYPE_CHECKING:
    from interaction.sessions import Session


def needed(session: Session) -> bool:
    """A network source is watched, or a watch has not expired."""
    now = session.clock.wall()
    watches = session.snapshot()["watches"]
    expired = [w for w in watches if w.get("expires") and datetime.fromisoformat(w["expires"]) <= now]
    return len(watches) > len(expired) or watches_a_source(session)


def watches_a_source(session: Session) -> bool:
    """One that is no page's own."""
    lanes = session.snapshot()["lanes"]
    return any(lane["lane"] not in OWN and lane["state"] not in ("ended", "paused") for lane in lanes)
