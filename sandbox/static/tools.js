/* The right pane's last leaf: the clock, trouble on demand, new people and chats. */
import { askText } from "./dialogs.js";
import { $, button, dotted, h, quiet, row, sync } from "./dom.js";
import { choosePerson, openChat } from "./navigation.js";
import { act, post } from "./server.js";
import { at, duration, fullTime, lang, t } from "./words.js";
import { world } from "./world.js";

export function paintTools() {
  const cards = [[clockCard, world.clock], [faultsCard, world.faults], [peopleCard, 0]];
  sync($("tools"), cards, ([build]) => build.name, ([build]) => build(), ([, shown]) => [shown]);
}
const card = (title, hint, ...body) =>
  h("div", { class: "card" }, h("h3", {}, title), h("p", {}, hint), body);

/* The clock */
const HOUR = 3600;
const JUMPS = [["hour", HOUR], ["day", 24 * HOUR], ["week", 7 * 24 * HOUR], ["month", 30 * 24 * HOUR]];
function clockCard() {
  const { now, offset } = world.clock;
  const moved = Math.abs(offset) > 30;
  const jumps = JUMPS.map(([key, seconds]) => button(t(key), () => post("clock", { advance: seconds })));
  return card(t("clock"), t("clockHint"),
    h("p", { class: "clock" }, at(now, fullTime)),
    moved && h("p", {}, t("ahead", { n: duration(offset) })),
    row(jumps, moved && button(t("realTime"), () => post("clock", { reset: true }))));
}

/* Trouble */
const FAULTS = ["flood", "error", "lost", "hang", "slow", "broken", "lose", "delay"];
/** Trouble with what bots are told; the rest is with what they ask. */
const OF_UPDATES = ["lose", "delay"];
const UPDATES = [
  "successful_payment",
  "refunded_payment",
  "pre_checkout_query",
  "subscription",
  "message",
  "callback_query",
  "chat_member",
  "chat_join_request",
];
const METHODS = [
  "sendMessage",
  "sendPhoto",
  "editMessageText",
  "deleteMessage",
  "banChatMember",
  "restrictChatMember",
  "createChatInviteLink",
  "approveChatJoinRequest",
  "answerCallbackQuery",
  "getChatMember",
  "createInvoiceLink",
  "sendInvoice",
  "refundStarPayment",
  "getStarTransactions",
];
function faultsCard() {
  const { active } = world.faults;
  const kinds = FAULTS.map((kind) => h("option", { value: kind }, t(`f_${kind}`)));
  const kind = h("select", {}, kinds);
  const what = h("span");
  const method = h("select");
  kind.onchange = () => {
    const updates = OF_UPDATES.includes(kind.value);
    const options = (updates ? UPDATES : METHODS).map((name) => h("option", {}, name));
    what.textContent = t(updates ? "update" : "method");
    method.replaceChildren(h("option", { value: "" }, t("any")), ...options);
  };
  kind.onchange();
  const count = h("input", { type: "number", min: 1, value: 1, placeholder: t("always") });
  const add = () => {
    const fault = { kind: kind.value, method: method.value || null, count: Number(count.value) || null };
    return post("faults", { add: fault.kind === "delay" ? { ...fault, seconds: HOUR } : fault });
  };
  return card(t("faults"), t("faultsHint"),
    ["down", "duplicates", "flood"].map(faultSwitch),
    active.map(faultNode),
    h("label", {}, t("kind"), kind),
    h("div", { class: "pair" }, h("label", {}, what, method), h("label", {}, t("times"), count)),
    button(t("add"), add));
}
function faultSwitch(key) {
  const onchange = ({ target }) => post("faults", { [key]: target.checked });
  const props = { type: "checkbox", "data-testid": `fault-${key}`, checked: world.faults[key], onchange };
  return h("label", { class: "check" }, h("input", props), t(key));
}
function faultNode({ id, kind, method, count }) {
  // The server keeps method names in lower case.
  const named = METHODS.find((one) => one.toLowerCase() === method?.toLowerCase()) ?? method ?? t("any");
  const words = dotted(t(`f_${kind}`), named, count ? `${count}×` : t("always"));
  const off = quiet(t("turnOff"), () => post("faults", { remove: id }));
  return h("div", { class: "fault" }, h("span", {}, words), off);
}

/* Somebody and something new */
function peopleCard() {
  return card(t("newcomers"), t("newcomersHint"), row(
    button(t("newPerson"), newPerson),
    button(t("newGroup"), () => newChat("supergroup", t("newGroup"))),
    button(t("newChannel"), () => newChat("channel", t("newChannel")))));
}
async function newPerson() {
  const name = await askText(t("newPerson"), t("name"), { maxlength: 64 }, t("add"));
  const done = name && (await post("people", { name, language: lang }));
  if (done) choosePerson(done.id);
}
async function newChat(type, heading) {
  const title = await askText(heading, t("title"), { maxlength: 128 }, t("create"));
  const done = title && (await act("create_chat", { title, type }));
  if (done) openChat(done.chat);
}
