"""Handlers and services hang together: every parameter resolves, every call declares what it demands."""

import inspect
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from aiogram.dispatcher.event.handler import CallableObject

from bot.build import build_routes
from domain.actor import Actor
from services.access import Guarded
from services.house import House

ROUTES = build_routes()
GIVEN = {"actor", "tenant", "talk", "door", "t", "languages", "routes"} | {
    field.name for field in fields(House)
}
NAMED = {
    **{f"/{name}": (command.handler, {"args"}) for name, command in ROUTES.commands.items()},
    **{name: (handler, {"args"}) for name, handler in ROUTES.buttons.items()},
    **{f"link {name}": (handler, {"args"}) for name, handler in ROUTES.links.items()},
    **{f"step {name}": (handler, {"dialog"}) for name, handler in ROUTES.steps.items()},
}
OBSERVED = {
    f"{router.name} {kind}": handler
    for router in ROUTES.routers
    for kind, observer in router.observers.items()
    for handler in observer.handlers
}
SERVICES = {
    name: kind
    for name, kind in get_type_hints(House).items()
    if inspect.isclass(kind) and issubclass(kind, Guarded)
}


def wanted(handler: CallableObject) -> set[str]:
    parameters = list(inspect.signature(handler.callback).parameters.values())[1:]  # the event comes first
    return {one.name for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD}


@pytest.mark.parametrize("name", NAMED)
def test_every_parameter_of_a_named_handler_resolves(name: str) -> None:
    handler, extra = NAMED[name]
    assert wanted(handler) <= GIVEN | extra


@pytest.mark.parametrize("name", OBSERVED)
def test_every_parameter_of_an_event_handler_resolves(name: str) -> None:
    assert wanted(OBSERVED[name]) <= GIVEN


def test_fields_are_edited_by_the_service_of_the_features_name() -> None:
    steps = {name: step.callback for feature in ROUTES.features for name, step in feature.steps.items()}
    edited = [name for name, callback in steps.items() if callback.__module__ == "handlers.fields"]
    assert edited
    for name in edited:
        assert hasattr(SERVICES[name.removesuffix(":field")], "set_field")


def calls_by_actors() -> list[Any]:
    return [
        pytest.param(method, id=f"{service}.{name}")
        for service, kind in SERVICES.items()
        for name, method in inspect.getmembers(kind, inspect.iscoroutinefunction)
        if not name.startswith("_") and "actor" in inspect.signature(method).parameters
    ]


@pytest.mark.parametrize("method", calls_by_actors())
def test_every_call_by_an_actor_declares_what_it_demands(method: Any) -> None:
    assert hasattr(method, "demand"), "say @needs(…)"
    assert next(iter(list(inspect.signature(method).parameters.values())[1:])).annotation in (Actor, "Actor")


def test_the_house_is_not_empty() -> None:
    """The tests above would pass over nothing."""
    assert len(SERVICES) > 5
    assert len(NAMED) > 10
    assert len(calls_by_actors()) > 10
