"""A request that is not answered as wished: one shape for all."""

from __future__ import annotations

from starlette.responses import JSONResponse

from interaction.web.words import Notice

RETRY_S = "5"  # seconds; sooner nobody will have left, and no server have come back


class Refusal(Exception):
    """`status`: HTTP status; `values` fill the notice's names."""

    def __init__(self, status: int, notice: Notice, **values: object) -> None:
        super().__init__(notice.said("en", **values)["message"])
        self.status = status
        self.notice = notice
        self.values = values

    def said(self, language: str) -> dict[str, str]:
        return self.notice.said(language, **self.values)


def refusal_response(refusal: Refusal, language: str) -> JSONResponse:
    """`{"error": {message, kept, advice}}`, never cached; whoever waits in the queue is told the `place`, too."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    error: dict[str, object] = {**refusal.said(language)}
    if refusal.status == 503:
        headers["retry-after"] = RETRY_S
    if "place" in refusal.values:
        error["place"] = refusal.values["place"]
    return JSONResponse({"error": error}, refusal.status, headers)
