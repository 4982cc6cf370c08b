/* The right pane's first two leaves: things to try, and what bots ask of Telegram. */
import { compose } from "./composer.js";
import { $, auto, avatar, dotted, h, markAll, press, span, sync } from "./dom.js";
import { choosePerson, openChat, openLink, showPane } from "./navigation.js";
import { toast } from "./server.js";
import { at, plural, said, t } from "./words.js";
import { chatsOf, currentChat, nameOf, ui, world } from "./world.js";

/* Try this */
export function paintTries() {
  // Steps are numbered through all lists.
  let before = 0;
  const lists = world.tries.map((one, index) => {
    const list = { one, index, before };
    before += one.steps.length;
    return list;
  });
  sync($("steps"), lists, ({ index }) => index, tryNode, ({ one }) => [one, ui.done.size]);
}
function tryNode({ one: { title, text, steps }, before }) {
  const nodes = steps.map((step, index) => stepNode(step, before + index + 1));
  return h("li", { class: "try" },
    auto("h3", "", said(title)), text && auto("p", "hint", said(text)), h("ol", { class: "steps" }, nodes));
}
function stepNode(step, number) {
  const done = ui.done.has(number);
  const who = step.as != null && t("as", { name: nameOf(step.as) });
  const props = { class: done && "done", "data-testid": `try-${number}` };
  return h("li", {}, press(props, () => takeStep(step, number),
    span("number", done ? "✓" : number), auto("b", "", said(step.text)),
    h("small", {}, who, step.fill && [who && " · ", h("code", {}, step.fill)])));
}
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
  const starts = currentChat()?.started === false && step.fill === "/start";
  if (!step.fill || starts) return;
  compose(step.fill);
  $("text").focus();
}

/* Calls */
const SHOWN = 150;
export function paintCalls() {
  const wanted = world.calls.filter((call) => call.error || !$("only-errors").checked);
  const shown = wanted.slice(-SHOWN).reverse();
  sync($("bots"), [...world.bots.values()], (bot) => bot.id, botNode);
  sync($("calls"), shown.length ? shown : [null], (call) => call?.n, callNode);
  markAll("[data-errors]", ui.errors);
}
function callNode(call) {
  if (!call) return h("li", { class: "empty" }, t("noCalls"));
  const { method, params, result, error, fault, ms, time } = call;
  const outcome = error ? { error } : { result };
  const ontoggle = ({ target }) => {
    if (!target.open || target.children.length > 1) return;
    target.append(h("pre", { tabindex: "0" }, JSON.stringify({ params, ...outcome }, null, 2)));
  };
  const short = error ? dotted(error, fault && t(`f_${fault}`)) : essence(params);
  const summary = h("summary", {},
    span("method", method), span("when", `${Math.round(ms)} ms · ${at(time)}`), auto("span", "short", short));
  return h("li", { class: error && "error" }, h("details", { ontoggle }, summary));
}
const essence = (params) => dotted(params?.chat_id, params?.text ?? params?.caption ?? params?.user_id);
function botNode({ name, username, color, listening, pending, last_error: error }) {
  const state = dotted(t(listening ?? "deaf"), pending > 0 && plural("waiting", pending), error);
  const words = h("span", {}, `@${username}`, h("small", { class: error && "bad" }, state));
  return h("li", { class: "line" }, avatar(name, color, "small"), words);
}
