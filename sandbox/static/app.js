"use strict";
/* The sandbox page. It holds a copy of the world (GET api/state, kept fresh by api/events), paints what the
   chosen person would see, and turns clicks into POST api/act. Shapes: the docstring of sandbox/view.py.
   Text from people and bots only ever becomes text nodes; nothing here parses HTML. */

/* ── Words: [English, Russian]; plural forms are parted by "|" ─────────────────────────────────────── */
const WORDS = {
  tagline: ["Telegram sandbox", "Песочница Telegram"], youAre: ["You are", "Вы сейчас"], chats: ["Chats", "Чаты"],
  people: ["People", "Люди"], chat: ["Chat", "Чат"], tryThis: ["Try this", "Попробуйте"], calls: ["Calls", "Вызовы"],
  tools: ["Tools", "Настройки"], panels: ["Panels", "Разделы"], openLink: ["Open a link", "Открыть ссылку"],
  callsTitle: ["Bot API calls", "Вызовы Bot API"], onlyErrors: ["Errors only", "Только ошибки"],
  tryHint: ["Each step brings you to the right person and chat, with the words already written.",
    "Каждый шаг откроет нужного человека и чат, текст уже будет набран."],
  write: ["Message", "Сообщение"], send: ["Send", "Отправить"], commands: ["Commands", "Команды"],
  photo: ["Attach a photo", "Прикрепить фото"], keyboard: ["Bot keyboard", "Клавиатура бота"],
  offline: ["The sandbox does not answer. Trying again…", "Песочница не отвечает. Пробуем снова…"],
  as: ["as {name}", "как {name}"], info: ["Details of {name}", "Подробнее: {name}"], members: ["{n} member|{n} members", "{n} участник|{n} участника|{n} участников"],
  subscribers: ["{n} subscriber|{n} subscribers", "{n} подписчик|{n} подписчика|{n} подписчиков"], bot: ["bot", "бот"], deaf: ["bot, nobody is listening", "бот, никто не слушает"],
  waiting: ["{n} update waiting|{n} updates waiting", "ждёт {n} событие|ждут {n} события|ждут {n} событий"], webhook: ["webhook", "вебхук"], polling: ["polling", "опрос"],
  typing: ["{name} is typing…", "{name} печатает…"], edited: ["edited", "изменено"], onlyYou: ["only you see this", "видно только вам"],
  forwarded: ["Forwarded from {name}", "Переслано от {name}"], pinned: ["Pinned", "Закреплено"], you: ["You", "Вы"],
  start: ["Start", "Начать"], notStarted: ["Not started yet", "Ещё не начат"], unblock: ["Unblock", "Разблокировать"], block: ["Block the bot", "Заблокировать бота"],
  blocked: ["You blocked this bot.", "Вы заблокировали бота."], readOnly: ["Only admins post in this channel.", "В канале пишут только администраторы."],
  muted: ["You may not write in this chat.", "Вам нельзя писать в этом чате."], noChats: ["No chats yet. Open a link or a bot.", "Чатов пока нет. Откройте ссылку или бота."],
  noMessages: ["No messages yet", "Сообщений пока нет"], noCalls: ["Nothing yet. What a bot asks Telegram to do appears here.", "Пока пусто. Здесь появятся запросы ботов к Telegram."],
  pickChat: ["Choose a chat on the left", "Выберите чат слева"], reply: ["Reply", "Ответить"], edit: ["Edit", "Изменить"], remove: ["Delete", "Удалить"],
  forward: ["Forward", "Переслать"], react: ["React", "Реакция"], cancel: ["Cancel", "Отмена"], close: ["Close", "Закрыть"], ok: ["OK", "Хорошо"], more: ["Message actions", "Действия с сообщением"],
  copied: ["Copied", "Скопировано"], linkLabel: ["Link or @username", "Ссылка или @имя"], openIt: ["Open", "Открыть"], join: ["Join", "Вступить"],
  askJoin: ["Ask to join", "Подать заявку"], requested: ["Your request was sent to the admins.", "Заявка отправлена администраторам."],
  pay: ["Pay {price}", "Заплатить {price}"], paid: ["Paid {price}", "Оплачено {price}"], balance: ["Your balance: {n} ⭐", "Ваш баланс: {n} ⭐"], addStars: ["Add 100 ⭐", "Добавить 100 ⭐"],
  whichChat: ["Choose a chat", "Выберите чат"], whichUser: ["Choose a person", "Выберите человека"], noChoice: ["There is nothing to choose from.", "Выбирать не из чего."],
  membersTitle: ["Members", "Участники"], requests: ["Wants to join", "Заявки"], approve: ["Approve", "Принять"], decline: ["Decline", "Отклонить"],
  links: ["Invite links", "Пригласительные ссылки"], newLink: ["New link", "Новая ссылка"], revoke: ["Revoke", "Отозвать"], copy: ["Copy", "Копировать"], joins: ["{n} joined", "вступили: {n}"],
  byRequest: ["by request", "по заявке"], linkName: ["Name", "Название"], limit: ["Member limit", "Сколько человек"], addSomebody: ["Add a person or bot", "Добавить человека или бота"],
  leave: ["Leave", "Выйти"], rename: ["Rename", "Переименовать"], upgrade: ["Make it a supergroup", "Сделать супергруппой"], promote: ["Make admin", "В админы"], demote: ["Dismiss admin", "Из админов"],
  kick: ["Remove", "Исключить"], ban: ["Ban", "Забанить"], unban: ["Unban", "Разбанить"], clear: ["Clear history", "Очистить историю"],
  creator: ["owner", "владелец"], administrator: ["admin", "админ"], member: ["member", "участник"], restricted: ["restricted", "ограничен"], left: ["left", "вышел"], kicked: ["banned", "забанен"],
  clock: ["Clock", "Часы"], clockHint: ["Plans, bans and links expire by this clock.", "По этим часам истекают подписки, баны и ссылки."], ahead: ["{n} ahead of real time", "впереди настоящего на {n}"], hour: ["+1 hour", "+1 час"], day: ["+1 day", "+1 день"], week: ["+1 week", "+1 неделя"], month: ["+30 days", "+30 дней"], realTime: ["Real time", "Настоящее"],
  faults: ["Trouble", "Неполадки"], faultsHint: ["Let Telegram misbehave and watch what the product does.", "Пусть Telegram сбоит: посмотрите, что сделает продукт."],
  down: ["Telegram is down", "Telegram не работает"], duplicates: ["Deliver every update twice", "Доставлять события дважды"], flood: ["Enforce flood limits", "Соблюдать лимиты отправки"], kind: ["What happens", "Что случится"], method: ["Method", "Метод"], any: ["any", "любой"], times: ["How often", "Сколько раз"], add: ["Add", "Добавить"], always: ["always", "всегда"], turnOff: ["Turn off", "Выключить"],
  f_flood: ["429 Too Many Requests", "429 слишком много запросов"], f_error: ["500 server error", "500 ошибка сервера"], f_lost: ["Lost answer", "Потерянный ответ"], f_hang: ["No answer", "Нет ответа"], f_slow: ["Slow answer", "Медленный ответ"], f_broken: ["Broken JSON", "Испорченный JSON"],
  newcomers: ["Somebody new", "Кто-то новый"], name: ["Name", "Имя"], newPerson: ["Add a person", "Добавить человека"], newChat: ["New chat", "Новый чат"], group: ["Group", "Группа"], channel: ["Channel", "Канал"], title: ["Title", "Название"], create: ["Create", "Создать"], username: ["Username", "Имя пользователя"],
  topics: ["Topics", "Темы"], general: ["General", "Общее"],
  notInside: ["{name} is not in that chat yet: take the steps before first.",
    "{name} ещё не в этом чате: сначала сделайте шаги выше."],
  failed: ["That did not work: {why}", "Не получилось: {why}"],
};
const query = new URLSearchParams(location.search);
const lang = (query.get("lang") || navigator.language || "en").startsWith("ru") ? "ru" : "en";
const t = (key, values = {}) => WORDS[key][lang === "ru" ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const plurals = new Intl.PluralRules(lang);
function plural(key, n) {
  const forms = t(key, { n }).split("|");
  const order = lang === "ru" ? ["one", "few", "many"] : ["one", "other"];
  return forms[Math.max(0, order.indexOf(plurals.select(n)))];
}
/** Seeded texts are a string or one per language. */
const said = (text) => (typeof text === "object" && text ? text[lang] ?? text.en : text ?? "");

/* ── DOM ────────────────────────────────────────────────────────────────────────────────────────────── */
const $ = (id) => document.getElementById(id);
function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}
const SVG = "http://www.w3.org/2000/svg";
function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  svg.firstChild.setAttribute("href", `#i-${name}`);
  return svg;
}
const initials = (name) => (name || "?").split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
const avatar = (name, colour, size = "") =>
  h("span", { class: `avatar ${size}`, "data-colour": (colour ?? 5) % 7, "aria-hidden": "true" }, initials(name));
