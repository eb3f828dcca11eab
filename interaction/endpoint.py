"""What the clients of OpenAI-compatible servers share: addresses as people write them, and faults in plain words."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

DETAIL_CHARS = 200  # of a server's own words in a message


def base_url(url: str, ending: str) -> str:
    """The base that the openai client wants: `host`, `host/v1` and the full address (`…/v1/ending`) all serve.

    Raises ValueError for what is no http(s) address.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not the address of a server; one looks like http://127.0.0.1:8000/v1")
    path = parts.path.rstrip("/").removesuffix(f"/{ending.strip('/')}").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path or '/v1'}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can be meant by a host's name or address."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Host and port, to be named in messages."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def reason(error: Exception) -> str:
    """Why a request failed, in a few words, without secrets."""
    import openai

    # Amid an answer the client leaves errors to the httpx that it brought, which need not be ours: known by name.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    match error:
        case openai.APITimeoutError() | TimeoutError():
            return "it did not answer in time"
        case openai.APIConnectionError():
            return "it cannot be reached"
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return "it refused the key"
        case openai.NotFoundError():
            return "it does not know the address or the model"
        case openai.APIStatusError():
            detail = " ".join(str(error.message).split())[:DETAIL_CHARS]
            return f"it answered with status {error.status_code} ({detail})"
        case _ if "TimeoutException" in kinds:
            return "it did not answer in time"
        case _ if "TransportError" in kinds:
            return "the connection to it broke"
        case _:
            return f"its answer is not understood ({type(error).__name__})"
