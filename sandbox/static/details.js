/* What stands behind a chat's dots: its bot, or its members, links and requests, and what one may do. */
import { askText, choose, dialog, form, part, personOption } from "./dialogs.js";
import { auto, avatar, button, danger, dotted, h, quiet, row } from "./dom.js";
import { openChat } from "./navigation.js";
import { bare } from "./rich.js";
import { act, copyText } from "./server.js";
import { at, fullTime, t } from "./words.js";
import * as now from "./world.js";

export function chatDetails() {
  const chat = now.currentChat();
  const fill = chat.type === "private" ? privateDetails : groupDetails;
  return dialog(now.titleOf(chat), (close) => {
    const todo = (verb, fields) => () => { close(null); doIn(chat, verb, fields); };
    return fill(chat, todo);
  });
}
async function doIn(chat, verb, fields) {
  const done = await act(verb, { chat: chat.key, ...fields });
  if (done && verb === "leave") openChat(now.chatsOf(now.ui.me)[0]?.key ?? null, false);
}
function privateDetails(chat, todo) {
  const bot = now.whoIs(chat.bot);
  const block = chat.blocked ? "unblock" : "block";
  return [
    h("p", { class: "soft" }, `@${bot.username}`),
    auto("p", "prose", bot.about ?? ""),
    part("", row(
      danger(t(block), todo(block, { bot: bot.id })),
      button(t("clear"), todo("delete_chat_history")))),
  ];
}
function groupDetails(chat, todo) {
  const admin = now.isAdmin(chat);
  const owner = now.memberOf(chat)?.status === "creator";
  const shown = chat.members.filter((one) => one.is_member || (admin && one.status !== "left"));
  const request = ({ user, link }) => line(user, link ?? "",
    button(t("approve"), todo("approve", { user })), quiet(t("decline"), todo("decline", { user })));
  const member = (one) => line(one.user, one.title || t(one.status), memberKeys(chat, one, todo));
  const links = chat.links.filter((one) => !one.revoked).map((one) => linkLine(one, todo));
  return [
    chat.username && h("p", { class: "soft" }, `@${chat.username}`),
    admin && chat.requests.length > 0 && part(t("requests"), chat.requests.map(request)),
    admin && part(t("links"), links, row(button(t("newLink"), () => newLink(chat)))),
    part(t("membersTitle"), shown.map(member)),
    part("", row(
      admin && button(t("addSomebody"), () => addSomebody(chat)),
      owner && button(t("rename"), () => renameChat(chat)),
      owner && chat.type === "group" && button(t("upgrade"), todo("upgrade")),
      danger(t("leave"), todo("leave")))),
  ];
}
function line(id, small, ...keys) {
  const words = h("span", {}, h("bdi", {}, now.nameOf(id)), h("small", { dir: "auto" }, small));
  const face = avatar(now.nameOf(id), now.whoIs(id)?.color, "small");
  return h("div", { class: "line" }, face, words, h("div", { class: "keys" }, keys));
}
function memberKeys(chat, { user, status, is_member: here }, todo) {
  if (!now.isAdmin(chat) || user === now.ui.me || status === "creator") return [];
  const rank = status === "administrator" ? "demote" : "promote";
  const fate = status === "kicked" ? "unban" : "ban";
  const owner = now.memberOf(chat)?.status === "creator";
  return [
    here && owner && quiet(t(rank), todo(rank, { user, rights: "all" })),
    here && quiet(t("kick"), todo("kick", { user })),
    quiet(t(fate), todo(fate, { user })),
  ];
}
function linkLine({ url, name, used, limit, request, price, expires }, todo) {
  const facts = dotted(
    t("joins", { n: used }),
    limit && `≤ ${limit}`,
    request && t("byRequest"),
    price && `${price} ⭐`,
    expires && at(expires, fullTime),
  );
  const keys = [quiet(t("copy"), () => copyText(url)), quiet(t("revoke"), todo("revoke_link", { url }))];
  const words = h("span", {}, h("bdi", {}, name || bare(url)), h("small", {}, facts));
  return h("div", { class: "line" }, words, h("div", { class: "keys" }, keys));
}
async function newLink(chat) {
  const made = await form(t("newLink"), [
    ["name", t("linkName"), { maxlength: 32 }],
    ["limit", t("limit"), { type: "number", min: 1, max: 99999 }],
    ["request", t("byRequest"), { type: "checkbox" }],
  ], t("create"));
  if (!made) return;
  const { name, limit, request } = made;
  const fields = { chat: chat.key, name: name || null, limit: Number(limit) || null, request };
  const link = await act("create_link", fields);
  if (link) copyText(link.url);
}
async function addSomebody(chat) {
  const others = now.everybody().filter((who) => !now.isIn(chat, who.id));
  const user = await choose(t("addSomebody"), others.map(personOption));
  if (!user) return;
  // A bot in a channel is always an administrator; elsewhere rights are what makes it useful here.
  const rights = now.world.bots.has(user) ? "all" : undefined;
  act("add", { chat: chat.key, user, rights });
}
async function renameChat(chat) {
  const title = await askText(t("rename"), t("title"), { value: chat.title, maxlength: 128 }, t("rename"));
  if (title) act("rename", { chat: chat.key, title });
}