/** Any <button>; `button`, `quiet` and `danger` are the ones with nothing but a word. */
const press = (props, onclick, ...children) => h("button", { type: "button", onclick, ...props }, ...children);
const button = (text, onclick, look = "button") => press({ class: look }, onclick, text);
const quiet = (text, onclick) => button(text, onclick, "quiet");
const danger = (text, onclick) => button(text, onclick, "button danger");
const row = (...buttons) => h("div", { class: "buttons" }, buttons);
const span = (look, ...children) => h("span", { class: look }, children);
const auto = (tag, look, text) => h(tag, { class: look || null, dir: "auto" }, text);
const dotted = (...parts) => parts.filter((part) => part || part === 0).join(" · ");

const painted = new WeakMap();
/** Makes `parent` show `items`, rebuilding only nodes whose item or context changed, so focus and scroll stay. */
function sync(parent, items, key, build, context = () => "") {
  const old = new Map([...parent.children].map((node) => [painted.get(node)?.key, node]));
  const nodes = items.map((item, index) => {
    const id = key(item), seen = context(item, index), before = old.get(id), was = before && painted.get(before);
    old.delete(id);
    if (was && was.item === item && was.seen === seen) return before;
    const node = build(item, index);
    painted.set(node, { key: id, item, seen });
    if (before) replaceKeepingFocus(before, node);
    return node;
  });
  for (const node of old.values()) node.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}
function replaceKeepingFocus(before, node) {
  const place = [...before.querySelectorAll("button, a")].indexOf(document.activeElement);
  before.replaceWith(node);
  if (place >= 0) node.querySelectorAll("button, a")[place]?.focus({ preventScroll: true });
}

const clockTime = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat(lang, { day: "numeric", month: "long" });
const fullTime = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
const at = (unix, format = clockTime) => format.format(new Date(unix * 1000));

/* ── The world and what is chosen ───────────────────────────────────────────────────────────────────── */
const world = {
  people: new Map(), bots: new Map(), chats: new Map(), messages: new Map(), calls: [],
  faults: { active: [] }, clock: { now: 0, offset: 0 }, tries: [],
};
const ui = {
  me: null, chat: null, topic: null, reply: null, edit: null, file: null, errors: 0, shown: null, writing: null, wanted: null,
  keysHidden: new Set(), unread: new Map(), typing: new Map(), drafts: new Map(), done: new Set(),
};

const whoIs = (id) => world.people.get(id) ?? world.bots.get(id);
const everybody = () => [...world.people.values(), ...world.bots.values()];
const nameOf = (id) => whoIs(id)?.name ?? String(id);
const isOut = (message) => message.from === ui.me;
const memberOf = (chat, id = ui.me) => chat.members?.find((member) => member.user === id);
const isIn = (chat, id) => (chat.type === "private" ? chat.person === id : Boolean(memberOf(chat, id)?.is_member));
const isAdmin = (chat, id = ui.me) => ["creator", "administrator"].includes(memberOf(chat, id)?.status);
const isPhone = () => matchMedia("(max-width: 860px)").matches;
const visible = (message, id) => message.only_for == null || message.only_for === id || message.from === id;
const history = (key, id = ui.me) => (world.messages.get(key) ?? []).filter((message) => visible(message, id));

/** The person's chats, newest first, then the bots they have not opened yet. */
function chatsOf(id) {
  const own = [...world.chats.values()].filter((chat) => !chat.gone && isIn(chat, id));
  const last = (chat) => history(chat.key, id).at(-1)?.date ?? 0;
  own.sort((one, other) => last(other) - last(one));
  const opened = new Set(own.map((chat) => chat.bot));
  const unopened = [...world.bots.values()].filter((bot) => !opened.has(bot.id)).map((bot) => unopenedChat(id, bot));
  return [...own, ...unopened];
}
const virtual = new WeakMap();
function unopenedChat(person, bot) {
  const known = virtual.get(bot) ?? new Map();
  virtual.set(bot, known);
  const key = `p${person}_${bot.id}`;
  if (!known.has(person)) known.set(person, { key, type: "private", person, bot: bot.id, started: false, blocked: false });
  return known.get(person);
}
const currentChat = () => chatsOf(ui.me).find((chat) => chat.key === ui.chat) ?? null;
const titleOf = (chat) => (chat.type === "private" ? nameOf(chat.bot) : chat.title);
const colourOf = (chat) => (chat.type === "private" ? whoIs(chat.bot)?.color : chat.color);
const unreadOf = (id, key) => ui.unread.get(`${id} ${key}`) ?? 0;

function choosePerson(id) {
  if (ui.me === id) return;
  const stays = world.chats.get(ui.chat);
  ui.me = id;
  const mine = chatsOf(id);
  // Staying in a shared group shows the same conversation with other eyes.
  openChat(stays && isIn(stays, id) ? ui.chat : mine.find((chat) => unreadOf(id, chat.key))?.key ?? mine[0]?.key ?? null, false);
}
/** What is half written stays with its writer and chat. */
function swapDraft() {
  const place = `${ui.me} ${ui.chat}`;
  if (ui.writing === place) return;
  ui.drafts.set(ui.writing, ui.edit ? "" : $("text").value);
  Object.assign(ui, { reply: null, edit: null, file: null, topic: null, writing: place });
  compose(ui.drafts.get(place) ?? "");
}
function openChat(key, show = true) {
  const known = chatsOf(ui.me).some((chat) => chat.key === key);
  // The answer to "join" may overtake the stream's news of the chat: it opens when the news is here.
  ui.wanted = known ? null : key;
  if (known) ui.chat = key;
  swapDraft();
  if (show) showPane("chat");
  markRead();
  query.set("as", ui.me);
  query.set("chat", key ?? "");
  window.history.replaceState(null, "", `?${query}`);
  paint();
}
function markRead() {
  if (!document.hidden && (!isPhone() || document.body.dataset.pane === "chat")) ui.unread.delete(`${ui.me} ${ui.chat}`);
}
function showPane(name) {
  document.body.dataset.pane = name;
  if (!["people", "chat"].includes(name)) document.body.dataset.side = name;
  if (name === "calls") ui.errors = 0;
  markRead();
  paint();
}

