/* Dialogs, one at a time, and the questions asked in them. */
import { auto, avatar, button, h, icon, press, primary, row } from "./dom.js";
import { t } from "./words.js";
import { colourOf, titleOf } from "./world.js";

/** Opens a dialog with what `fill(close)` returns; resolves to what `close(value)` was given, or null. */
export function dialog(title, fill) {
  document.querySelector("dialog")?.close();
  const box = h("dialog", { "aria-label": title });
  return new Promise((resolve) => {
    let value = null;
    const close = (result) => { value = result; box.close(); };
    const quit = press({ class: "round", "aria-label": t("close") }, () => close(null), icon("close"));
    box.append(h("div", { class: "row-title" }, auto("h2", "", title), quit));
    box.append(...[fill(close)].flat().filter(Boolean));
    // Clicks on the backdrop reach the dialog element itself.
    box.onclick = (event) => { if (event.target === box) close(null); };
    box.onclose = () => { box.remove(); resolve(value); };
    document.body.append(box);
    box.showModal();
  });
}
export const part = (title, ...children) => h("section", {}, title && h("h3", {}, title), children);

/** Resolves to true when the person says yes. */
export const ask = (title, body, yes) => dialog(title, (close) => [
  ...body,
  part("", row(primary(yes, () => close(true)), button(t("cancel"), () => close(null)))),
]);

/** Resolves to the value of one of the options {text, colour, value}. */
export const choose = (title, options) => dialog(title, (close) => {
  if (!options.length) return h("p", {}, t("noChoice"));
  return options.map(({ text, colour, value }) =>
    press({ class: "line" }, () => close(value), avatar(text, colour, "small"), auto("span", "", text)));
});
export const chatOption = (chat) => ({ text: titleOf(chat), colour: colourOf(chat), value: chat.key });
export const personOption = (who) => ({ text: who.name, colour: who.color, value: who.id });

/** Fields are [name, label, input's properties]; resolves to {name: value}. */
export const form = (title, fields, yes) => dialog(title, (close) => {
  const inputs = fields.map(([name, label, props]) => {
    const input = h("input", { type: "text", dir: "auto", ...props });
    return { name, label, input, isBox: input.type === "checkbox" };
  });
  const value = ({ input, isBox }) => (isBox ? input.checked : input.value.trim());
  const onsubmit = (event) => {
    event.preventDefault();
    close(Object.fromEntries(inputs.map((one) => [one.name, value(one)])));
  };
  const rows = inputs.map(({ label, input, isBox }) =>
    isBox ? h("label", { class: "check" }, input, label) : h("label", {}, label, input));
  return h("form", { onsubmit }, rows, row(h("button", { class: "button primary" }, yes)));
});
/** Asks for one text; resolves to it, or to null. */
export async function askText(title, label, props, yes) {
  const given = await form(title, [["text", label, { required: true, ...props }]], yes);
  return given && given.text;
}
