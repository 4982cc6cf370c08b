"""The OpenAPI 3.1 document, made from the endpoint tables: what is served is what is described."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from api.inputs import FORMS
from api.table import Api, Endpoint, JsonObject

REFS = "#/components/schemas/{name}"
ABOUT = (
    "Gatehouse speaks the APIs of the systems it unites: point an existing client at this server and change "
    "nothing but the base address. Ask the service bot for a key with `/apikey`."
)

_FILE: JsonObject = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "A photo or a video, as a form sends files.",
        }
    },
}


def document(systems: Iterable[Api], server: str = "/") -> JsonObject:
    """The whole document. `server` is the base address of the calls."""
    systems = tuple(systems)
    described = _Schemas(endpoint for api in systems for endpoint in api.endpoints)
    paths: JsonObject = {}
    security: JsonObject = {}
    for api in systems:
        schemes = {f"{api.name.lower()}_{name}": one for name, one in api.dialect.security().items()}
        security |= schemes
        for endpoint in api.endpoints:
            operation = _operation(api, endpoint, described, list(schemes))
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    whole: JsonObject = {
        "openapi": "3.1.0",
        "info": {"title": "Gatehouse", "version": "1", "description": ABOUT},
        "servers": [{"url": server}],
        "tags": [
            {"name": name, "description": api.about}
            for api in systems
            for name in dict.fromkeys(_tag(api, endpoint) for endpoint in api.endpoints)
        ],
        "paths": paths,
        "components": {"schemas": described.components, "securitySchemes": security},
    }
    plain: JsonObject = msgspec.json.decode(msgspec.json.encode(whole))  # defaults may be tuples and enums
    return plain


class _Schemas:
    """JSON schemas of all models; those with a name are shared components."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        models = [model for one in endpoints for model in (one.input, one.result) if model is not None]
        schemas, self.components = msgspec.json.schema_components(models, ref_template=REFS)
        self._by_model = {repr(model): schema for model, schema in zip(models, schemas, strict=True)}

    def of(self, model: Any) -> JsonObject:
        """The schema of a model, as a reference where it has a name."""
        return self._by_model[repr(model)]

    def fields(self, model: type[msgspec.Struct]) -> tuple[dict[str, JsonObject], list[str]]:
        """The fields of an input model with their schemas, and which of them are required."""
        name = self.of(model)["$ref"].rpartition("/")[2]
        schema = self.components[name]
        fields = {field: _described(one) for field, one in schema["properties"].items()}
        return fields, schema.get("required", [])


def _described(schema: JsonObject) -> JsonObject:
    """A field that may be missing or null is described by what it is when it is there."""
    words = [one["description"] for one in schema.get("anyOf", ()) if "description" in one]
    if "description" in schema or not words:
        return schema
    choices = [{key: value for key, value in one.items() if key != "description"} for one in schema["anyOf"]]
    return schema | {"anyOf": choices, "description": words[0]}


def _tag(api: Api, endpoint: Endpoint) -> str:
    return f"{api.name}: {endpoint.section}" if endpoint.section else api.name


def _operation(api: Api, endpoint: Endpoint, schemas: _Schemas, security: list[str]) -> JsonObject:
    operation: JsonObject = {
        "operationId": endpoint.operation_id,
        "tags": [_tag(api, endpoint)],
        "summary": endpoint.summary,
        "description": endpoint.details,
        "security": [{name: []} for name in security],
    }
    if endpoint.input is not None:
        operation |= _inputs(endpoint, *schemas.fields(endpoint.input))
    if endpoint.largest_file:
        operation["requestBody"] = {"required": True, "content": {FORMS[1]: {"schema": _FILE}}}
    result = None if endpoint.result is None else schemas.of(endpoint.result)
    return operation | {"responses": api.dialect.responses(endpoint, result)}


def _inputs(endpoint: Endpoint, fields: dict[str, JsonObject], required: list[str]) -> JsonObject:
    """Path parameters, and the others in the query or in the body (form or JSON)."""
    in_path = re.findall(r"\{(\w+)\}", endpoint.path)
    rest = [name for name in fields if name not in in_path]
    parameters = [_parameter(name, "path", fields[name], True) for name in in_path if name in fields]
    if not endpoint.has_body:
        parameters += [_parameter(name, "query", fields[name], name in required) for name in rest]
    described: JsonObject = {"parameters": parameters} if parameters else {}
    if endpoint.has_body and rest:
        schema: JsonObject = {"type": "object", "properties": {name: fields[name] for name in rest}}
        needed = [name for name in rest if name in required]
        if needed:
            schema["required"] = needed
        content = {kind: {"schema": schema} for kind in ("application/json", FORMS[0])}
        described["requestBody"] = {"required": bool(needed), "content": content}
    return described


def _parameter(name: str, place: str, schema: JsonObject, required: bool) -> JsonObject:
    schema = dict(schema)
    parameter = {"name": name, "in": place, "required": required, "schema": schema}
    if (words := schema.pop("description", None)) is not None:
        parameter["description"] = words
    return parameter
