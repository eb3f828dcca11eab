"""A request that is not answered as wished: one shape for all."""

from __future__ import annotations

from starlette.responses import JSONResponse

from interaction.web.words import Notice


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
    """`{"error": {message, kept, advice}}`, never cached."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return JSONResponse({"error": refusal.said(language)}, refusal.status, headers)
