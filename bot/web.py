"""The HTTP side of the application: webhook, health, metrics, the APIs."""

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    generate_latest,
)

from api.docs import mount_docs
from api.doorkeeper import KEY_IN_URL, Doorkeeper
from api.go import mount_go
from api.hooks import mount_hooks
from api.inputs import LARGEST_BODY as LARGEST_CALL
from api.serving import mount
from api.systems import SYSTEMS
from bot.intake import LARGEST_BODY, Intake
from bot.supervisor import Supervisor
from services.house import House
from storage.database import Database


def build_web(
    intake: Intake,
    house: House,
    db: Database,
    supervisor: Supervisor,
    public_url: str = "",
    *,
    key_in_url: bool = False,
) -> web.Application:
    """The aiohttp application. `public_url` is the base address the API's document names; with `key_in_url`
    the automation API takes keys in the address, too."""
    app = web.Application(client_max_size=max(LARGEST_BODY, LARGEST_CALL))
    app[KEY_IN_URL] = key_in_url
    app.router.add_post("/tg/{public_id}", intake.webhook)
    registry = CollectorRegistry()
    for collector in (intake.metrics, PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(collector)
    door = Doorkeeper(house)
    for system in SYSTEMS:
        mount(app, system, house, door)
    mount_hooks(app, house)
    mount_go(app, house)
    mount_docs(app, SYSTEMS, public_url or "/")

    async def healthz(request: web.Request) -> web.Response:
        """The process lives."""
        return web.json_response({"status": "ok"})

    async def readyz(request: web.Request) -> web.Response:
        """The process can do its work; says what is in its way."""
        problems = []
        if not intake.open:
            problems.append("stopping")
        try:
            await db.ping()
        except Exception as error:
            problems.append(f"database: {type(error).__name__}")
        tasks = {
            name: {"running": state.running, "restarts": state.restarts}
            for name, state in supervisor.states.items()
        }
        body = {"status": "unready" if problems else "ok", "problems": problems, "tasks": tasks}
        return web.json_response(body, status=503 if problems else 200)

    async def metrics(request: web.Request) -> web.Response:
        """Prometheus metrics."""
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app
