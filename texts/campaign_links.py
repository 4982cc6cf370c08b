"""Wording about the links of a campaign, for its owner."""

from domain.actor import Translator
from domain.campaigns import CampaignLink
from domain.page import Button, Page, page
from texts.campaigns import PanelLike
from texts.markup import bold, code, esc, plain


def links(t: Translator, shown: PanelLike) -> Page:
    """The links of a campaign, to be copied into ads."""
    one = shown.campaign.id
    lines = [
        bold(shown.campaign.name),
        "",
        t("For ads, with your click id at the end:"),
        code(f"{shown.start_link}-CLICK"),
    ]
    rows = [[Button(t("📋 Copy the start link"), copy=shown.start_link)]]
    if shown.redirect:
        address = f"{shown.redirect}?click=CLICK&sub1=…"
        more = t("For long click ids and further parameters ({names}):", names="sub1 … sub5, cost")
        lines += ["", more, code(address)]
        rows.append([Button(t("📋 Copy the redirect"), copy=shown.redirect)])
    own = shown.own
    if own is not None:
        way = t("asks to join") if own.asks else t("lets in at once")
        lines += ["", t("Behind the button of the greeting ({way}):", way=way), esc(own.invite_link)]
        label = t("Let in at once instead") if own.asks else t("Ask to join instead")
        rows.append([Button(label, action=f"campaigns:own:{one}:{int(not own.asks)}")])
    lines += ["", t("Links by source lead straight into the chat, and count who came by them:")]
    rows += [
        [
            Button(
                f"{'✋' if link.asks else '➡️'} {plain(link.source)}", action=f"campaigns:link:{one}:{link.id}"
            )
        ]
        for link in shown.links[:40]
    ]
    rows += [
        [
            Button(t("➕ Link"), action=f"campaigns:source:{one}:0"),
            Button(t("➕ Link by request"), action=f"campaigns:source:{one}:1"),
        ],
        [Button(t("‹ Back"), action=f"campaigns:open:{one}")],
    ]
    return page("\n".join(lines), *rows)


def link(t: Translator, shown: PanelLike, one: CampaignLink) -> Page:
    """One link of a source."""
    way = t("Whoever follows it asks to join.") if one.asks else t("Whoever follows it is let in at once.")
    campaign = shown.campaign
    text = "\n".join([bold(one.source), code(one.invite_link), way])
    return page(
        text,
        [Button(t("📋 Copy"), copy=one.invite_link)],
        [Button(t("👥 Leads"), action=f"leads:list:{campaign.id}:9:0")],
        [Button(t("🗑 Revoke"), action=f"campaigns:revoke:{campaign.id}:{one.id}")],
        [Button(t("‹ Back"), action=f"campaigns:links:{campaign.id}")],
    )


def ask_source(t: Translator) -> Page:
    """Ask for the name of a link."""
    text = t(
        "Where will you put the link? Send a short name, for example “blog”: joins are counted under it."
    )
    return page(text, [Button(t("Cancel"), action="start:cancel")])
