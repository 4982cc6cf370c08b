/* Text with Telegram's entities, as nodes. */
import { h, icon, press } from "./dom.js";
import { isTelegram, openLink } from "./navigation.js";
import { act } from "./server.js";
import { ui } from "./world.js";

const PLAIN = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** Nodes for `text`. Offsets are UTF-16 units, as in JavaScript; entities nest and may cross. */
export function rich(text, entities = []) {
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return stretch(text, 0, text.length, sorted);
}
function stretch(text, from, to, list) {
  const nodes = [];
  let place = from;
  while (list.length) {
    const [entity, ...others] = list;
    const start = Math.max(entity.offset, place);
    const end = Math.min(entity.offset + entity.length, to);
    list = others;
    if (start >= end) continue;
    const block = BLOCKS.has(entity.type);
    const before = text.slice(place, start);
    const inside = stretch(text, start, end, others.filter((one) => one.offset < end));
    nodes.push(block ? before.replace(/\n$/, "") : before, marked(entity, text.slice(start, end), inside));
    list = others.filter((one) => one.offset + one.length > end);
    // A block breaks the line by itself; the newline after it would show as an empty line.
    place = block && text[end] === "\n" && end < to ? end + 1 : end;
  }
  return [...nodes, text.slice(place, to)];
}
function marked({ type, url }, raw, inner) {
  const go = (onclick) => press({ class: "linkish" }, onclick, inner);
  switch (type) {
    case "text_link": return link(url, inner);
    case "url": return isTelegram(raw) ? chip(raw) : link(/^\w+:/.test(raw) ? raw : `https://${raw}`, inner);
    case "email": return h("a", { href: `mailto:${raw}` }, inner);
    case "mention": return go(() => openLink(`https://t.me/${raw.slice(1)}`));
    case "bot_command": return go(() => act("send", { chat: ui.chat, text: raw }));
    case "spoiler": return spoiler(inner);
    case "expandable_blockquote": return h("blockquote", { class: "long", tabindex: "0" }, inner);
    case "hashtag": case "cashtag": case "text_mention": return h("span", { class: "linkish" }, inner);
    default: return h(PLAIN[type] ?? "span", {}, inner);
  }
}
function link(url, inner) {
  if (isTelegram(url)) return press({ class: "linkish", title: url }, () => openLink(url), inner);
  // Any other scheme, javascript: among them, stays plain text.
  if (!/^(https?|mailto|tel):/i.test(url)) return h("span", {}, inner);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, inner);
}
const chip = (url) =>
  press({ class: "chip", title: url }, () => openLink(url), icon("link"), h("span", {}, bare(url)));
export const bare = (url) => url.replace(/^https?:\/\//, "");
function spoiler(inner) {
  const onclick = () => node.setAttribute("aria-expanded", "true");
  const onkeydown = (event) => event.key === "Enter" && onclick();
  const props = { class: "spoiler", role: "button", tabindex: "0", "aria-expanded": "false" };
  const node = h("span", { ...props, onclick, onkeydown }, h("span", {}, inner));
  return node;
}
