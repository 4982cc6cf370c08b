"""`/openapi.json`, and `/docs`: a page of our own that shows it, without a request to anybody else."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
from aiohttp import web

from api.openapi import document
from api.table import Api

STATIC = Path(__file__).parent / "static"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def mount_docs(app: web.Application, systems: Iterable[Api], server: str) -> None:
    """Serve the document and its page. `server` is the base address the document names."""

    @cache  # described when somebody asks: a start need not wait for it
    def described() -> bytes:
        return msgspec.json.encode(document(systems, server))

    async def openapi(request: web.Request) -> web.Response:
        """The document; open to pages of other origins, since nothing in it is secret."""
        return web.Response(
            body=described(),
            content_type="application/json",
            headers={"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"},
        )

    async def docs(request: web.Request) -> web.FileResponse:
        """The page."""
        return web.FileResponse(STATIC / "docs.html", headers=PAGE_HEADERS)

    async def part(request: web.Request) -> web.FileResponse:
        """The page's script and style sheet."""
        return web.FileResponse(STATIC / request.match_info["file"], headers=PAGE_HEADERS)

    app.router.add_get("/openapi.json", openapi)
    app.router.add_get("/docs", docs)
    app.router.add_get(r"/docs/{file:docs\.(?:js|css)}", part)
