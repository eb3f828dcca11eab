"""Cookies that say who someone is, so that nothing has to be remembered about strangers.

A cookie is `id.signature`. Ids are made here and nowhere else: a value that someone made up has no signature. What
this does not meet: someone who can read the browser's cookies is that browser.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from config import Settings

LOCAL = "local"  # the person of a house without a token


class Passes:
    """Issues and checks the cookies of persons and sessions.

    A person's cookie is signed with the token: it proves that its bearer once had the token, outlives a restart,
    and is void when the token changes. A session's cookie is signed with a key of this process and the person.
    `resident`: the one session of the house, which all who may come in share (`serve --config`); "": each has an own.
    """

    def __init__(self, settings: Settings, resident: str = "") -> None:
        self._resident = resident
        self._token = settings.token.get_secret_value().encode()
        self._key = secrets.token_bytes(32)
        # Cookies are not kept apart by port: two houses on one machine must not overwrite each other's.
        self.person_cookie = f"lookout_person_{settings.web.port}"
        self.session_cookie = f"lookout_session_{settings.web.port}"

    @property
    def locked(self) -> bool:
        """Whether a token is needed."""
        return bool(self._token)

    def opens(self, token: str) -> bool:
        """Whether this is the token, compared in constant time."""
        return self.locked and hmac.compare_digest(token.encode(), self._token)

    def new_person(self) -> str:
        return _signed(secrets.token_hex(16), self._token, "person")

    def person(self, cookie: str) -> str | None:
        """The person of a cookie; without a token everyone is `LOCAL`."""
        if not self.locked:
            return LOCAL
        found = _checked(cookie, self._token, "person")
        return LOCAL if found and self._resident else found

    def new_session(self, person: str) -> tuple[str, str]:
        """A new session id and its cookie."""
        id = self._resident or secrets.token_hex(16)
        return id, _signed(id, self._key, person)

    def session(self, cookie: str, person: str) -> str | None:
        """The session id of a cookie, if it was issued to this person by this process."""
        return _checked(cookie, self._key, person)


def _signature(id: str, key: bytes, purpose: str) -> str:
    return hmac.new(key, f"lookout {purpose} {id}".encode(), sha256).hexdigest()


def _signed(id: str, key: bytes, purpose: str) -> str:
    return f"{id}.{_signature(id, key, purpose)}"


def _checked(cookie: str, key: bytes, purpose: str) -> str | None:
    id, _, signature = cookie.partition(".")
    expected = _signature(id, key, purpose)
    return id if id and hmac.compare_digest(signature.encode(), expected.encode()) else None
