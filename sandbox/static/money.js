/* The right pane's leaf about money: the person's Stars and subscriptions, and what bots were paid. */
import { $, button, dotted, h, quiet, row, span, sync } from "./dom.js";
import { openLink } from "./navigation.js";
import { shortCharge } from "./paying.js";
import { act, post } from "./server.js";
import { at, dayName, t } from "./words.js";
import { me, nameOf, shortName, world } from "./world.js";

export function paintMoney() {
  const person = me();
  const mine = [...world.subscriptions.values()].filter((one) => one.person === person.id);
  const own = { key: "own", build: () => ownCard(person, mine), seen: [person, world.clock, ...mine] };
  const bots = [...world.ledgers.values()].map((ledger) => ({
    key: ledger.bot,
    build: () => ledgerCard(ledger),
    seen: [ledger, world.bots.get(ledger.bot)],
  }));
  sync($("money"), [own, ...bots], ({ key }) => key, ({ build }) => build(), ({ seen }) => seen);
}
const card = (test, title, ...body) =>
  h("div", { class: "card", "data-testid": test }, h("h3", { dir: "auto" }, title), body);

/* The person's own */
function ownCard(person, mine) {
  const stars = () => post("stars", { as: person.id, amount: 100 });
  return card("stars", t("starsOf", { name: shortName(person) }),
    h("p", {}, t("balance", { n: person.stars })),
    row(button(t("addStars"), stars)),
    h("h4", {}, t("subscriptions")),
    mine.length ? mine.map(subscriptionNode) : h("p", {}, t("noSubscriptions")));
}
function subscriptionNode({ id, bot, title, display, expires, state, by_bot: byBot, link }) {
  // What was canceled ends when its time is over: the clock says so before the server does.
  const now = state === "canceled" && expires <= world.clock.now ? "ended" : state;
  const deeds = {
    active: () => quiet(t("stopRenewing"), () => act("cancel_subscription", { subscription: id })),
    canceled: () => !byBot && quiet(t("restore"), () => act("restore_subscription", { subscription: id })),
    failed: () => quiet(t("subscribeAgain"), () => openLink(link)),
    ended: () => quiet(t("subscribeAgain"), () => openLink(link)),
  };
  const fate = dotted(t(`sub_${now}`, { when: at(expires, dayName) }), byBot && t("byBot"));
  const words = h("span", {}, h("bdi", {}, dotted(title, display)),
    h("small", { dir: "auto" }, nameOf(bot)), h("small", { class: now }, fate));
  return h("div", { class: "line", "data-testid": `subscription-${title}` }, words,
    h("div", { class: "keys" }, deeds[now]()));
}

/* What a bot was paid */
function ledgerCard({ bot, stars, rows }) {
  const shown = rows.slice().reverse();
  return card(`ledger-${bot}`, t("paidToBot", { name: nameOf(bot) }),
    h("p", {}, t("botBalance", { n: stars })),
    shown.length ? h("ol", { class: "ledger" }, shown.map(rowNode)) : h("p", {}, t("nothingPaid")));
}
function rowNode({ charge, person, title, display, card: byCard, date, incoming, returnable }) {
  const facts = dotted(title, byCard && t("byCard"), at(date, dayName), at(date));
  const back = () => post("take_back", { charge });
  return h("li", { class: incoming ? "in" : "back" },
    span("sum", `${incoming ? "+" : "−"}${display}`),
    h("span", { class: "whose" },
      h("bdi", {}, t(incoming ? "from" : "backTo", { name: nameOf(person) })),
      h("small", { dir: "auto" }, facts), h("code", { title: charge }, shortCharge(charge))),
    returnable && quiet(t("takeBack"), back));
}
