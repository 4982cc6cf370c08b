"""`POST /pay/{hook_id}`: where payment providers tell us their news."""

import logging

from aiohttp import web

from api.doorkeeper import peer
from domain.errors import BadSignature, GatehouseError, GatewayUnreachable, NotFound
from domain.gateways import Notification
from services.house import House

log = logging.getLogger(__name__)
LARGEST_BODY = 256 * 1024  # bytes


def mount_hooks(app: web.Application, house: House) -> None:
    """Take the providers' notifications in. Nothing is acknowledged before it is written down."""

    async def notified(request: web.Request) -> web.Response:
        """200 once what was said is written down; anything else makes the provider say it again."""
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _refuse(413, "A notification is smaller than that.")
        if len(body) > LARGEST_BODY:
            return _refuse(413, "A notification is smaller than that.")
        notification = Notification(
            {name.lower(): value for name, value in request.headers.items()},
            body,
            dict(request.query),
            peer(request),
        )
        try:
            await house.taking.notified(house.actor, request.match_info["hook_id"], notification)
        except NotFound:
            return _refuse(404, "Nothing is taken in here.")
        except BadSignature as error:
            log.warning("notification refused", extra={"gateway": error.gateway, "why": error.words})
            return _refuse(400, "This is not signed by the provider.")
        except GatewayUnreachable as error:
            log.info("notification not checked", extra={"gateway": error.gateway, "why": error.words})
            return _refuse(503, "The provider did not answer when asked. Please send it again.")
        except GatehouseError as error:
            log.error("notification failed", extra={"code": error.code, "details": str(error.details)})
            return _refuse(500, "It could not be worked off. Please send it again.")
        except Exception:
            log.exception("notification failed")
            return _refuse(500, "It could not be worked off. Please send it again.")
        return web.Response(text="OK")

    app.router.add_post("/pay/{hook_id}", notified)


def _refuse(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=words)
