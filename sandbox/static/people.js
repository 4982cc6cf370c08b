/* The left pane: who one can be, and that person's chats. */
import { $, auto, avatar, badge, h, markAll, press, span, sync } from "./dom.js";
import { choosePerson, openChat } from "./navigation.js";
import { at, gist, t } from "./words.js";
import * as now from "./world.js";

export function paintPeople() {
  const { me } = now.ui;
  const chats = now.chatsOf(me);
  sync($("persons"), [...now.world.people.values()], (person) => person.id, personNode,
    (person) => [person, person.id === me, now.unreadTotal(person.id)]);
  sync($("chats"), chats.length ? chats : [null], (chat) => chat?.key, chatNode,
    (chat) => chat ? [me, chat.key === now.ui.chat, now.unreadOf(me, chat.key), ...look(chat)] : []);
  markAll("[data-unread]", now.unreadTotal(me));
}
function personNode(person) {
  const name = now.shortName(person);
  const props = { "data-testid": `person-${name}`, "aria-pressed": String(person.id === now.ui.me) };
  return h("li", {}, press(props, () => choosePerson(person.id),
    avatar(person.name, person.color), auto("span", "name", name), badge(now.unreadTotal(person.id))));
}
/** Title, colour, time and last words of a chat. */
function look(chat) {
  const last = now.history(chat.key).at(-1);
  return [now.titleOf(chat), now.colourOf(chat), last && at(last.date), preview(chat, last)];
}
function preview(chat, last) {
  if (!last) return chat.type === "private" && !chat.started ? t("notStarted") : t("noMessages");
  const named = chat.type.endsWith("group") && !last.service;
  const who = now.isOut(last) ? t("you") : last.sender.name;
  return (named ? `${who}: ` : "") + gist(last).slice(0, 90);
}
function chatNode(chat) {
  if (!chat) return h("li", { class: "empty" }, t("noChats"));
  const [title, colour, time, words] = look(chat);
  const props = { "data-testid": `chat-${title}`, "aria-current": String(chat.key === now.ui.chat) };
  return h("li", {}, press(props, () => openChat(chat.key),
    avatar(title, colour),
    span("lines", h("bdi", { class: "title" }, title), span("time", time)),
    span("lines", h("bdi", { class: "preview" }, words), badge(now.unreadOf(now.ui.me, chat.key)))));
}
