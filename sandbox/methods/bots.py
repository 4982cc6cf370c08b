"""The bot about itself: getMe, commands, texts, menu button, default rights."""

from __future__ import annotations

import re

from sandbox.errors import bad_request
from sandbox.model import Bot, Json
from sandbox.params import Call, method
from sandbox.render import me_json
from sandbox.rights import ALL_RIGHTS

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
)
_TEXTS = {"name": 64, "description": 512, "short_description": 120}


@method("getMe")
def get_me(call: Call) -> Json:
    return me_json(call.bot)


@method("logOut", "close")
def log_out(call: Call) -> bool:
    return True


def scope_key(scope: Json | None) -> str:
    """A BotCommandScope as one string, such as ``chat_member:-100:7``."""
    body = scope or {"type": "default"}
    kind = str(body.get("type"))
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    parts = [kind, *(str(body[k]) for k in ("chat_id", "user_id") if k in body)]
    return ":".join(parts)


@method("setMyCommands")
def set_my_commands(call: Call) -> bool:
    commands = call.params.list("commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    checked = []
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/").lower()
        description = str(command.get("description", ""))
        if not _COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        row: Json = {"command": name, "description": description}
        if command.get("is_ephemeral"):
            row["is_ephemeral"] = True
        checked.append(row)
    key = (scope_key(call.params.object("scope")), call.params.text("language_code") or "")
    call.bot.commands[key] = checked
    call.world.notify("bot", call.bot)
    return True


@method("getMyCommands")
def get_my_commands(call: Call) -> list[Json]:
    key = (scope_key(call.params.object("scope")), call.params.text("language_code") or "")
    return call.bot.commands.get(key, [])


@method("deleteMyCommands")
def delete_my_commands(call: Call) -> bool:
    key = (scope_key(call.params.object("scope")), call.params.text("language_code") or "")
    call.bot.commands.pop(key, None)
    call.world.notify("bot", call.bot)
    return True


def _kind(call: Call) -> str:
    name = call.method[5:].lower()
    return {"shortdescription": "short_description"}.get(name, name)


@method("setMyName", "setMyDescription", "setMyShortDescription")
def set_my_text(call: Call) -> bool:
    kind = _kind(call)
    text = call.params.text(kind) or ""
    if len(text) > _TEXTS[kind]:
        raise bad_request(f"{kind.replace('_', ' ')} is too long")
    language = call.params.text("language_code") or ""
    if text:
        call.bot.texts[kind, language] = text
    else:
        call.bot.texts.pop((kind, language), None)
    if kind == "name" and text and not language:
        call.bot.first_name = text
    call.world.notify("bot", call.bot)
    return True


@method("getMyName", "getMyDescription", "getMyShortDescription")
def get_my_text(call: Call) -> Json:
    kind = _kind(call)
    language = call.params.text("language_code") or ""
    return {kind: bot_text(call.bot, kind, language)}


def bot_text(bot: Bot, kind: str, language: str) -> str:
    """A wording in a language, or else the default one."""
    fallback = bot.first_name if kind == "name" else ""
    return bot.texts.get((kind, language)) or bot.texts.get((kind, ""), fallback)


@method("setChatMenuButton")
def set_chat_menu_button(call: Call) -> bool:
    button = call.params.object("menu_button") or {"type": "default"}
    if button.get("type") not in ("commands", "web_app", "default"):
        raise bad_request("can't parse menu button: unsupported type specified")
    call.bot.menu_buttons[call.params.integer("chat_id") or 0] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(call: Call) -> Json:
    own = call.bot.menu_buttons.get(call.params.integer("chat_id") or 0)
    return own or call.bot.menu_buttons.get(0, {"type": "commands"})


@method("setMyDefaultAdministratorRights")
def set_my_default_administrator_rights(call: Call) -> bool:
    kind = "channel" if call.params.flag("for_channels") else "group"
    call.bot.default_rights[kind] = call.params.object("rights") or {}
    return True


@method("getMyDefaultAdministratorRights")
def get_my_default_administrator_rights(call: Call) -> Json:
    kind = "channel" if call.params.flag("for_channels") else "group"
    saved = call.bot.default_rights.get(kind, {})
    return {name: bool(saved.get(name)) for name in ("is_anonymous", *ALL_RIGHTS)}
