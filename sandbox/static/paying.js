/* The bill before paying, and the receipt after it. */
import { dialog, part } from "./dialogs.js";
import { auto, button, h, primary, quiet, row, span } from "./dom.js";
import { attempt, copyText, post, toast } from "./server.js";
import { at, duration, fullTime, refusal, t } from "./words.js";
import { me, nameOf } from "./world.js";

const MORE = 100; // Stars got at once

/** Shows the bill and pays what `target` names: {message} or {link}. */
export async function payFor(invoice, target) {
  const paid = await dialog(invoice.title, (close) => {
    const sheet = h("div", { class: "bill" });
    const show = (state = {}) => sheet.replaceChildren(bill(invoice, state, deeds));
    const deeds = {
      close,
      async pay() {
        show({ busy: true });
        const answer = await attempt("pay", target);
        if (answer.ok) close(answer.result.receipt);
        else show({ why: refusal(answer) });
      },
      async more() {
        const got = await post("stars", { as: me().id, amount: MORE });
        show({ stars: got?.stars });
      },
    };
    show();
    return sheet;
  });
  if (paid) toast(t("paid", { price: paid.display }));
}
/** `stars` is a balance newer than the stream's news of it. */
function bill(invoice, { busy, why, stars = me().stars }, { pay, more, close }) {
  const missing = invoice.card ? 0 : Math.max(0, invoice.amount - stars);
  const key = missing ? primary(t("addStars"), more) : primary(t("pay", { price: invoice.display }), pay);
  key.disabled = busy;
  return h("div", {},
    span("price", invoice.display),
    auto("p", "prose", invoice.description),
    h("p", { class: "soft" }, t("billTo", { name: nameOf(invoice.bot) })),
    invoice.period && h("p", { class: "period" }, t("chargedEvery", { n: duration(invoice.period) })),
    h("p", { class: "means" }, invoice.card ? t("testCard") : t("balance", { n: stars })),
    missing > 0 && h("p", { class: "lack" }, t("lacking", { n: missing })),
    why && h("p", { class: "bad", role: "alert", dir: "auto" }, t("notPaid", { why })),
    part("", row(key, button(t(busy ? "asking" : "cancel"), () => close(null)))));
}

/** The chosen person's newest receipt among those a message carries. */
export const receiptOf = (message) => message.receipts.findLast((one) => one.person === me().id);

export function showReceipt({ title, bot, display, card, date, expires, refunded, ...ids }) {
  const line = (key, ...what) => [h("dt", {}, t(key)), h("dd", { dir: "auto" }, what)];
  const charge = (id) => [h("code", {}, shortCharge(id)), quiet(t("copy"), () => copyText(id))];
  return dialog(t("receipt"), () => [
    h("p", { class: "bill" }, span("price", display)),
    h("dl", { class: "receipt" },
      line("paidFor", title),
      line("paidTo", nameOf(bot)),
      line("paidOn", at(date, fullTime)),
      expires && line("paidUntil", at(expires, fullTime)),
      line("charge", charge(ids.charge)),
      card && line("cardCharge", charge(ids.provider_charge)),
      refunded && line("wentBack", at(refunded, fullTime))),
  ]);
}
/** A charge id is long and chance: its ends tell it from others. */
export const shortCharge = (id) => (id.length > 16 ? `${id.slice(0, 7)}…${id.slice(-5)}` : id);
