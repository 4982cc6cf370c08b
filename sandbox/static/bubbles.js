/* One post of a chat: a message, or an album of several shown as one. */
import { auto, avatar, dotted, h, icon, press, span } from "./dom.js";
import { messageMenu } from "./menu.js";
import { openLink } from "./navigation.js";
import { payFor, receiptOf, showReceipt } from "./paying.js";
import { rich } from "./rich.js";
import { act, copyText } from "./server.js";
import { at, gist, serviceSentence, t } from "./words.js";
import { isAdmin, isOut, memberOf, ui, world } from "./world.js";

/** A row of the log; `first` and `last` say where it stands in a run of one sender. */
export function postNode(post, { first, last, group }) {
  const [message] = post;
  const props = { "data-testid": "message", "data-uid": message.uid };
  if (message.service) {
    return h("li", { class: "service", dir: "auto", ...props }, serviceWords(message));
  }
  const out = isOut(message);
  const look = ["message", out && "out", first && "first", last && "last"].filter(Boolean).join(" ");
  return h("li", { class: look, ...props },
    group && !out && avatar(message.sender.name, message.sender.color, "small"),
    h("div", { class: "body" }, bubble(post, group && !out && first), inlineKeyboard(message)),
    press({ class: "act", "aria-label": t("more") }, () => messageMenu(post), icon("more")));
}
/** Whoever paid can look at the receipt. */
function serviceWords(message) {
  const receipt = receiptOf(message);
  const words = serviceSentence(message.service);
  return receipt ? press({ title: t("receipt") }, () => showReceipt(receipt), words) : words;
}
function bubble(post, named) {
  const [message] = post;
  const worded = post.filter((one) => one.text);
  const meta = metaNode(post);
  const text = (one) =>
    h("div", { class: "text", dir: "auto" }, rich(one.text, one.entities), one === worded.at(-1) && meta);
  return h("div", { class: "bubble" },
    named && senderNode(message),
    message.forward && h("div", { class: "forward" }, t("forwarded", { name: message.forward })),
    message.reply_to && quoteNode(message.reply_to),
    mediaNodes(post), extras(message),
    worded.length ? worded.map(text) : meta,
    reactionsNode(post));
}
function senderNode({ chat: key, from, sender }) {
  const chat = world.chats.get(key);
  const member = chat && isAdmin(chat, from) && memberOf(chat, from);
  return h("span", { class: "sender", "data-colour": sender.color % 7 },
    member && span("tag", member.title || t(member.status)), h("bdi", {}, sender.name));
}
function metaNode(post) {
  const edited = post.some((one) => one.edited);
  const secret = post[0].only_for != null;
  const words = dotted(secret && t("onlyYou"), edited && t("edited"), at(post[0].date));
  return span("meta", h("bdi", {}, words));
}
function reactionsNode(post) {
  const given = post.flatMap((one) => one.reactions).filter((one) => one.from.length);
  const shown = given.map(({ emoji, from }) => h("span", {}, `${emoji} ${from.length}`));
  return shown.length > 0 && h("div", { class: "reactions" }, shown);
}
const quoteNode = (reply) =>
  press({ class: "quote", dir: "auto" }, () => jumpTo(reply.uid), h("b", {}, reply.name), gist(reply));
const jumpTo = (uid) =>
  document.querySelector(`[data-uid="${uid}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });

/* What a message carries */
const PICTURES = new Set(["photo", "video", "animation"]);
function mediaNodes(post) {
  const shown = post.filter((one) => one.media);
  const nodes = shown.map((one) => mediaNode(one.media));
  if (nodes.length < 2) return nodes;
  const grid = shown.every((one) => PICTURES.has(one.media.kind));
  return h("div", { class: grid ? "album" : "files" }, nodes);
}
function mediaNode({ kind, url, file_name: file, emoji }) {
  const name = file || t(`content_${kind}`);
  const image = kind === "photo" || (kind === "sticker" && !emoji);
  if (image) return h("img", { class: "media", src: url, alt: name });
  if (kind === "sticker") return span("price", emoji);
  if (kind === "audio" || kind === "voice") return h("audio", { class: "media", src: url, controls: true });
  if (kind === "document") return fileNode(name, url);
  return h("video", { class: "media", src: url, controls: true, preload: "metadata" });
}
function fileNode(name, url) {
  const ending = name.split(".").pop().slice(0, 4);
  return h("a", { class: "file", href: url, download: name }, avatar(ending, 5, "small"), name);
}
function extras({ invoice, poll, location: place, contact, dice }) {
  if (invoice) {
    const { title, description, display } = invoice;
    return h("div", { class: "invoice" },
      auto("b", "", title), auto("span", "", description), span("price", display));
  }
  if (poll) {
    const options = poll.options.map((one) => auto("li", "", `○ ${one.text}`));
    return h("div", {}, auto("b", "", poll.question), h("ul", {}, options));
  }
  if (place) return h("div", {}, `📍 ${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`);
  if (contact) return h("div", { dir: "auto" }, `👤 ${contact.first_name}, ${contact.phone_number}`);
  return dice ? h("div", {}, `${dice.emoji} ${dice.value}`) : null;
}

/* Buttons under a message */
function inlineKeyboard(message) {
  const { invoice } = message;
  // An invoice without buttons of its own gets Telegram's.
  const pay = { kind: "pay", text: invoice && t("pay", { price: invoice.display }) };
  const rows = invoice && !message.buttons.length ? [[pay]] : message.buttons;
  if (!rows.length) return null;
  return h("div", { class: "inline" }, rows.map((keys, line) =>
    h("div", {}, keys.map((one, column) => inlineKey(message, one, line, column)))));
}
function inlineKey(message, one, line, column) {
  const receipt = one.kind === "pay" && receiptOf(message);
  const props = {
    "data-kind": one.kind,
    "data-style": one.style,
    "data-testid": `button-${one.text}`,
    dir: "auto",
    disabled: one.kind === "disabled",
  };
  const onclick = ({ currentTarget }) => pressInline(message, one, line, column, currentTarget);
  return press(props, receipt ? () => showReceipt(receipt) : onclick, receipt ? t("receipt") : one.text);
}
async function pressInline(message, one, line, column, node) {
  if (one.kind === "copy") return copyText(one.copy ?? one.text);
  if (one.kind === "pay") return payFor(message.invoice, { message: message.uid });
  if (one.url) return openLink(one.url);
  node.classList.add("busy");
  await act("click", { message: message.uid, row: line, column });
  node.classList.remove("busy");
}
