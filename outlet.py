"""Settings of one receiver of alerts, and of how alerts are sent; they are used as `config.Outlet`, `config.Alerts`."""

from __future__ import annotations

import binascii
import logging
import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

RECEIVERS = 16  # outlets; each has a task of its own and a share of what waits


class Outlet(BaseModel):
    """One receiver of alerts (docs/alerts.md): a webhook (http, https), or whatever apprise has an address form for."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)  # a mistake must not show a key

    name: str = Field(pattern=r"^[\w][\w .-]{0,39}$")  # as the page and messages call it
    url: SecretStr  # such addresses hold keys: only the kind, a webhook's host and the name are ever shown
    secret: SecretStr = SecretStr("")  # whsec_… that a webhook is signed with
    severity: Literal["all", "urgent"] = "all"
    picture: bool = True  # send the picture of the moment

    @model_validator(mode="after")
    def _usable(self) -> Outlet:
        url, secret = self.url.get_secret_value(), self.secret.get_secret_value()
        if len(url) > 2000 or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://[!-~]+", url):
            raise ValueError("url: expected an address such as https://… or ntfy://…, in plain letters without spaces")
        if self.kind != "webhook":
            if secret:
                raise ValueError("secret: only a webhook (http, https) is signed; the address itself holds other keys")
            if not _apprise_takes(url):
                raise ValueError(f"url: apprise takes no such {self.kind}:// address; docs/alerts.md has the forms")
            return self
        try:
            usable = bool(self.host) and urlsplit(url).port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("url: the webhook has no usable host name or port")
        try:
            size = len(binascii.a2b_base64(secret.removeprefix("whsec_"), strict_mode=True))
        except ValueError:
            size = 0
        if not secret.startswith("whsec_") or not 24 <= size <= 64:  # Standard Webhooks' own bounds
            raise ValueError('secret: a webhook is signed; make a key with `echo "whsec_$(openssl rand -base64 32)"`')
        return self

    @property
    def kind(self) -> str:
        """ "webhook", or the service as apprise calls it: "tgram", "ntfy", "mailto" …"""
        scheme = self.url.get_secret_value().partition("://")[0].lower()
        return "webhook" if scheme in ("http", "https") else scheme

    @property
    def host(self) -> str:
        """Who receives, for the page: a webhook's host; of others the service and the name, for in their addresses a
        key may stand where a host does."""
        if self.kind == "webhook":
            return urlsplit(self.url.get_secret_value()).hostname or ""
        return f"{self.kind} ({self.name})"


class Alerts(BaseModel):
    """What becomes an alert, and how long its delivery is tried (`interaction/outlets/`)."""

    gap_s: float = Field(10.0, ge=0, le=86_400)  # of one watch at most one alert in this time, unless it is urgent
    fold_s: float = Field(60.0, ge=0, le=86_400)  # the same again within this is counted, and told with the next
    fold_urgent_s: float = Field(10.0, ge=0, le=86_400)  # … of an urgent watch
    # A source that showed nothing for so long is told of, and when it is back; 0: never. Cameras start anew within half
    # a minute, a router takes longer: what heals by itself wakes nobody.
    down_s: float = Field(60.0, ge=0, le=86_400)
    send_s: float = Field(15.0, ge=1, le=120)  # for one attempt; a receiver answers in one, a hung one never
    give_up_s: float = Field(86_400.0, ge=60, le=2_592_000)  # older is old news; who was away is back by then
    kept: int = Field(200, ge=1, le=10_000)  # that wait, a person; beyond that the oldest that is not urgent goes
    megabytes: int = Field(50, ge=1, le=10_000)  # that wait with their pictures, a person; a picture has 30 to 150 kB


def _apprise_takes(url: str) -> bool:
    """Whether one of its services reads this address. Nothing is connected to."""
    import apprise  # half a second: only for who has such an outlet

    logging.getLogger("apprise").propagate = False  # what it says of a mistake may hold keys
    try:
        return bool(apprise.Apprise(asset=apprise.AppriseAsset(storage_mode="memory")).add(url))
    except Exception:  # of any of a hundred services: then it does not take it
        return False


def distinct(outlets: tuple[Outlet, ...]) -> tuple[Outlet, ...]:
    """Raises ValueError when two have one name, or when there are too many."""
    names = [outlet.name for outlet in outlets]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two are named {twice[0]!r}; each needs a name of its own")
    if len(names) > RECEIVERS:
        raise ValueError(f"{len(names)} are too many; {RECEIVERS} fit")
    return outlets


def page_address(url: str) -> str:
    """Raises ValueError for what is no address of a page, or holds a password or a token."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query):
        raise ValueError("expected the page's address, https://name/, without user, password and token")
    return url
