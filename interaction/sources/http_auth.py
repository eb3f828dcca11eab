"""The answer to a camera that asks who we are: Basic, or Digest (RFC 7616) as most IP cameras want it."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from urllib.parse import unquote, urlsplit

_HASHES = {"md5": hashlib.md5, "sha-256": hashlib.sha256}
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def credentials(url: str) -> tuple[str, str] | None:
    """User and password inside a URL, or None."""
    parts = urlsplit(url)
    return (unquote(parts.username), unquote(parts.password or "")) if parts.username is not None else None


def authorization(challenge: str, user: str, password: str, method: str, target: str) -> str | None:
    """The `Authorization` header for a `WWW-Authenticate` challenge; None when its scheme is not known."""
    scheme, _, rest = challenge.strip().partition(" ")
    if scheme.lower() == "basic":
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if scheme.lower() != "digest":
        return None
    fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}
    digest = _HASHES.get(fields.get("algorithm", "MD5").lower())
    if digest is None or "nonce" not in fields:
        return None

    def h(text: str) -> str:
        return digest(text.encode()).hexdigest()

    realm, nonce = fields.get("realm", ""), fields["nonce"]
    own = secrets.token_hex(8)
    secret, request = h(f"{user}:{realm}:{password}"), h(f"{method}:{target}")
    shown = {"username": user, "realm": realm, "nonce": nonce, "uri": target}
    if "auth" in [q.strip() for q in fields.get("qop", "").split(",")]:
        shown["response"] = h(f"{secret}:{nonce}:00000001:{own}:auth:{request}")
        tail = f', qop=auth, nc=00000001, cnonce="{own}"'
    else:
        shown["response"] = h(f"{secret}:{nonce}:{request}")
        tail = ""
    if "opaque" in fields:
        shown["opaque"] = fields["opaque"]
    if "algorithm" in fields:
        tail += f", algorithm={fields['algorithm']}"
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in shown.items()) + tail
