"""Bots that manage other bots (Bot API 9.6 and later)."""

from __future__ import annotations

import secrets

from sandbox.errors import bad_request
from sandbox.model import Bot, Json
from sandbox.params import Call, method
from sandbox.render import user_json


def _managed(call: Call) -> Bot:
    if not call.bot.can_manage_bots:
        raise bad_request("the bot can't manage other bots")
    bot = call.world.bots.get(call.params.user_id())
    if bot is None or bot.manager is not call.bot:
        raise bad_request("managed bot not found")
    return bot


@method("getManagedBotToken")
def get_managed_bot_token(call: Call) -> str:
    return _managed(call).token


@method("replaceManagedBotToken")
def replace_managed_bot_token(call: Call) -> str:
    return call.world.replace_token(_managed(call))


@method("getManagedBotAccessSettings")
def get_managed_bot_access_settings(call: Call) -> Json:
    return _managed(call).access or {"is_access_restricted": False}


@method("setManagedBotAccessSettings")
def set_managed_bot_access_settings(call: Call) -> bool:
    bot = _managed(call)
    restricted = call.params.flag("is_access_restricted")
    settings: Json = {"is_access_restricted": restricted}
    added = call.params.list("added_user_ids") or []
    if len(added) > 10:
        raise bad_request("too many users specified")
    if restricted:
        users = [call.world.users.get(int(user_id)) for user_id in added]
        if None in users:
            raise bad_request("user not found")
        settings["added_users"] = [user_json(user) for user in users if user is not None]
    bot.access = settings
    return True


@method("savePreparedKeyboardButton")
def save_prepared_keyboard_button(call: Call) -> Json:
    button = call.params.object("button") or {}
    if not {"request_users", "request_chat", "request_managed_bot"} & set(button):
        raise bad_request("the button must request users, a chat or a managed bot")
    number = secrets.token_urlsafe(8)
    call.world.keyboard_buttons[number] = button
    return {"id": number}
