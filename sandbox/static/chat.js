/* The middle pane around the log: its head, pinned message, topics, and why one cannot write. */
import { fit, paintAttachments, paintKeyboard } from "./composer.js";
import { chatDetails } from "./details.js";
import { $, auto, avatar, badge, h, icon, press, primary, span, sync } from "./dom.js";
import { paintLog } from "./log.js";
import { openChat } from "./navigation.js";
import { act } from "./server.js";
import { gist, plural, t } from "./words.js";
import { colourOf, history, isAdmin, me, memberOf, paint, shortName, titleOf, ui, whoIs } from "./world.js";

export function paintChat(chat) {
  paintHead(chat);
  paintPinned(chat);
  paintTopics(chat);
  paintLog(chat);
  paintComposer(chat);
}

/* Above the log */
function subtitle(chat) {
  if (chat.type === "private") return t(whoIs(chat.bot)?.listening ? "bot" : "deaf");
  const count = chat.members.filter((one) => one.is_member).length;
  return plural(chat.type === "channel" ? "subscribers" : "members", count);
}
function headNode(chat) {
  if (!chat) return h("div", { class: "head" }, h("div", { class: "who" }, h("h2", {}, t("pickChat"))));
  const name = titleOf(chat);
  const requests = isAdmin(chat) && badge(chat.requests.length);
  const details = { class: "round", id: "details", "aria-label": t("info", { name }) };
  const person = me();
  return h("div", { class: "head" }, avatar(name, colourOf(chat)),
    h("div", { class: "who" }, auto("h2", "", name), h("p", {}, subtitle(chat))),
    span("as", avatar(person.name, person.color, "small"), t("as", { name: shortName(person) })),
    press(details, chatDetails, icon("more"), requests));
}
function paintHead(chat) {
  const facts = chat ? [ui.me, titleOf(chat), subtitle(chat), isAdmin(chat), chat.requests?.length] : [];
  sync($("chat-head"), [chat], (item) => item?.key, headNode, () => facts);
}
function paintPinned(chat) {
  const pinned = chat && history(chat.key).findLast((one) => chat.pinned?.includes(one.uid));
  $("pinned").hidden = !pinned;
  if (pinned) $("pinned").replaceChildren(h("b", {}, `${t("pinned")} · `), gist(pinned));
}
function paintTopics(chat) {
  // Telegram's topic 1 is "General"; its messages carry no topic id.
  const named = chat?.forum ? chat.topics.filter((one) => one.id > 1) : [];
  const topics = [{ id: null, name: t("allTopics") }, { id: 0, name: t("general") }, ...named];
  const node = ({ id, name }) => {
    const choose = () => { ui.topic = id; paint(); };
    return press({ class: "quiet", dir: "auto", "aria-pressed": String(ui.topic === id) }, choose, name);
  };
  $("topics").hidden = !chat?.forum;
  sync($("topics"), topics, (one) => String(one.id), node, (one) => [one.name, one.id === ui.topic]);
}

/* Below the log */
/** Why the person cannot write here, as {text, key}, or null when they can. */
function hindrance(chat) {
  if (chat.type === "private") {
    const unblock = () => act("unblock", { bot: chat.bot });
    if (chat.blocked) return { text: t("blocked"), key: primary(t("unblock"), unblock) };
    const start = primary(t("start"), () => startBot(chat));
    return chat.started ? null : { text: whoIs(chat.bot).description, key: start };
  }
  if (chat.type === "channel" && !isAdmin(chat)) return { text: t("readOnly") };
  const member = memberOf(chat);
  const muted = member?.status === "restricted" && !member.rights.includes("can_send_messages");
  return muted ? { text: t("muted") } : null;
}
async function startBot(chat) {
  const done = await act("start", { bot: chat.bot });
  if (done) openChat(done.chat);
}
function paintComposer(chat) {
  const why = chat && hindrance(chat);
  const writes = Boolean(chat) && !why;
  $("composer").hidden = !chat;
  $("notice").hidden = !why;
  if ($("inputs").hidden === writes) { $("inputs").hidden = !writes; fit(); }
  const notice = () => h("div", { class: "why" }, why.text && auto("p", "", why.text), why.key);
  sync($("notice"), why ? [why] : [], () => chat.key, notice, () => [why.text, why.key?.textContent]);
  paintAttachments();
  paintKeyboard(chat, writes);
  const typing = chat && ui.typing.get(chat.key);
  $("typing").textContent = typing ? t("typing", { name: typing }) : "";
}
