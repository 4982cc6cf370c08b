"""`GET /go/{code}`: where ads lead. What the click brought is stored, and the visitor goes on to the bot."""

from aiohttp import web

from api.doorkeeper import peer
from api.limits import Buckets
from domain.errors import NotFound
from services.house import House

RATE, BURST = 5.0, 60  # clicks a second and at once, from one address
_ANSWERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def mount_go(app: web.Application, house: House) -> None:
    """Serve the redirect. It leads to t.me only, whatever the address says."""
    buckets = Buckets(RATE, BURST)

    async def go(request: web.Request) -> web.Response:
        """302 to the bot; 404 for a code nobody has; 429 for an address that clicks too fast."""
        wait = buckets.take(peer(request), house.clock.now())
        if wait:
            headers = _ANSWERS | {"Retry-After": str(wait)}
            return web.Response(status=429, text="Too many clicks. Please wait a moment.", headers=headers)
        try:
            address = await house.clicks.follow(house.actor, request.match_info["code"], dict(request.query))
        except NotFound:
            return web.Response(status=404, text="This link leads nowhere any more.", headers=_ANSWERS)
        return web.Response(status=302, headers=_ANSWERS | {"Location": address})

    app.router.add_get("/go/{code}", go, allow_head=False)
