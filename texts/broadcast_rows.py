"""The buttons of a broadcast's panel."""

from domain.actor import Translator
from domain.broadcasts import Broadcast, BroadcastStatus, Shown
from domain.page import Button


def rows(t: Translator, shown: Shown) -> list[list[Button]]:
    """What can be done with a broadcast where it is."""
    one = shown.broadcast
    match one.status:
        case BroadcastStatus.DRAFT:
            return _draft_rows(t, one)
        case BroadcastStatus.RUNNING:
            first = [_button(t("⏸ Pause"), "pause", one), _button(t("⏹ Stop"), "stop", one)]
        case BroadcastStatus.PAUSED:
            first = [_button(t("▶️ Resume"), "resume", one), _button(t("⏹ Stop"), "stop", one)]
        case _:
            return _ended_rows(t, shown)
    write = [_edit(t("✏️ Message"), "body", one), _button(t("👁 Show me"), "test", one)]
    return [first, *_unknown_rows(t, shown), write, [Button(t("☰ All"), action="broadcasts:all")]]


def _draft_rows(t: Translator, one: Broadcast) -> list[list[Button]]:
    paid = t("⚡ Paid: on") if one.paid else t("⚡ Paid: off")
    return [
        [_button(t("🚀 Start"), "start", one), _button(t("👁 Show me"), "test", one)],
        [_edit(t("✏️ Message"), "body", one), _edit(t("🔗 Button"), "button", one)],
        [_edit(t("👥 Audience"), "audience", one), _edit(t("🏷 Name"), "name", one)],
        [_edit(paid, "paid", one), _button(t("🗑 Delete"), "ask_drop", one)],
        [Button(t("‹ Back"), action="broadcasts:list:0")],
    ]


def _ended_rows(t: Translator, shown: Shown) -> list[list[Button]]:
    one = shown.broadcast
    found = []
    if shown.remaining:
        more = t.plural("🚀 Send to {n} more", "🚀 Send to {n} more", shown.remaining)
        found.append([_button(more, "start", one)])
    found += _unknown_rows(t, shown)
    found += [
        [_edit(t("✏️ Message"), "body", one), _edit(t("🔗 Button"), "button", one)],
        [_edit(t("👥 Audience"), "audience", one), _button(t("👁 Show me"), "test", one)],
    ]
    if shown.counts.sent:
        found.append([
            _button(t("✍️ Change what was sent"), "ask_edit_sent", one),
            _button(t("↩️ Take it back"), "ask_recall", one),
        ])  # fmt: skip
    found.append([_button(t("🔄 Begin anew"), "ask_reset", one), _button(t("🗑 Delete"), "ask_drop", one)])
    return [*found, [Button(t("‹ Back"), action="broadcasts:list:0")]]


def _unknown_rows(t: Translator, shown: Shown) -> list[list[Button]]:
    one, number = shown.broadcast, shown.counts.unknown
    if not number:
        return []
    return [[
        _button(t("🔁 Send again ({n})", n=number), "resend", one),
        _button(t("Leave them ({n})", n=number), "skip", one),
    ]]  # fmt: skip


def _button(label: str, verb: str, one: Broadcast) -> Button:
    return Button(label, action=f"broadcasts:{verb}:{one.id}")


def _edit(label: str, verb: str, one: Broadcast) -> Button:
    return Button(label, action=f"newbroadcast:{verb}:{one.id}")
