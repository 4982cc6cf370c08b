/* What the page knows (`world`, kept by stream.js) and what is chosen on it (`ui`), with the questions one
   can ask about both. `paint` shows all changes once per frame. */

export const world = {
  people: new Map(),
  bots: new Map(),
  chats: new Map(),
  messages: new Map(),
  ledgers: new Map(),
  subscriptions: new Map(),
  calls: [],
  faults: { active: [] },
  clock: { now: 0, offset: 0 },
  tries: [],
};

export const ui = {
  me: null, // id of the person one is
  chat: null, // key of the chat in the middle
  topic: null, // of a forum: null shows all, 0 is "General"
  wanted: null, // key of a chat to open as soon as it is known
  writing: null, // "<person> <chat>" whose words the composer holds
  reply: null,
  edit: null,
  file: null,
  stuck: true, // whether the log stays at its newest message
  errors: 0, // failed calls not looked at yet
  drafts: new Map(), // by "<person> <chat>"
  unread: new Map(), // by "<person> <chat>"
  typing: new Map(), // chat key to bot's name
  keysHidden: new Set(), // uids of messages whose reply keyboard is folded away
  done: new Set(), // numbers of the steps taken
};

/* Who and where */
export const me = () => world.people.get(ui.me);
export const whoIs = (id) => world.people.get(id) ?? world.bots.get(id);
export const everybody = () => [...world.people.values(), ...world.bots.values()];
export const nameOf = (id) => whoIs(id)?.name ?? String(id);
export const shortName = (person) => person.first_name ?? person.name;
export const titleOf = (chat) => (chat.type === "private" ? nameOf(chat.bot) : chat.title);
export const colourOf = (chat) => (chat.type === "private" ? whoIs(chat.bot)?.color : chat.color);
export const isPhone = () => matchMedia("(max-width: 860px)").matches;

/* Membership */
export const memberOf = (chat, id = ui.me) => chat.members?.find((member) => member.user === id);
export const isAdmin = (chat, id = ui.me) =>
  ["creator", "administrator"].includes(memberOf(chat, id)?.status);
export const isIn = (chat, id) =>
  chat.type === "private" ? chat.person === id : Boolean(memberOf(chat, id)?.is_member);

/* Messages */
export const isOut = (message) => message.from === ui.me;
export const visible = ({ only_for: only, from }, id) => only == null || only === id || from === id;
export const history = (key, id = ui.me) => (world.messages.get(key) ?? []).filter((one) => visible(one, id));

/* Chats */
/** The person's chats, newest first, then the bots they have not opened yet. */
export function chatsOf(id) {
  const last = (chat) => history(chat.key, id).at(-1)?.date ?? 0;
  const own = [...world.chats.values()].filter((chat) => isIn(chat, id));
  const opened = new Set(own.map((chat) => chat.bot));
  const unopened = [...world.bots.values()].filter((bot) => !opened.has(bot.id));
  own.sort((one, other) => last(other) - last(one));
  return [...own, ...unopened.map((bot) => unopenedChat(id, bot))];
}
const unopenedChats = new WeakMap();
/** Stands for a private chat nobody has started; the same object each time, so that its row stays. */
function unopenedChat(person, bot) {
  if (!unopenedChats.has(bot)) unopenedChats.set(bot, new Map());
  const known = unopenedChats.get(bot);
  const key = `p${person}_${bot.id}`;
  const chat = { key, type: "private", person, bot: bot.id, started: false, blocked: false };
  if (!known.has(person)) known.set(person, chat);
  return known.get(person);
}
export const currentChat = () => chatsOf(ui.me).find((chat) => chat.key === ui.chat) ?? null;

/* Unread marks */
export const unreadOf = (id, key) => ui.unread.get(`${id} ${key}`) ?? 0;
export const unreadTotal = (id) =>
  [...ui.unread].reduce((sum, [place, n]) => sum + (place.startsWith(`${id} `) ? n : 0), 0);
export function markRead() {
  const looking = !document.hidden && (!isPhone() || document.body.dataset.pane === "chat");
  if (looking) ui.unread.delete(`${ui.me} ${ui.chat}`);
}

/* Painting */
let painter = null;
let due = false;
export const paintWith = (paintAll) => { painter = paintAll; };
export function paint() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; painter(); });
}
