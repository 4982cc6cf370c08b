/* Writing: the text field, its commands, attachments, and a bot's reply keyboard. */
import { chatOption, choose, form, personOption } from "./dialogs.js";
import { $, auto, h, press, quiet, sync } from "./dom.js";
import { act } from "./server.js";
import { gist, t } from "./words.js";
import { chatsOf, everybody, history, isPhone, paint, ui, world } from "./world.js";

export function compose(text) {
  $("text").value = text;
  fit();
  offerCommands();
}
/** Makes the field as high as its words. */
export function fit() {
  $("text").style.height = "auto";
  // A hidden field measures nothing.
  if ($("text").scrollHeight) $("text").style.height = `${$("text").scrollHeight}px`;
}
export const dropAttachments = () => Object.assign(ui, { reply: null, edit: null, file: null });

export async function sendText() {
  const text = $("text").value.trim();
  const { chat, reply, edit, file, topic } = ui;
  if (!text && !file) return;
  $("commands").hidden = true;
  const fields = { chat, text, file: file ?? undefined, reply_to: reply?.uid, topic: topic || undefined };
  const sent = edit ? await act("edit", { message: edit.uid, text }) : await act("send", fields);
  if (!sent) return;
  dropAttachments();
  ui.stuck = true;
  compose("");
  paint();
}
export function attach(input) {
  const [file] = input.files;
  const reader = new FileReader();
  input.value = "";
  if (!file) return;
  reader.onload = () => {
    ui.file = { name: file.name, mime: file.type, data: reader.result.split(",")[1] };
    paint();
  };
  reader.readAsDataURL(file);
}
/** The strip above the field: what is being edited, answered or attached. */
export function paintAttachments() {
  const about = ui.edit ?? ui.reply;
  const quit = () => {
    if (ui.edit) compose("");
    dropAttachments();
    paint();
  };
  let words = "";
  if (ui.file) words = `${t("photo")}: ${ui.file.name}`;
  else if (about) words = `${t(ui.edit ? "edit" : "reply")}: ${gist(about)}`;
  $("replying").hidden = !words;
  $("replying").replaceChildren(auto("span", "", words), quiet(t("cancel"), quit));
}

/* Commands */
let offered = { place: "", list: [] };
export async function offerCommands() {
  const list = $("commands");
  const typed = () => $("text").value;
  const place = `as=${ui.me}&chat=${ui.chat}`;
  if (!/^\/\w*$/.test(typed())) { list.hidden = true; return; }
  if (offered.place !== place || typed() === "/") {
    const answer = await fetch(`api/commands?${place}`).catch(() => null);
    offered = { place, list: answer?.ok ? await answer.json() : [] };
  }
  const fitting = offered.list.filter((one) => `/${one.command}`.startsWith(typed()));
  list.replaceChildren(...fitting.map(commandNode));
  list.hidden = !fitting.length;
}
function commandNode({ command, bot, description }) {
  // In groups Telegram names the bot, for several may know the command.
  const full = world.chats.get(ui.chat)?.type === "private" ? `/${command}` : `/${command}@${bot}`;
  const run = () => {
    compose("");
    act("send", { chat: ui.chat, text: full });
    $("text").focus();
  };
  return h("li", {}, press({}, run, h("b", {}, `/${command}`), auto("span", "soft", description)));
}
export function composerKeys(event) {
  const list = $("commands");
  const touch = isPhone() && matchMedia("(pointer: coarse)").matches;
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
export function commandKeys(event) {
  if (event.key === "Escape") {
    $("commands").hidden = true;
    $("text").focus();
  }
  const next = { ArrowUp: "previousSibling", ArrowDown: "nextSibling" }[event.key];
  if (!next) return;
  event.preventDefault();
  (event.target.closest("li")[next]?.firstChild ?? $("text")).focus();
}

/* The reply keyboard */
/** The message whose reply keyboard the person has before them, or null. */
function keyboardBringer(chat) {
  const forMe = (keyboard) => keyboard && (!keyboard.only_for || keyboard.only_for.includes(ui.me));
  const newest = history(chat.key).findLast((one) => forMe(one.keyboard) || one.remove_keyboard);
  return newest?.keyboard ? newest : null;
}
export function paintKeyboard(chat, writes) {
  const bringer = chat && writes ? keyboardBringer(chat) : null;
  const open = Boolean(bringer) && !ui.keysHidden.has(bringer.uid);
  $("keys").hidden = !bringer;
  $("keys").setAttribute("aria-expanded", String(open));
  $("keys").onclick = () => { ui.keysHidden[open ? "add" : "delete"](bringer.uid); paint(); };
  $("keyboard").hidden = !open;
  $("text").placeholder = (open && bringer.keyboard.placeholder) || t("write");
  const key = (one) =>
    press({ "data-testid": `key-${one.text}`, dir: "auto" }, () => pressKey(chat, bringer, one), one.text);
  const rows = () => bringer.keyboard.rows.map((keys) => h("div", {}, keys.map(key)));
  sync($("keyboard"), open ? [bringer] : [], (item) => item.uid, () => h("div", { class: "rows" }, rows()));
}
async function pressKey(chat, bringer, { text, kind }) {
  const answer = kind in QUESTIONS ? await QUESTIONS[kind](text) : {};
  if (!answer) return;
  const pressed = await act("press", { chat: chat.key, text, ...answer });
  if (pressed && bringer.keyboard.one_time) { ui.keysHidden.add(bringer.uid); paint(); }
}
/** What a key asks before it is pressed: fields of the action, or null when the person steps back. */
const QUESTIONS = {
  async chat() {
    const chats = chatsOf(ui.me).filter((one) => one.type !== "private");
    const share = await choose(t("whichChat"), chats.map(chatOption));
    return share && { share };
  },
  async users() {
    const id = await choose(t("whichUser"), everybody().map(personOption));
    return id && { share: [id] };
  },
  managed_bot: (text) => form(text, [
    ["name", t("name"), { required: true }],
    ["username", t("username"), { required: true, pattern: "\\w{2,}[Bb][Oo][Tt]" }],
  ], t("create")),
};
