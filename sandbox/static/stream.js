/* Keeping `world` true: the snapshot (GET api/state) and the changes after it (api/events). Their shapes:
   sandbox/page_api.md. */
import { dialog } from "./dialogs.js";
import { $, primary, row } from "./dom.js";
import { openLink } from "./navigation.js";
import { toast } from "./server.js";
import { query, t } from "./words.js";
import { isIn, isOut, markRead, nameOf, paint, ui, unreadOf, visible, world } from "./world.js";

const KEPT = 300; // newest messages of a chat, and newest calls
const TYPING = 5000; // milliseconds a bot seems to type after it said so
const RETRY = 2000;
/** What `world` keeps by key. */
const KEYS = { people: "id", bots: "id", chats: "key", ledgers: "bot", subscriptions: "id" };

/** Replaces the item with the same key or appends; tells whether it is new. */
function put(list, item, key) {
  const place = list.findIndex((one) => one[key] === item[key]);
  if (place >= 0) list[place] = item;
  else list.push(item);
  if (list.length > KEPT) list.shift();
  return place < 0;
}
const receive = {
  person: (person) => world.people.set(person.id, person),
  bot: (bot) => world.bots.set(bot.id, bot),
  chat: (chat) => (chat.gone ? world.chats.delete(chat.key) : world.chats.set(chat.key, chat)),
  faults: (faults) => { world.faults = faults; },
  clock: (clock) => { world.clock = clock; },
  tries: (tries) => { world.tries = tries; },
  ledger: (ledger) => world.ledgers.set(ledger.bot, ledger),
  subscription: (one) => world.subscriptions.set(one.id, one),
  call(call) {
    const isNew = put(world.calls, call, "n");
    if (isNew && call.error && document.body.dataset.side !== "calls") ui.errors += 1;
  },
  message(message) {
    if (!world.messages.has(message.chat)) world.messages.set(message.chat, []);
    if (put(world.messages.get(message.chat), message, "uid")) arrived(message);
  },
  delete({ chat, id }) {
    world.messages.set(chat, (world.messages.get(chat) ?? []).filter((one) => one.uid !== id));
  },
  answer({ person, text, alert, url }) {
    if (person !== ui.me) return;
    if (url) openLink(url);
    if (text && alert) dialog(text, (close) => row(primary(t("ok"), () => close(true))));
    else if (text) toast(text);
  },
  typing({ chat, bot }) {
    ui.typing.set(chat, nameOf(bot));
    setTimeout(() => { ui.typing.delete(chat); paint(); }, TYPING);
  },
};
function arrived(message) {
  const chat = world.chats.get(message.chat);
  ui.typing.delete(message.chat);
  if (message.force_reply && message.chat === ui.chat && !isOut(message)) ui.reply = message;
  for (const person of chat && !message.service ? world.people.keys() : []) {
    const sees = message.from !== person && isIn(chat, person) && visible(message, person);
    if (sees) ui.unread.set(`${person} ${chat.key}`, unreadOf(person, chat.key) + 1);
  }
  markRead();
}

let waiting = null; // changes that came while a snapshot was under way
let born = null; // which life of the sandbox the page shows
/** Takes the whole world; what streams in meanwhile waits, for the snapshot may be older. */
async function load() {
  const mine = (waiting = []);
  const state = await fetch("api/state").then((answer) => answer.json());
  if (waiting !== mine) return; // a later stream has asked again
  waiting = null;
  // A sandbox that has started anew is another world: nothing kept here is true of it.
  if (born !== null && born !== state.born) return location.reload();
  born = state.born;
  adopt(state);
  for (const [name, data] of mine) receive[name](data);
  paint();
}
function adopt(state) {
  for (const [name, key] of Object.entries(KEYS)) {
    world[name] = new Map(state[name].map((item) => [item[key], item]));
  }
  world.messages = new Map(Object.entries(state.messages));
  for (const name of ["calls", "faults", "clock", "tries"]) world[name] = state[name];
  if (ui.me !== null || !world.people.size) return;
  const wanted = Number(query.get("as"));
  ui.me = world.people.has(wanted) ? wanted : [...world.people.keys()][0];
  ui.chat = query.get("chat") || null;
}
export function listen() {
  const stream = new EventSource("api/events");
  const again = () => { stream.close(); setTimeout(listen, RETRY); };
  stream.onopen = () => load().then(() => { $("offline").hidden = true; }, again);
  // Browsers come back by themselves from a lost connection, but not from an answer that was no stream.
  stream.onerror = () => {
    $("offline").hidden = false;
    if (stream.readyState === EventSource.CLOSED) again();
  };
  for (const name of Object.keys(receive)) {
    stream.addEventListener(name, (event) => {
      const data = JSON.parse(event.data);
      if (waiting) waiting.push([name, data]);
      else { receive[name](data); paint(); }
    });
  }
}
