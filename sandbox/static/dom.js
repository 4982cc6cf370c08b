/* Making and refreshing nodes. Text from people and bots only ever becomes text nodes: nothing here parses
   HTML. */

export const $ = (id) => document.getElementById(id);

/** An element; `on…` properties listen, true stands for an empty attribute, falsy children are left out. */
export function h(tag, props = {}, ...children) {
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
/** One of the drawings at the top of index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  svg.firstChild.setAttribute("href", `#i-${name}`);
  return svg;
}

const initials = (name) =>
  (name || "?").split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
export function avatar(name, colour, size = "") {
  const props = { class: `avatar ${size}`, "data-colour": (colour ?? 5) % 7, "aria-hidden": "true" };
  return h("span", props, initials(name));
}

/** Any <button>; `button`, `quiet` and `danger` are the ones with nothing but a word. */
export const press = (props, onclick, ...children) =>
  h("button", { type: "button", onclick, ...props }, ...children);
export const button = (text, onclick, look = "button") => press({ class: look }, onclick, text);
export const primary = (text, onclick) => button(text, onclick, "button primary");
export const quiet = (text, onclick) => button(text, onclick, "quiet");
export const danger = (text, onclick) => button(text, onclick, "button danger");
export const row = (...buttons) => h("div", { class: "buttons" }, buttons);

export const span = (look, ...children) => h("span", { class: look }, children);
/** Somebody's words, in the direction they are written. */
export const auto = (tag, look, text) => h(tag, { class: look || null, dir: "auto" }, text);
export const dotted = (...parts) => parts.filter((part) => part || part === 0).join(" · ");
export const badge = (n) => n > 0 && h("b", { class: "badge" }, n);
/** A mark that stands in the page already: shows `n`, or nothing. */
export function markAll(selector, n) {
  for (const node of document.querySelectorAll(selector)) Object.assign(node, { hidden: !n, textContent: n });
}

const painted = new WeakMap();
/** Makes `parent` show `items`. A node is built anew only when a value its item `depends` on has changed, so
    that focus and scrolling stay. */
export function sync(parent, items, key, build, depends = (item) => [item]) {
  const old = new Map([...parent.children].map((node) => [painted.get(node)?.key, node]));
  const nodes = items.map((item, index) => {
    const id = key(item);
    const seen = depends(item);
    const before = old.get(id);
    old.delete(id);
    if (before && same(painted.get(before).seen, seen)) return before;
    const node = build(item, index);
    painted.set(node, { key: id, seen });
    if (before) replaceKeepingFocus(before, node);
    return node;
  });
  for (const node of old.values()) node.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}
const same = (one, other) =>
  one.length === other.length && one.every((value, index) => value === other[index]);
function replaceKeepingFocus(before, node) {
  const place = [...before.querySelectorAll("button, a")].indexOf(document.activeElement);
  before.replaceWith(node);
  if (place >= 0) node.querySelectorAll("button, a")[place]?.focus({ preventScroll: true });
}
