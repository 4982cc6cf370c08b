/* What a person can do with one post. */
import { compose } from "./composer.js";
import { chatOption, choose, dialog, part } from "./dialogs.js";
import { $, button, danger, row } from "./dom.js";
import { act } from "./server.js";
import { t } from "./words.js";
import { chatsOf, currentChat, isAdmin, isOut, paint, ui } from "./world.js";

const REACTIONS = ["👍", "❤", "🔥", "😁", "👎"];

/** `post` is a message, or the messages of an album. */
export async function messageMenu(post) {
  const [message] = post;
  const worded = post.find((one) => one.text);
  const chat = currentChat();
  const mine = isOut(message);
  const deletes = mine || isAdmin(chat) || chat.type === "private";
  const todo = await dialog(message.sender.name, (close) => {
    const key = (word, deed, look = button) => look(t(word), () => close(deed));
    const reactions = REACTIONS.map((emoji) => button(emoji, () => close(() => react(message, emoji))));
    return [
      part(t("react"), row(reactions)),
      part("", row(
        key("reply", () => write({ reply: message, edit: null })),
        key("forward", () => forward(post)),
        mine && worded && key("edit", () => write({ reply: null, edit: worded })),
        deletes && key("remove", () => each(post, "delete"), danger))),
    ];
  });
  todo?.();
}
async function each(post, verb, fields = {}) {
  for (const message of post) await act(verb, { message: message.uid, ...fields });
}
function react(message, emoji) {
  const had = message.reactions.some((one) => one.emoji === emoji && one.from.includes(ui.me));
  act("react", { message: message.uid, emoji: had ? null : emoji });
}
async function forward(post) {
  const to = await choose(t("forward"), chatsOf(ui.me).map(chatOption));
  if (to) await each(post, "forward", { to });
}
function write(about) {
  Object.assign(ui, about);
  if (about.edit) compose(about.edit.text);
  paint();
  $("text").focus();
}
