"""The conversation that installs a way to pay, or replaces its keys.

What was typed waits sealed in the dialog: keys are never stored in plain. The last step asks the provider
whether they are good, and only then they are kept.
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping

import msgspec

from domain.actor import Actor
from domain.errors import Conflict, DuplicateUpdate, GatewayRefused, Invalid, NotFound
from domain.gateways import Field, Gateway, HookMaker
from services.access import Access, Guarded, Permission, needs
from services.gateways import GatewayService
from services.paying import Installed, Paying, events
from services.vault import Vault, VaultError
from services.work import UnitOfWork, Work
from storage import dialogs, gateway_accounts, settings, updates
from storage.database import Database
from texts import newgateway as wording
from texts.errors import sentence

STEP = "newgateway:field"
PURPOSE = "gateway draft"  # what the sealed part of a dialog is bound to
AGREED = "payments"  # the feature of the setting that says the owner knows what Telegram wants
LONGEST = 1_000  # characters of one credential
ACCOUNT_LIMIT = 128  # characters of an account's name that are kept


class Draft(msgspec.Struct, frozen=True):
    """What the conversation has gathered.

    `by_hand`: the provider does not let us set up its notifications; `left_out`: the owner goes without.
    """

    gateway: str
    hook_id: str
    values: dict[str, str] = {}
    by_hand: bool = False
    left_out: bool = False


class NewGatewayService(Guarded):
    """Installs ways to pay, for the owner."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        paying: Paying,
        vault: Vault,
        gateways: GatewayService,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._paying = db, work, paying
        self._vault, self._gateways = vault, gateways

    @needs(Permission.OWNER)
    async def begin(self, actor: Actor, bot_id: int, name: str, *, agreed: bool = False) -> None:
        """Begin to install a way to pay, or to replace its keys.

        Where Telegram wants Stars instead, the owner is told so first, once for a bot, and goes on with
        `agreed`. Raises `NotFound` (gateway).
        """
        gateway = self._paying.named(name)
        traits = gateway.traits
        if not traits.fields:
            raise NotFound("gateway")
        async with self._work(actor) as work:
            if traits.digital_opt_in and not await self._has_agreed(work, bot_id):
                if not agreed:
                    work.show(wording.why_stars(actor.t, traits))
                    return
                await self._agree(work, bot_id, traits.name)
            known = await gateway_accounts.get(work.tx, bot_id, traits.name)
            hook_id = known.hook_id if known is not None else secrets.token_urlsafe(16)
            await self._ask(work, actor, gateway, Draft(traits.name, hook_id), replaces=known is not None)

    @needs(Permission.OWNER)
    async def answer(self, actor: Actor, bot_id: int, value: str, *, chosen: bool = False) -> None:
        """What was asked for, typed, or (`chosen`) the number of the button that was tapped. After the last
        one the provider is asked.

        Raises `Invalid` (credential, choice) and stays there; `GatewayUnreachable` when the provider does
        not answer; `Conflict` (wizard_over).
        """
        draft, sealed = await self._draft(actor)
        gateway = self._paying.named(draft.gateway)
        field = _waiting(gateway, draft)
        if field is None:
            raise Conflict("wizard_over")
        values = draft.values | {field.name: _read(field, value, chosen)}
        await self._go_on(actor, bot_id, gateway, msgspec.structs.replace(draft, values=values), sealed)

    @needs(Permission.OWNER)
    async def leave_out(self, actor: Actor, bot_id: int) -> None:
        """Go without notifications: the provider is asked from time to time. As `answer`."""
        draft, sealed = await self._draft(actor)
        gateway = self._paying.named(draft.gateway)
        if not draft.by_hand:
            raise Conflict("wizard_over")
        await self._go_on(actor, bot_id, gateway, msgspec.structs.replace(draft, left_out=True), sealed)

    async def _go_on(self, actor: Actor, bot_id: int, gateway: Gateway, draft: Draft, sealed: str) -> None:
        account, words = "", None
        if _waiting(gateway, draft) is None:
            try:
                account, draft = await self._try(bot_id, gateway, draft)
            except GatewayRefused as error:
                words = error.words
            except Invalid as error:  # an address, say, that cannot be one
                words = sentence(actor.t, error)
        async with self._work(actor) as work:
            if (await work.asked(STEP))["sealed"] != sealed:
                raise Conflict("wizard_over")
            if words is not None:
                work.reply(wording.refused(actor.t, gateway.traits, words))
            elif _waiting(gateway, draft) is not None:
                await self._ask(work, actor, gateway, draft)
            else:
                await self._install(work, actor, bot_id, draft, account)

    async def _try(self, bot_id: int, gateway: Gateway, draft: Draft) -> tuple[str, Draft]:
        """Ask the provider whether the keys are good, and let it send its notifications here where it lets
        itself be told by us. Raises `GatewayRefused`, `GatewayUnreachable`."""
        known: Mapping[str, str] = draft.values | {"bot": str(bot_id)}
        account = await gateway.verify(known)
        hooks = [field.name for field in gateway.traits.fields if field.hook]
        complete = all(name in draft.values for name in hooks)
        if complete or draft.left_out or not self._paying.reachable:
            return account, draft
        if isinstance(gateway, HookMaker):
            try:
                made = await gateway.make_hook(known, self._address(gateway, draft))
            except GatewayRefused:
                return account, msgspec.structs.replace(draft, by_hand=True)
            values = draft.values | {name: made[name] for name in hooks}
            return account, msgspec.structs.replace(draft, values=values)
        return account, msgspec.structs.replace(draft, by_hand=True)

    async def _install(self, work: Work, actor: Actor, bot_id: int, draft: Draft, account: str) -> None:
        await gateway_accounts.put(
            work.tx, bot_id, draft.gateway, self._paying.seal(draft.values), account[:ACCOUNT_LIMIT],
            draft.hook_id, work.now,
        )  # fmt: skip
        await work.end_dialog()
        await self._gateways.log(work, bot_id, "gateway.installed", draft.gateway)
        shown = await self._gateways.read_panel(work.tx, bot_id, draft.gateway)
        work.reply(wording.installed(actor.t, shown))

    async def _ask(
        self, work: Work, actor: Actor, gateway: Gateway, draft: Draft, *, replaces: bool = False
    ) -> None:
        """Ask for the next field."""
        field = _waiting(gateway, draft)
        assert field is not None  # noqa: S101 - the callers looked
        sealed = b64encode(self._vault.seal(msgspec.json.encode(draft), PURPOSE)).decode()
        await work.ask(STEP, {"sealed": sealed, "secret": field.secret})
        if field.hook:
            address = self._address(gateway, draft)
            work.show(wording.ask_hook(actor.t, gateway.traits, field, address, events(gateway)))
        else:
            first = not draft.values
            work.show(wording.ask(actor.t, gateway.traits, field, first=first, replaces=replaces))

    async def _draft(self, actor: Actor) -> tuple[Draft, str]:
        """What was gathered, with its sealed form: read before the unit of work, since the provider is
        asked in between. Raises `DuplicateUpdate`, `Conflict` (wizard_over)."""
        if (door := actor.door) is None:
            raise Conflict("wizard_over")
        async with self._db.read() as tx:
            if await updates.is_processed(tx, door.bot_id, door.update_id):
                raise DuplicateUpdate
            found = await dialogs.get(tx, door.bot_id, door.chat_id, actor.user_id)
        if found is None or found.step != STEP:
            raise Conflict("wizard_over")
        sealed = str(found.data["sealed"])
        try:
            opened = self._vault.open(b64decode(sealed), PURPOSE)
        except VaultError:  # sealed with another SECRET_KEY
            raise Conflict("wizard_over") from None
        return msgspec.json.decode(opened, type=Draft), sealed

    async def _has_agreed(self, work: Work, bot_id: int) -> bool:
        return "agreed_at" in await settings.get(work.tx, bot_id, settings.DEFAULT_CHAT, AGREED)

    async def _agree(self, work: Work, bot_id: int, name: str) -> None:
        at = int(work.now.timestamp())
        await settings.change(work.tx, bot_id, settings.DEFAULT_CHAT, AGREED, {"agreed_at": at}, work.now)
        await self._gateways.log(work, bot_id, "gateway.agreed", name)

    def _address(self, gateway: Gateway, draft: Draft) -> str:
        return self._paying.notify_url(Installed(gateway, draft.values, draft.hook_id))


def _waiting(gateway: Gateway, draft: Draft) -> Field | None:
    """The field that is asked for next; those for notifications last, where they are set up by hand."""
    by_hand = draft.by_hand and not draft.left_out
    fields = sorted(gateway.traits.fields, key=lambda field: field.hook)
    missing = (field for field in fields if field.name not in draft.values)
    return next((field for field in missing if by_hand or not field.hook), None)


def _read(field: Field, value: str, chosen: bool) -> str:
    """A field's value. Raises `Invalid` (credential, choice)."""
    if field.choices:
        if not (chosen and value.isascii() and value.isdigit() and int(value) < len(field.choices)):
            raise Invalid("choice", "choice")
        return field.choices[int(value)]
    value = value.strip()
    if chosen or not value or len(value) > LONGEST or not value.isprintable():
        raise Invalid("credential", "credential")
    return value
