"""The house with a window: `app.py serve` that also tells, at `/witness`, how many tasks its event loop has.

For the soak only: `python -m bench.strain.witness --port N`. No setting reaches it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import app


async def told(request: Request) -> JSONResponse:
    return JSONResponse({"tasks: asyncio": len(asyncio.all_tasks())})


def main() -> int:
    page = app.page

    def witnessed(*given: Any) -> FastAPI:
        web = page(*given)
        web.router.routes.insert(0, Route("/witness", told))
        return web

    with patch("app.page", witnessed):
        return app.main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
