/* Asking the server to do something, and telling how that went. */
import { $, h } from "./dom.js";
import { refusal, t } from "./words.js";
import { ui } from "./world.js";

/** What the server made of it, or null after it has said why not. */
export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`api/${path}`, { method: "POST", headers, body: JSON.stringify(body) })
    .then((response) => response.json())
    .catch(() => ({ error: t("noAnswer") }));
  if (answer.ok) return answer.result ?? {};
  toast(t("failed", { why: refusal(answer) }), "bad");
  return null;
}
/** Something the chosen person does in Telegram. */
export const act = (verb, fields = {}) => post("act", { as: ui.me, do: verb, ...fields });

export function toast(text, look = "") {
  const node = h("p", { class: look, dir: "auto" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 3500 + text.length * 40);
}
export async function copyText(text) {
  await navigator.clipboard?.writeText(text).catch(() => null);
  toast(`${t("copied")}: ${text}`);
}
