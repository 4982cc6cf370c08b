/* Asking the server to do something, and telling how that went. */
import { $, h } from "./dom.js";
import { refusal, t } from "./words.js";
import { ui } from "./world.js";

/** The server's answer: {ok, result}, or what `refusal` words. */
function send(path, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(`api/${path}`, { method: "POST", headers, body: JSON.stringify(body) })
    .then((response) => response.json())
    .catch(() => ({ error: t("noAnswer") }));
}
/** What the server made of it, or null after it has said why not. */
export async function post(path, body) {
  const answer = await send(path, body);
  if (answer.ok) return answer.result ?? {};
  toast(t("failed", { why: refusal(answer) }), "bad");
  return null;
}
const action = (verb, fields) => ({ as: ui.me, do: verb, ...fields });
/** Something the chosen person does in Telegram. */
export const act = (verb, fields = {}) => post("act", action(verb, fields));
/** The same, for those who word a refusal themselves. */
export const attempt = (verb, fields = {}) => send("act", action(verb, fields));

export function toast(text, look = "") {
  const node = h("p", { class: look, dir: "auto" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 3500 + text.length * 40);
}
export async function copyText(text) {
  await navigator.clipboard?.writeText(text).catch(() => null);
  toast(`${t("copied")}: ${text}`);
}
