/* The messages of the open chat: their days and runs, and staying at the newest one. */
import { postNode } from "./bubbles.js";
import { $, h, sync } from "./dom.js";
import { at, dayName } from "./words.js";
import { history, memberOf, ui } from "./world.js";

let shownPlace = null;
export function paintLog(chat) {
  const group = chat !== null && chat.type !== "private";
  const place = `${ui.me} ${ui.chat}`;
  const same = shownPlace === place;
  if (!same) ui.stuck = true;
  shownPlace = place;
  // A whole other chat is not news: only messages arriving later are read out.
  $("log").setAttribute("aria-live", same ? "polite" : "off");
  const inTopic = (message) => !chat.forum || ui.topic === null || (message.topic ?? 0) === ui.topic;
  const items = chat ? withDays(posts(history(chat.key).filter(inTopic))) : [];
  const look = (item) =>
    item.day ? h("li", { class: "day" }, item.day) : postNode(item.post, { ...item, group });
  const standing = ({ from }) => group && memberOf(chat, from)?.status;
  const depends = ({ day, post, first, last }) =>
    day ? [day] : [...post, ui.me, first, last, standing(post[0])];
  sync($("messages"), items, (item) => item.day ?? item.post[0].uid, look, depends);
}
/** Neighbours of one album belong together; every other message is alone. */
function posts(messages) {
  const found = [];
  for (const message of messages) {
    const before = found.at(-1);
    if (message.album && before?.[0].album === message.album) before.push(message);
    else found.push([message]);
  }
  return found;
}
/** Posts with the days between them, each told whether it begins or ends a run of one sender. */
function withDays(found) {
  const items = [];
  let day = "";
  found.forEach((post, index) => {
    const today = at(post[0].date, dayName);
    if (today !== day) items.push({ day: (day = today) });
    items.push({ post, first: !follows(found[index - 1], post), last: !follows(post, found[index + 1]) });
  });
  return items;
}
const RUN = 600; // seconds within which one sender's posts read as one run
function follows(before, after) {
  if (!before || !after) return false;
  const [one, other] = [before[0], after[0]];
  const sameSender = one.from === other.from && one.sender.name === other.sender.name;
  return !one.service && !other.service && sameSender && Math.abs(one.date - other.date) < RUN;
}

/* Scrolling */
let lastTop = 0;
/** Keeps the newest message in sight while keyboards, images and the window change the room there is. */
export function stick() {
  if (!ui.stuck) return;
  $("log").scrollTop = $("log").scrollHeight;
  lastTop = $("log").scrollTop;
}
/** Only a person scrolls upwards; growing content moves nothing and must not count as leaving the end. */
function scrolled({ target }) {
  const end = target.scrollHeight - target.scrollTop - target.clientHeight < 90;
  if (end || target.scrollTop < lastTop) ui.stuck = end;
  lastTop = target.scrollTop;
}
export function wireLog() {
  $("log").onscroll = scrolled;
  // Images do not bubble their loading, but can be watched on the way down.
  $("log").addEventListener("load", stick, true);
  new ResizeObserver(stick).observe($("log"));
}