/* ── Talking to the server ──────────────────────────────────────────────────────────────────────────── */
async function post(path, body) {
  const answer = await fetch(`api/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
    .then((response) => response.json()).catch((error) => ({ ok: false, error: error.message }));
  if (answer.ok) return answer.result ?? {};
  toast(t("failed", { why: answer.error }), "bad");
  return null;
}
const act = (verb, fields = {}) => post("act", { as: ui.me, do: verb, ...fields });

function toast(text, look = "") {
  const node = h("p", { class: look, dir: "auto" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 3500 + text.length * 40);
}
const isTelegram = (url) => /^(https?:\/\/)?(t\.me|telegram\.me|telegram\.dog)\//i.test(url) || /^tg:/i.test(url);
/** Follows a link as Telegram would: into a chat, a join question, a bill, or out of here. */
async function openLink(url, chat) {
  const found = await act("open", chat ? { url, chat } : { url });
  if (!found) return;
  if (found.kind === "chat") openChat(found.chat);
  if (found.kind === "external" && /^https?:/i.test(found.url)) window.open(found.url, "_blank", "noopener,noreferrer");
  if (found.kind === "pick_chat") {
    const mine = chatsOf(ui.me).filter((one) => one.type !== "private" && isAdmin(one));
    const key = await choose(t("whichChat"), mine.map(chatOption));
    if (key) openLink(url, key);
  }
  if (found.kind === "join") {
    const go = await ask(found.title, [h("p", {}, plural("members", found.members))], t(found.request ? "askJoin" : "join"));
    const joined = go && (await act("join", { link: found.link }));
    if (joined?.status === "requested") toast(t("requested"));
    else if (joined) openChat(joined.chat);
  }
  if (found.kind === "invoice") payFor(found, { link: found.link });
}
async function payFor(invoice, target) {
  const balance = t("balance", { n: world.people.get(ui.me).stars });
  const body = [h("p", { class: "prose", dir: "auto" }, invoice.description), h("p", { class: "soft" }, balance)];
  const price = invoice.display, agreed = await ask(invoice.title, body, t("pay", { price }));
  if (agreed && (await act("pay", target))) toast(t("paid", { price }));
}

/* ── Dialogs ────────────────────────────────────────────────────────────────────────────────────────── */
/** Opens the one dialog; resolves to what `close(value)` was given, or null. */
function dialog(title, fill) {
  const box = $("dialog");
  if (box.open) box.close();
  return new Promise((resolve) => {
    let value = null;
    const close = (result) => { value = result; box.close(); };
    const quit = press({ class: "round", "aria-label": t("close") }, () => close(null), icon("close"));
    const head = h("div", { class: "row-title" }, h("h2", { id: "dialog-title", dir: "auto" }, title), quit);
    box.replaceChildren(head, ...[fill(close)].flat().filter(Boolean));
    // Backdrop clicks reach the dialog element itself.
    box.onclick = (event) => { if (event.target === box) close(null); };
    box.addEventListener("close", () => resolve(value), { once: true });
    box.showModal();
  });
}
const part = (title, ...children) => h("section", {}, title && h("h3", {}, title), children);
const ask = (title, body, yes) => dialog(title, (close) =>
  [...body, part("", row(button(yes, () => close(true), "button primary"), button(t("cancel"), () => close(null))))]);
const choose = (title, options) => dialog(title, (close) => options.length
  ? options.map((one) => press({ class: "line" }, () => close(one.value), avatar(one.text, one.colour, "small"), auto("span", "", one.text)))
  : h("p", {}, t("noChoice")));
const chatOption = (chat) => ({ text: titleOf(chat), colour: colourOf(chat), value: chat.key });
const personOption = (who) => ({ text: who.name, colour: who.color, value: who.id });
/** Fields are [name, label, input properties]; resolves to {name: value}. */
const form = (title, fields, yes) => dialog(title, (close) => {
  const inputs = fields.map(([name, label, props]) => ({ name, label, input: h("input", { type: "text", dir: "auto", ...props }) }));
  const isBox = ({ input }) => input.type === "checkbox";
  const value = (one) => (isBox(one) ? one.input.checked : one.input.value.trim());
  const onsubmit = (event) => {
    event.preventDefault();
    close(Object.fromEntries(inputs.map((one) => [one.name, value(one)])));
  };
  const rows = inputs.map((one) => isBox(one) ? h("label", { class: "check" }, one.input, one.label) : h("label", {}, one.label, one.input));
  return h("form", { onsubmit }, rows, row(h("button", { class: "button primary" }, yes)));
});

async function chatDetails() {
  const chat = currentChat();
  await dialog(titleOf(chat), (close) => chat.type === "private" ? privateDetails(chat, close) : groupDetails(chat, close));
}
function privateDetails(chat, close) {
  const bot = whoIs(chat.bot), todo = (verb, fields) => () => { close(null); act(verb, fields); };
  const verb = chat.blocked ? "unblock" : "block";
  return [h("p", { class: "soft" }, `@${bot.username}`), auto("p", "prose", bot.about ?? ""),
    part("", row(danger(t(verb), todo(verb, { bot: bot.id })), button(t("clear"), todo("delete_chat_history", { chat: chat.key }))))];
}
const line = (id, small, ...keys) => h("div", { class: "line" }, avatar(nameOf(id), whoIs(id)?.color, "small"),
  h("span", {}, h("bdi", {}, nameOf(id)), h("small", {}, small)), h("div", { class: "keys" }, keys));
function groupDetails(chat, close) {
  const admin = isAdmin(chat), own = memberOf(chat)?.status === "creator";
  const todo = (verb, fields) => async () => {
    close(null);
    const done = await act(verb, { chat: chat.key, ...fields });
    if (done && verb === "leave") openChat(chatsOf(ui.me)[0]?.key ?? null, false);
  };
  const request = ({ user, link: name }) => line(user, name ?? "", button(t("approve"), todo("approve", { user })), quiet(t("decline"), todo("decline", { user })));
  const links = (chat.links ?? []).filter((one) => !one.revoked).map((one) => linkLine(one, todo));
  const members = chat.members.filter((one) => one.is_member || (admin && one.status !== "left"));
  return [
    chat.username && h("p", { class: "soft" }, `@${chat.username}`),
    admin && chat.requests?.length > 0 && part(t("requests"), chat.requests.map(request)),
    admin && part(t("links"), links, row(button(t("newLink"), () => newLink(chat)))),
    part(t("membersTitle"), members.map((one) => line(one.user, one.title || t(one.status), memberKeys(chat, one, todo)))),
    part("", row(admin && button(t("addSomebody"), () => addSomebody(chat)), own && button(t("rename"), () => renameChat(chat)),
      own && chat.type === "group" && button(t("upgrade"), todo("upgrade")), danger(t("leave"), todo("leave"))))];
}
function memberKeys(chat, { user, status, is_member: here }, todo) {
  if (!isAdmin(chat) || user === ui.me || status === "creator") return [];
  const rank = status === "administrator" ? "demote" : "promote", fate = status === "kicked" ? "unban" : "ban";
  return [here && memberOf(chat)?.status === "creator" && quiet(t(rank), todo(rank, { user, rights: "all" })),
    here && quiet(t("kick"), todo("kick", { user })), quiet(t(fate), todo(fate, { user }))];
}
function linkLine(one, todo) {
  const limit = one.limit && `≤ ${one.limit}`, price = one.price && `${one.price} ⭐`, until = one.expires && at(one.expires, fullTime);
  const facts = dotted(t("joins", { n: one.used }), limit, one.request && t("byRequest"), price, until);
  return h("div", { class: "line" }, h("span", {}, one.name || one.url.replace(/^https?:\/\//, ""), h("small", {}, facts)),
    h("div", { class: "keys" }, quiet(t("copy"), () => copyText(one.url)), quiet(t("revoke"), todo("revoke_link", { url: one.url }))));
}
async function newLink(chat) {
  const fields = [["name", t("linkName"), { maxlength: 32 }], ["limit", t("limit"), { type: "number", min: 1, max: 99999 }],
    ["request", t("byRequest"), { type: "checkbox" }]];
  const made = await form(t("newLink"), fields, t("create"));
  if (!made) return;
  const found = await act("create_link", { chat: chat.key, name: made.name || null, limit: Number(made.limit) || null, request: made.request });
  if (found) copyText(found.url);
}
async function addSomebody(chat) {
  const others = everybody().filter((who) => !isIn(chat, who.id));
  const user = await choose(t("addSomebody"), others.map(personOption));
  // A bot in a channel is always an administrator; elsewhere rights are what makes it useful here.
  if (user) act("add", { chat: chat.key, user, ...(world.bots.has(user) ? { rights: "all" } : {}) });
}
async function renameChat(chat) {
  const made = await form(t("rename"), [["title", t("title"), { value: chat.title, required: true, maxlength: 128 }]], t("rename"));
  if (made) act("rename", { chat: chat.key, title: made.title });
}
async function copyText(text) {
  await navigator.clipboard?.writeText(text).catch(() => null);
  toast(`${t("copied")}: ${text}`);
}
async function messageMenu(message) {
  const chat = currentChat(), mine = isOut(message);
  const deletes = mine || isAdmin(chat) || chat.type === "private";
  const choice = await dialog(message.sender.name, (close) => {
    const key = (verb) => button(t(verb), () => close(verb));
    const reactions = ["👍", "❤", "🔥", "😁", "👎"].map((emoji) => button(emoji, () => close({ emoji })));
    return [part(t("react"), row(reactions)),
      part("", row(key("reply"), key("forward"), mine && message.text && key("edit"), deletes && danger(t("remove"), () => close("remove"))))];
  });
  if (choice?.emoji) {
    const had = message.reactions?.some((one) => one.emoji === choice.emoji && one.from.includes(ui.me));
    act("react", { message: message.uid, emoji: had ? null : choice.emoji });
  } else if (choice === "remove") act("delete", { message: message.uid });
  else if (choice === "forward") {
    const to = await choose(t("forward"), chatsOf(ui.me).map(chatOption));
    if (to) act("forward", { message: message.uid, to });
  } else if (choice) {
    Object.assign(ui, { reply: choice === "reply" ? message : null, edit: choice === "edit" ? message : null });
    if (choice === "edit") compose(message.text);
    paint();
    $("text").focus();
  }
}

/* ── Text with entities ─────────────────────────────────────────────────────────────────────────────── */
const PLAIN = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
/** Nodes for `text` with Telegram entities: offsets are UTF-16 units, as in JavaScript; they nest and may cross. */
function rich(text, entities = []) {
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  const build = (from, to, list) => {
    const nodes = [];
    let place = from;
    while (list.length) {
      const [entity, ...others] = list;
      const start = Math.max(entity.offset, place), end = Math.min(entity.offset + entity.length, to);
      list = others;
      if (start >= end) continue;
      nodes.push(BLOCKS.has(entity.type) ? text.slice(place, start).replace(/\n$/, "") : text.slice(place, start));
      nodes.push(marked(entity, text.slice(start, end), build(start, end, others.filter((one) => one.offset < end))));
      list = others.filter((one) => one.offset + one.length > end);
      // A block breaks the line by itself; the newline after it would show as an empty line.
      place = BLOCKS.has(entity.type) && text[end] === "\n" && end < to ? end + 1 : end;
    }
    return [...nodes, text.slice(place, to)];
  };
  return build(0, text.length, sorted);
}
function marked(entity, raw, inner) {
  const go = (onclick) => press({ class: "linkish" }, onclick, inner);
  switch (entity.type) {
    case "text_link": return link(entity.url, inner);
    case "url": return isTelegram(raw) ? chip(raw) : link(/^\w+:/.test(raw) ? raw : `https://${raw}`, inner);
    case "email": return h("a", { href: `mailto:${raw}` }, inner);
    case "mention": return go(() => openLink(`https://t.me/${raw.slice(1)}`));
    case "bot_command": return go(() => act("send", { chat: ui.chat, text: raw }));
    case "spoiler": return spoiler(inner);
    case "expandable_blockquote": return h("blockquote", { class: "long", tabindex: "0" }, inner);
    case "hashtag": case "cashtag": case "text_mention": return h("span", { class: "linkish" }, inner);
    default: return PLAIN[entity.type] ? h(PLAIN[entity.type], {}, inner) : h("span", {}, inner);
  }
}
function link(url, inner) {
  if (isTelegram(url)) return press({ class: "linkish", title: url }, () => openLink(url), inner);
  // Any other scheme, javascript: among them, stays plain text.
  return /^(https?|mailto|tel):/i.test(url) ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, inner) : h("span", {}, inner);
}
const chip = (url) => press({ class: "chip", title: url }, () => openLink(url), icon("link"), h("span", {}, url.replace(/^https?:\/\//, "")));
function spoiler(inner) {
  const onclick = () => node.setAttribute("aria-expanded", "true");
  const onkeydown = (event) => event.key === "Enter" && onclick();
  const node = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-expanded": "false", onclick, onkeydown }, h("span", {}, inner));
  return node;
}

/* ── Messages ───────────────────────────────────────────────────────────────────────────────────────── */
function messageNode(message, { first, last, group }) {
  if (message.service) return h("li", { class: "service", "data-testid": "message", dir: "auto" }, message.service);
  const out = isOut(message), look = ["message", out && "out", first && "first", last && "last"].filter(Boolean).join(" ");
  return h("li", { class: look, "data-testid": "message", "data-uid": message.uid },
    group && !out && avatar(message.sender.name, message.sender.color, "small"),
    h("div", { class: "body" }, bubble(message, group && !out && first), message.buttons?.length > 0 && inlineKeyboard(message)),
    press({ class: "act", "aria-label": t("more") }, () => messageMenu(message), icon("info")));
}
function bubble(message, named) {
  const chat = world.chats.get(message.chat), reply = message.reply_to;
  const tag = chat && isAdmin(chat, message.from) && span("tag", memberOf(chat, message.from).title || t(memberOf(chat, message.from).status));
  const reacted = (message.reactions ?? []).filter((one) => one.from.length);
  const meta = span("meta", dotted(message.only_for != null && t("onlyYou"), message.edited && t("edited"), at(message.date)));
  return h("div", { class: "bubble" },
    named && h("span", { class: "sender", "data-colour": message.sender.color % 7 }, tag, h("bdi", {}, message.sender.name)),
    message.forward && h("div", { class: "forward" }, t("forwarded", { name: message.forward })),
    reply && press({ class: "quote", dir: "auto" }, () => jumpTo(reply.uid), h("b", {}, reply.name), reply.text),
    message.media && mediaNode(message.media), extras(message),
    message.text ? h("div", { class: "text", dir: "auto" }, rich(message.text, message.entities), meta) : meta,
    reacted.length > 0 && h("div", { class: "reactions" }, reacted.map((one) => h("span", {}, `${one.emoji} ${one.from.length}`))));
}
const jumpTo = (uid) => document.querySelector(`[data-uid="${CSS.escape(uid)}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
function mediaNode(media) {
  const { kind, url } = media, name = media.file_name || kind;
  const image = kind === "photo" || (kind === "sticker" && !media.emoji);
  if (image) return h("img", { class: "media", src: url, alt: name, onload: stick });
  if (kind === "sticker") return span("price", media.emoji);
  if (kind === "video" || kind === "animation") return h("video", { class: "media", src: url, controls: true, preload: "metadata" });
  if (kind === "audio" || kind === "voice") return h("audio", { class: "media", src: url, controls: true, preload: "none" });
  return h("a", { class: "file", href: url, download: name }, avatar(name.split(".").pop().slice(0, 4), 5, "small"), name);
}
function extras({ invoice, poll, location: place, contact, dice }) {
  if (invoice) return h("div", { class: "invoice" }, auto("b", "", invoice.title), auto("span", "", invoice.description), span("price", invoice.display));
  if (poll) return h("div", {}, auto("b", "", poll.question), h("ul", {}, poll.options.map((one) => auto("li", "", `○ ${one.text}`))));
  if (place) return h("div", {}, `📍 ${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`);
  if (contact) return h("div", { dir: "auto" }, `👤 ${contact.first_name}, ${contact.phone_number}`);
  return dice ? h("div", {}, `${dice.emoji} ${dice.value}`) : null;
}
function inlineKeyboard(message) {
  const paid = message.invoice?.paid_by?.includes(ui.me);
  const key = (one, line, column) => {
    const settled = paid && one.kind === "pay";
    const props = { "data-kind": one.kind, "data-style": one.style, "data-testid": `button-${one.text}`, dir: "auto", disabled: settled || one.kind === "disabled" };
    return press(props, (event) => pressInline(message, one, line, column, event.currentTarget), settled ? t("paid", { price: message.invoice.display }) : one.text);
  };
  return h("div", { class: "inline" }, message.buttons.map((keys, line) => h("div", {}, keys.map((one, column) => key(one, line, column)))));
}
async function pressInline(message, one, line, column, node) {
  if (one.kind === "copy") return copyText(one.copy ?? one.text);
  if (one.kind === "pay") return payFor(message.invoice, { message: message.uid });
  if (one.url) return openLink(one.url);
  node.classList.add("busy");
  await act("click", { message: message.uid, row: line, column });
  node.classList.remove("busy");
}

let stuck = true, lastTop = 0;
/** Keeps the newest message in sight while keyboards, images and the window change the room there is. */
const stick = () => {
  if (!stuck) return;
  $("log").scrollTop = $("log").scrollHeight;
  lastTop = $("log").scrollTop;
};
/** Only a person scrolls upwards; growing content moves nothing and must not count as leaving the end. */
function scrolled({ target }) {
  const end = target.scrollHeight - target.scrollTop - target.clientHeight < 90;
  if (end || target.scrollTop < lastTop) stuck = end;
  lastTop = target.scrollTop;
}
/** Whether two neighbours read as one run: same sender, within ten minutes. */
const follows = (one, other) => one && other && !one.service && !other.service && one.from === other.from &&
  one.sender.name === other.sender.name && Math.abs(one.date - other.date) < 600;
/** Messages with the days between them, each told whether it begins or ends a run of one sender. */
function withDays(messages) {
  const items = [];
  let day = "";
  messages.forEach((message, index) => {
    const today = at(message.date, dayName), before = messages[index - 1], after = messages[index + 1];
    if (today !== day) items.push({ day: (day = today), message: null });
    items.push({ message, first: !follows(before, message), last: !follows(message, after) });
  });
  return items;
}
const dayNodes = new Map();
function paintMessages(chat) {
  const group = chat && chat.type !== "private", topic = ui.topic;
  const shown = chat ? history(chat.key).filter((one) => !chat.forum || topic === null || (one.topic ?? 0) === topic) : [];
  const items = withDays(shown), facts = new Map(items.map((item) => [item.message ?? dayItem(item.day), item]));
  const log = $("log"), place = `${ui.me} ${ui.chat}`;
  if (ui.shown !== place) stuck = true;
  // A whole other chat is not news: only messages arriving later are read out.
  log.setAttribute("aria-live", ui.shown === place ? "polite" : "off");
  const look = (item) => item.day ? h("li", { class: "day" }, item.day) : messageNode(item, { ...facts.get(item), group });
  const context = (item) => item.day ?? `${ui.me}${facts.get(item).first}${facts.get(item).last}${group && memberOf(chat, item.from)?.status}`;
  sync($("messages"), [...facts.keys()], (item) => item.uid ?? `day ${item.day}`, look, context);
  ui.shown = place;
}
function dayItem(day) {
  if (!dayNodes.has(day)) dayNodes.set(day, { day });
  return dayNodes.get(day);
}

/* ── Left pane ──────────────────────────────────────────────────────────────────────────────────────── */
const unreadTotal = (id) => [...ui.unread].reduce((sum, [key, n]) => sum + (key.startsWith(`${id} `) ? n : 0), 0);
const badge = (n) => n > 0 && h("b", { class: "badge" }, n);
function personNode(person) {
  const name = person.first_name ?? person.name, pressed = String(person.id === ui.me);
  return h("li", {}, press({ "data-testid": `person-${name}`, "aria-pressed": pressed }, () => choosePerson(person.id),
    avatar(person.name, person.color), auto("span", "name", name), badge(unreadTotal(person.id))));
}
function preview(chat) {
  const last = history(chat.key).at(-1);
  if (!last) return chat.type === "private" && !chat.started ? t("notStarted") : t("noMessages");
  const what = last.service ?? (last.text || last.invoice?.title || last.poll?.question || last.media?.emoji || last.media?.kind || "…");
  const who = last.service || chat.type !== "supergroup" && chat.type !== "group" ? "" : `${isOut(last) ? t("you") : last.sender.name}: `;
  return who + what.slice(0, 90);
}
function chatNode(chat) {
  const last = history(chat.key).at(-1), title = titleOf(chat);
  return h("li", {}, press({ "data-testid": `chat-${title}`, "aria-current": String(chat.key === ui.chat) }, () => openChat(chat.key),
    avatar(title, colourOf(chat)),
    span("lines", h("bdi", { class: "title" }, title), span("time", last && at(last.date))),
    span("lines", h("bdi", { class: "preview" }, preview(chat)), badge(unreadOf(ui.me, chat.key)))));
}
function paintPeople() {
  const personState = (person) => `${person.id === ui.me} ${unreadTotal(person.id)}`;
  sync($("persons"), [...world.people.values()], (person) => person.id, personNode, personState);
  const chats = ui.me === null ? [] : chatsOf(ui.me);
  const chatState = (chat) => [ui.me, chat.key === ui.chat, unreadOf(ui.me, chat.key), preview(chat), titleOf(chat)].join();
  sync($("chats"), chats, (chat) => chat.key, chatNode, chatState);
  if (!chats.length) $("chats").replaceChildren(h("li", { class: "empty" }, t("noChats")));
  const unread = ui.me === null ? 0 : unreadTotal(ui.me);
  for (const node of document.querySelectorAll("[data-unread]")) Object.assign(node, { hidden: !unread, textContent: unread });
}

/* ── Middle pane ────────────────────────────────────────────────────────────────────────────────────── */
function subtitle(chat) {
  if (chat.type === "private") return t(whoIs(chat.bot)?.listening ? "bot" : "deaf");
  return plural(chat.type === "channel" ? "subscribers" : "members", chat.members.filter((one) => one.is_member).length);
}
function headNode(chat, me) {
  if (!chat) return h("div", { class: "head" }, h("div", { class: "who" }, h("h2", {}, t("pickChat"))));
  const name = titleOf(chat), asking = isAdmin(chat) && badge(chat.requests?.length ?? 0);
  return h("div", { class: "head" }, avatar(name, colourOf(chat)),
    h("div", { class: "who" }, auto("h2", "", name), h("p", {}, subtitle(chat))),
    span("as", avatar(me.name, me.color, "small"), t("as", { name: me.first_name ?? me.name })),
    press({ class: "round", id: "details", "aria-label": t("info", { name }) }, chatDetails, icon("info"), asking));
}
function paintHead(chat) {
  const facts = chat ? [chat.key, titleOf(chat), subtitle(chat), ui.me, isAdmin(chat), chat.requests?.length].join() : "";
  sync($("chat-head"), [facts], () => "head", () => headNode(chat, world.people.get(ui.me)));
  const shown = chat ? history(chat.key) : [];
  const pinned = (chat?.pinned ?? []).map((uid) => shown.find((one) => one.uid === uid)).filter(Boolean).at(-1);
  $("pinned").hidden = !pinned;
  if (pinned) $("pinned").replaceChildren(h("b", {}, `${t("pinned")} · `), pinned.text || pinned.media?.kind || "");
  const general = [{ id: null, name: "#" }, { id: 0, name: t("general") }];
  // Telegram's topic 1 is "General"; its messages carry no topic id.
  const topics = chat?.forum ? [...general, ...(chat.topics ?? []).filter((one) => one.id > 1)] : [];
  const choice = (one) => press({ class: "quiet", "aria-pressed": String(ui.topic === one.id) }, () => { ui.topic = one.id; paint(); }, one.name);
  $("topics").hidden = !topics.length;
  $("topics").replaceChildren(...topics.map(choice));
}
/** Why the person cannot write here, as [text, button], or null when they can. */
function hindrance(chat) {
  if (chat.type === "private") {
    if (chat.blocked) return [t("blocked"), button(t("unblock"), () => act("unblock", { bot: chat.bot }), "button primary")];
    return chat.started ? null : [said(whoIs(chat.bot).description), button(t("start"), () => startBot(chat), "button primary")];
  }
  if (chat.type === "channel" && !isAdmin(chat)) return [t("readOnly"), null];
  const member = memberOf(chat), silent = member?.status === "restricted" && !member.rights?.includes("can_send_messages");
  return silent ? [t("muted"), null] : null;
}
async function startBot(chat) {
  const done = await act("start", { bot: chat.bot });
  if (done) openChat(done.chat);
}
function paintComposer(chat) {
  const why = chat ? hindrance(chat) : ["", null];
  $("composer").hidden = !chat;
  $("notice").hidden = !why;
  if ($("inputs").hidden !== Boolean(why)) { $("inputs").hidden = Boolean(why); fit(); }
  const state = why ? `${chat?.key} ${why[0]} ${why[1]?.textContent}` : "";
  sync($("notice"), why ? [state] : [], (item) => item, () => h("div", { class: "why" }, why[0] && h("p", { dir: "auto" }, why[0]), why[1]));
  paintAbout();
  paintKeyboard(chat, why);
  const typing = chat && ui.typing.get(chat.key);
  $("typing").textContent = typing ? t("typing", { name: typing }) : "";
}
/** The strip above the composer: what is being edited, answered or attached. */
function paintAbout() {
  const about = ui.edit ?? ui.reply;
  const quit = () => {
    if (ui.edit) compose("");
    Object.assign(ui, { edit: null, reply: null, file: null });
    paint();
  };
  const words = ui.file ? `${t("photo")}: ${ui.file.name}` : about ? `${t(ui.edit ? "edit" : "reply")}: ${about.text || about.sender.name}` : "";
  $("replying").hidden = !words;
  $("replying").replaceChildren(auto("span", "", words), quiet(t("cancel"), quit));
}
function paintKeyboard(chat, why) {
  const mine = (keyboard) => keyboard && (!keyboard.only_for || keyboard.only_for.includes(ui.me));
  const bringer = chat && history(chat.key).findLast((one) => mine(one.keyboard) || one.remove_keyboard);
  const keys = !why && bringer?.keyboard ? bringer : null, open = keys && !ui.keysHidden.has(keys.uid);
  $("keys").hidden = !keys;
  $("keys").setAttribute("aria-expanded", String(Boolean(open)));
  $("keys").onclick = () => { ui.keysHidden[open ? "add" : "delete"](keys.uid); paint(); };
  $("keyboard").hidden = !open;
  $("text").placeholder = (open && keys.keyboard.placeholder) || t("write");
  const key = (one) => press({ "data-testid": `key-${one.text}`, dir: "auto" }, () => pressKey(chat, keys, one), one.text);
  const rows = () => h("div", { class: "rows" }, keys.keyboard.rows.map((line) => h("div", {}, line.map(key))));
  sync($("keyboard"), open ? [keys] : [], (item) => item.uid, rows);
}
const BOT_FIELDS = () => [["name", t("name"), { required: true }], ["username", t("username"), { required: true, pattern: "\\w{2,}[Bb][Oo][Tt]" }]];
async function pressKey(chat, keys, { text, kind }) {
  const fields = { chat: chat.key, text };
  if (kind === "chat") fields.share = await choose(t("whichChat"), chatsOf(ui.me).filter((one) => one.type !== "private").map(chatOption));
  if (kind === "users") fields.share = [await choose(t("whichUser"), everybody().map(personOption))].filter(Boolean);
  if (kind === "managed_bot") Object.assign(fields, await form(text, BOT_FIELDS(), t("create")));
  const cancelled = { chat: !fields.share, users: !fields.share?.length, managed_bot: !fields.username }[kind];
  if (!cancelled && (await act("press", fields)) && keys.keyboard.one_time) { ui.keysHidden.add(keys.uid); paint(); }
}

/* Writing */
function compose(text) {
  $("text").value = text;
  fit();
  offerCommands();
}
function fit() {
  $("text").style.height = "auto";
  // A hidden field measures nothing.
  if ($("text").scrollHeight) $("text").style.height = `${$("text").scrollHeight}px`;
}
async function sendText() {
  const text = $("text").value.trim(), file = ui.file;
  if (!text && !file) return;
  const { chat, reply, edit, topic } = ui;
  $("commands").hidden = true;
  const fields = { chat, text, file: file ?? undefined, reply_to: reply?.uid, topic: topic || undefined };
  const sent = edit ? await act("edit", { message: edit.uid, text }) : await act("send", fields);
  if (!sent) return;
  Object.assign(ui, { reply: null, edit: null, file: null });
  stuck = true;
  compose("");
  paint();
}
let offered = { place: "", list: [] };
async function offerCommands() {
  const typed = $("text").value, list = $("commands"), place = `as=${ui.me}&chat=${ui.chat}`;
  if (!/^\/\w*$/.test(typed)) { list.hidden = true; return; }
  if (offered.place !== place || typed === "/") {
    const answer = await fetch(`api/commands?${place}`);
    offered = { place, list: answer.ok ? await answer.json() : [] };
  }
  const fitting = offered.list.filter((one) => `/${one.command}`.startsWith($("text").value));
  // In groups Telegram names the bot, for several may know the command.
  const full = (one) => (world.chats.get(ui.chat)?.type === "private" ? `/${one.command}` : `/${one.command}@${one.bot}`);
  const run = (one) => { compose(""); act("send", { chat: ui.chat, text: full(one) }); $("text").focus(); };
  const offer = (one) => h("li", {}, press({}, () => run(one), h("b", {}, `/${one.command}`), auto("span", "soft", one.description)));
  list.replaceChildren(...fitting.map(offer));
  list.hidden = !fitting.length;
}
function composerKeys(event) {
  const list = $("commands"), touch = isPhone() && matchMedia("(pointer: coarse)").matches;
  if (event.key === "Escape") list.hidden = true;
  else if (event.key === "ArrowUp" && !list.hidden) {
    event.preventDefault();
    list.querySelector("li:last-child button").focus();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) {
    event.preventDefault();
    sendText();
  }
}
/** Arrows walk through the command list, Escape leads back to the text. */
function commandKeys(event) {
  const next = { ArrowUp: "previousSibling", ArrowDown: "nextSibling" }[event.key];
  if (event.key === "Escape") { $("commands").hidden = true; $("text").focus(); }
  if (!next) return;
  event.preventDefault();
  (event.target.closest("li")[next]?.firstChild ?? $("text")).focus();
}
function attach(input) {
  const [file] = input.files, reader = new FileReader();
  input.value = "";
  if (!file) return;
  reader.onload = () => { ui.file = { name: file.name, mime: file.type, data: reader.result.split(",")[1] }; paint(); };
  reader.readAsDataURL(file);
}

/* ── Right pane ─────────────────────────────────────────────────────────────────────────────────────── */
/** Goes where the step happens: its person, its link or chat, its words in the composer. */
async function takeStep(step, number) {
  if (step.as != null) choosePerson(step.as);
  const there = chatsOf(ui.me).some((chat) => chat.key === step.chat);
  if (step.chat && !step.open && !there) return toast(t("notInside", { name: nameOf(ui.me) }));
  ui.done.add(number);
  if (step.chat) openChat(step.chat);
  if (step.open) await openLink(step.open);
  else showPane("chat");
  // In a chat not started yet the Start button already says "/start".
  const starts = currentChat()?.started === false && /^\/start$/.test(step.fill ?? "");
  if (step.fill && !starts) { compose(step.fill); $("text").focus(); }
}
function stepNode(step, number) {
  const done = ui.done.has(number), who = step.as != null && t("as", { name: nameOf(step.as) });
  return h("li", {}, press({ class: done && "done", "data-testid": `try-${number}` }, () => takeStep(step, number),
    span("number", done ? "✓" : number), auto("b", "", said(step.text)),
    h("small", {}, who, step.fill && [who && " · ", h("code", {}, step.fill)])));
}
function paintSteps() {
  // Steps are numbered through all lists.
  const before = world.tries.map((_, index) => world.tries.slice(0, index).reduce((sum, one) => sum + one.steps.length, 0));
  const build = (one, index) => h("li", { class: "try" }, auto("h3", "", said(one.title)), one.text && auto("p", "hint", said(one.text)),
    h("ol", { class: "steps" }, one.steps.map((step, place) => stepNode(step, before[index] + place + 1))));
  sync($("steps"), world.tries, (one) => world.tries.indexOf(one), build, () => [...ui.done].join());
}
const shortly = ({ params }) => dotted(params?.chat_id, params?.text ?? params?.caption ?? params?.user_id);
function callNode(call) {
  const outcome = call.error ? { error: call.error } : { result: call.result };
  const ontoggle = ({ target }) => {
    if (!target.open || target.children.length > 1) return;
    target.append(h("pre", { tabindex: "0" }, JSON.stringify({ params: call.params, ...outcome }, null, 2)));
  };
  const short = call.error ? `${call.error}${call.fault ? ` (${call.fault})` : ""}` : shortly(call);
  return h("li", { class: call.error && "error" }, h("details", { ontoggle },
    h("summary", {}, span("method", call.method), span("when", `${Math.round(call.ms)} ms · ${at(call.time)}`), auto("span", "short", short))));
}
function botNode(bot) {
  const state = dotted(t(bot.listening ?? "deaf"), bot.pending > 0 && plural("waiting", bot.pending), bot.last_error);
  return h("li", { class: "line" }, avatar(bot.name, bot.color, "small"), h("span", {}, `@${bot.username}`, h("small", { class: bot.last_error && "bad" }, state)));
}
function paintCalls() {
  const shown = world.calls.filter((call) => !$("only-errors").checked || call.error).slice(-150).reverse();
  sync($("bots"), [...world.bots.values()], (bot) => bot.id, botNode);
  sync($("calls"), shown, (call) => call.n, callNode);
  if (!shown.length) $("calls").replaceChildren(h("li", { class: "empty" }, t("noCalls")));
  for (const node of document.querySelectorAll("[data-errors]")) Object.assign(node, { hidden: !ui.errors, textContent: ui.errors });
}
const HOUR = 3600, FAULTS = ["flood", "error", "lost", "hang", "slow", "broken"];
const METHODS = ["sendMessage", "sendPhoto", "editMessageText", "deleteMessage", "banChatMember", "restrictChatMember",
  "createChatInviteLink", "approveChatJoinRequest", "answerCallbackQuery", "getChatMember"];
const SPANS = [["hour", HOUR], ["day", 24 * HOUR], ["week", 168 * HOUR], ["month", 720 * HOUR]];
function duration(seconds) {
  const unit = Math.abs(seconds) >= 48 * HOUR ? ["day", 24 * HOUR] : Math.abs(seconds) >= HOUR ? ["hour", HOUR] : ["minute", 60];
  return new Intl.NumberFormat(lang, { style: "unit", unit: unit[0], unitDisplay: "long" }).format(Math.round(seconds / unit[1]));
}
const card = (title, hint, ...body) => h("div", { class: "card" }, h("h3", {}, title), hint && h("p", {}, hint), body);
function clockCard() {
  const { now, offset } = world.clock, jumps = SPANS.map(([key, seconds]) => button(t(key), () => post("clock", { advance: seconds })));
  const moved = Math.abs(offset) > 30;
  return card(t("clock"), t("clockHint"), h("p", { class: "clock" }, at(now, fullTime)), moved && h("p", {}, t("ahead", { n: duration(offset) })),
    row(jumps, moved && button(t("realTime"), () => post("clock", { reset: true }))));
}
function faultsCard() {
  const flip = (key) => {
    const onchange = (event) => post("faults", { [key]: event.target.checked });
    return h("label", { class: "check" }, h("input", { type: "checkbox", "data-testid": `fault-${key}`, checked: world.faults[key], onchange }), t(key));
  };
  const kind = h("select", {}, FAULTS.map((one) => h("option", { value: one }, t(`f_${one}`))));
  const method = h("select", {}, h("option", { value: "" }, t("any")), METHODS.map((one) => h("option", {}, one)));
  const count = h("input", { type: "number", min: 1, value: 1, placeholder: t("always") });
  const add = () => post("faults", { add: { kind: kind.value, method: method.value || null, count: Number(count.value) || null } });
  // The server keeps method names in lower case.
  const named = (method) => METHODS.find((one) => one.toLowerCase() === method?.toLowerCase()) ?? method ?? t("any");
  const words = (one) => dotted(t(`f_${one.kind}`), named(one.method), one.count ? `${one.count}×` : t("always"));
  const active = world.faults.active.map((one) => h("div", { class: "fault" }, h("span", {}, words(one)), quiet(t("turnOff"), () => post("faults", { remove: one.id }))));
  return card(t("faults"), t("faultsHint"), flip("down"), flip("duplicates"), flip("flood"), active,
    h("label", {}, t("kind"), kind), h("div", { class: "pair" }, h("label", {}, t("method"), method), h("label", {}, t("times"), count)), button(t("add"), add));
}
async function newPerson() {
  const made = await form(t("newPerson"), [["name", t("name"), { required: true, maxlength: 64 }]], t("add"));
  const done = made && (await post("people", { name: made.name, language: lang }));
  if (done) choosePerson(done.id);
}
async function newChat(type) {
  const made = await form(t("newChat"), [["title", t("title"), { required: true, maxlength: 128 }]], t("create"));
  const done = made && (await act("create_chat", { title: made.title, type }));
  if (done) openChat(done.chat);
}
function peopleCard() {
  const stars = button(t("addStars"), () => post("stars", { as: ui.me, amount: 100 }));
  return card(t("newcomers"), t("balance", { n: world.people.get(ui.me)?.stars ?? 0 }), row(stars, button(t("newPerson"), newPerson),
    button(`${t("newChat")}: ${t("group")}`, () => newChat("supergroup")), button(`${t("newChat")}: ${t("channel")}`, () => newChat("channel"))));
}
function paintTools() {
  const me = world.people.get(ui.me);
  const cards = [[world.clock, clockCard], [world.faults, faultsCard], [me ?? world, peopleCard]];
  const names = new Map(cards.map(([item, build], index) => [item, [index, build]]));
  sync($("tools"), [...names.keys()], (item) => names.get(item)[0], (item) => names.get(item)[1]());
}

/* ── Painting everything, once per frame ────────────────────────────────────────────────────────────── */
let due = false;
function paint() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; paintAll(); });
}
function paintAll() {
  if (ui.me === null) return;
  if (ui.wanted && chatsOf(ui.me).some((chat) => chat.key === ui.wanted)) openChat(ui.wanted, false);
  let chat = currentChat();
  if (!chat) { ui.chat = chatsOf(ui.me)[0]?.key ?? null; chat = currentChat(); }
  swapDraft();
  paintPeople();
  paintHead(chat);
  paintMessages(chat);
  paintComposer(chat);
  paintSteps();
  paintCalls();
  paintTools();
  stick();
  const pane = document.body.dataset.pane;
  const mark = (where, name, on) => {
    for (const node of document.querySelectorAll(where)) node.setAttribute(name, String(node.dataset.pane === on));
  };
  mark(".bar button", "aria-current", pane);
  mark(".tabs button", "aria-pressed", document.body.dataset.side);
}

/* ── The stream ─────────────────────────────────────────────────────────────────────────────────────── */
function put(list, item, key) {
  const place = list.findIndex((one) => one[key] === item[key]);
  if (place >= 0) list[place] = item; else list.push(item);
  if (list.length > 300) list.shift();
  return place < 0;
}
const receive = {
  person: (person) => world.people.set(person.id, person), bot: (bot) => world.bots.set(bot.id, bot),
  chat: (chat) => (chat.gone ? world.chats.delete(chat.key) : world.chats.set(chat.key, chat)),
  delete: ({ chat, id }) => world.messages.set(chat, (world.messages.get(chat) ?? []).filter((one) => one.uid !== id)),
  faults: (faults) => { world.faults = faults; }, clock: (clock) => { world.clock = clock; }, tries: (tries) => { world.tries = tries; },
  call: (call) => { if (put(world.calls, call, "n") && call.error && document.body.dataset.side !== "calls") ui.errors += 1; },
  message(message) {
    if (!world.messages.has(message.chat)) world.messages.set(message.chat, []);
    if (put(world.messages.get(message.chat), message, "uid")) arrived(message);
  },
  answer({ person, text, alert, url }) {
    if (person !== ui.me) return;
    if (url) openLink(url);
    if (text && alert) dialog(text, (close) => h("div", { class: "buttons" }, button(t("ok"), () => close(true), "button primary")));
    else if (text) toast(text);
  },
  typing({ chat, bot }) {
    ui.typing.set(chat, nameOf(bot));
    setTimeout(() => { ui.typing.delete(chat); paint(); }, 5000);
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
let waiting = null;
/** Takes the whole world; what streams in meanwhile waits, for the snapshot may be older. */
async function load() {
  waiting = [];
  const state = await fetch("api/state").then((answer) => answer.json());
  for (const [name, key] of [["people", "id"], ["bots", "id"], ["chats", "key"]]) {
    world[name] = new Map(state[name].map((item) => [item[key], item]));
  }
  world.messages = new Map(Object.entries(state.messages));
  for (const name of ["calls", "faults", "clock", "tries"]) world[name] = state[name];
  const events = waiting;
  waiting = null;
  for (const [name, data] of events) receive[name](data);
  const wanted = Number(query.get("as"));
  if (ui.me === null && world.people.size) {
    ui.me = world.people.has(wanted) ? wanted : [...world.people.keys()][0];
    ui.chat = query.get("chat") || null;
  }
  paint();
}
function listen() {
  const stream = new EventSource("api/events");
  stream.onopen = () => { $("offline").hidden = true; load(); };
  stream.onerror = () => { $("offline").hidden = false; };
  for (const name of Object.keys(receive)) {
    stream.addEventListener(name, (event) => {
      const data = JSON.parse(event.data);
      if (waiting) waiting.push([name, data]); else { receive[name](data); paint(); }
    });
  }
}

/* ── Start ──────────────────────────────────────────────────────────────────────────────────────────── */
function translatePage() {
  document.documentElement.lang = lang;
  for (const node of document.querySelectorAll("[data-i18n]")) node.textContent = t(node.dataset.i18n);
  for (const node of document.querySelectorAll("[data-i18n-label]")) node.setAttribute("aria-label", t(node.dataset.i18nLabel));
  for (const node of document.querySelectorAll("[data-i18n-title]")) node.title = t(node.dataset.i18nTitle);
  $("text").placeholder = t("write");
  const other = lang === "ru" ? "en" : "ru";
  $("lang").textContent = other.toUpperCase();
  $("lang").setAttribute("aria-label", other === "ru" ? "По-русски" : "In English");
  $("lang").onclick = () => { query.set("lang", other); location.search = query.toString(); };
}
function wire() {
  for (const node of document.querySelectorAll(".bar [data-pane], .tabs [data-pane]")) node.onclick = () => showPane(node.dataset.pane);
  $("composer").onsubmit = (event) => { event.preventDefault(); sendText(); };
  $("text").oninput = () => { fit(); offerCommands(); };
  $("text").onkeydown = composerKeys;
  $("commands").onkeydown = commandKeys;
  $("slash").onclick = () => { compose("/"); $("text").focus(); };
  $("photo").onchange = (event) => attach(event.target);
  $("only-errors").onchange = paint;
  $("open-link").onclick = async () => {
    const given = await form(t("openLink"), [["url", t("linkLabel"), { required: true, placeholder: "https://t.me/…" }]], t("openIt"));
    if (given) openLink(given.url.startsWith("@") ? `https://t.me/${given.url.slice(1)}` : given.url);
  };
  $("log").onscroll = scrolled;
  new ResizeObserver(stick).observe($("log"));
  document.addEventListener("visibilitychange", () => { markRead(); paint(); });
}
translatePage();
wire();
listen();
