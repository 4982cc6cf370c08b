/* Moving about: who one is, which chat and pane are open, where a link leads. */
import { compose, dropAttachments } from "./composer.js";
import { ask, chatOption, choose } from "./dialogs.js";
import { $, h } from "./dom.js";
import { payFor } from "./paying.js";
import { act, toast } from "./server.js";
import { plural, query, t } from "./words.js";
import { chatsOf, isAdmin, isIn, markRead, paint, ui, unreadOf, world } from "./world.js";

export function choosePerson(id) {
  if (ui.me === id) return;
  const stays = world.chats.get(ui.chat);
  ui.me = id;
  const mine = chatsOf(id);
  const news = mine.find((chat) => unreadOf(id, chat.key)) ?? mine[0];
  // Staying in a shared group shows the same conversation with other eyes.
  openChat(stays && isIn(stays, id) ? ui.chat : news?.key ?? null, false);
}
/** Opens a chat of the person; `show` turns to it on a phone, too. */
export function openChat(key, show = true) {
  const known = chatsOf(ui.me).some((chat) => chat.key === key);
  // The answer to "join" may overtake the stream's news of the chat: it opens when the news is here.
  ui.wanted = known ? null : key;
  if (known) ui.chat = key;
  swapDraft();
  if (show) showPane("chat");
  markRead();
  query.set("as", ui.me);
  query.set("chat", key ?? "");
  history.replaceState(null, "", `?${query}`);
  paint();
}
/** What is half written stays with its writer and chat. */
export function swapDraft() {
  const place = `${ui.me} ${ui.chat}`;
  if (ui.writing === place) return;
  ui.drafts.set(ui.writing, ui.edit ? "" : $("text").value);
  Object.assign(ui, { topic: null, writing: place });
  dropAttachments();
  compose(ui.drafts.get(place) ?? "");
}
export function showPane(name) {
  document.body.dataset.pane = name;
  if (!["people", "chat"].includes(name)) document.body.dataset.side = name;
  if (name === "calls") ui.errors = 0;
  markRead();
  paint();
}

export const isTelegram = (url) => /^(https?:\/\/)?(t\.me|telegram\.me|telegram\.dog)\/|^tg:/i.test(url);
/** Follows a link as Telegram would: into a chat, a join question, a bill, or out of here. */
export async function openLink(url, chat) {
  const found = await act("open", chat ? { url, chat } : { url });
  if (found) await FOLLOW[found.kind](found);
}
const FOLLOW = {
  chat: ({ chat }) => openChat(chat),
  external({ url }) {
    if (/^https?:/i.test(url)) window.open(url, "_blank", "noopener,noreferrer");
  },
  async pick_chat({ url }) {
    const mine = chatsOf(ui.me).filter((chat) => chat.type !== "private" && isAdmin(chat));
    const key = await choose(t("whichChat"), mine.map(chatOption));
    if (key) await openLink(url, key);
  },
  async join({ title, members, request, link }) {
    const size = h("p", {}, plural("members", members));
    const agreed = await ask(title, [size], t(request ? "askJoin" : "join"));
    const joined = agreed && (await act("join", { link }));
    if (joined?.status === "requested") toast(t("requested"));
    else if (joined) openChat(joined.chat);
  },
  invoice: (invoice) => payFor(invoice, { link: invoice.link }),
};
