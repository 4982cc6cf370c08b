"""The HTTP side of the application: webhook, health, metrics, the APIs."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.intake import LARGEST_BODY, Intake
from bot.supervisor import Supervisor
from services.house import House
from storage.database import Database


def build_web(intake: Intake, house: House, db: Database, supervisor: Supervisor) -> web.Application:
    """The aiohttp application."""
    app = web.Application(client_max_size=max(LARGEST_BODY, 1024 * 1024))
    app.router.add_post("/tg/{public_id}", intake.webhook)

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
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app
