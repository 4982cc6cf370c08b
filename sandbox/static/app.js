/* The sandbox page. It holds a copy of the world (stream.js keeps it fresh in world.js), paints what the
   chosen person would see, and turns clicks into actions (server.js). The panes: people.js · chat.js with
   log.js and composer.js · side.js, money.js and tools.js. Words are in en.js and ru.js. */
import { paintChat } from "./chat.js";
import { attach, commandKeys, compose, composerKeys, fit, offerCommands, sendText } from "./composer.js";
import { askText } from "./dialogs.js";
import { $ } from "./dom.js";
import { stick, wireLog } from "./log.js";
import { paintMoney } from "./money.js";
import { openChat, openLink, showPane, swapDraft } from "./navigation.js";
import { paintPeople } from "./people.js";
import { paintCalls, paintTries } from "./side.js";
import { listen } from "./stream.js";
import { paintTools } from "./tools.js";
import { lang, query, t } from "./words.js";
import { chatsOf, currentChat, markRead, paint, paintWith, ui } from "./world.js";

function paintAll() {
  if (ui.me === null) return;
  const mine = chatsOf(ui.me).map((chat) => chat.key);
  if (mine.includes(ui.wanted)) openChat(ui.wanted, false);
  if (!mine.includes(ui.chat)) ui.chat = mine[0] ?? null;
  swapDraft();
  paintPeople();
  paintChat(currentChat());
  paintTries();
  paintCalls();
  paintMoney();
  paintTools();
  paintTabs();
  stick();
}
function paintTabs() {
  const { pane, side } = document.body.dataset;
  for (const node of document.querySelectorAll(".bar button")) {
    node.setAttribute("aria-current", String(node.dataset.pane === pane));
  }
  for (const node of document.querySelectorAll(".tabs button")) {
    node.setAttribute("aria-pressed", String(node.dataset.pane === side));
  }
}

/* Start */
function translatePage() {
  document.documentElement.lang = lang;
  document.title = t("pageTitle");
  const each = (name, put) => {
    const attribute = `data-${name}`;
    for (const node of document.querySelectorAll(`[${attribute}]`)) {
      put(node, t(node.getAttribute(attribute)));
    }
  };
  each("i18n", (node, text) => { node.textContent = text; });
  each("i18n-label", (node, text) => node.setAttribute("aria-label", text));
  each("i18n-title", (node, text) => { node.title = text; });
  $("text").placeholder = t("write");
  const other = lang === "ru" ? "en" : "ru";
  $("lang").textContent = other.toUpperCase();
  $("lang").setAttribute("aria-label", other === "ru" ? "По-русски" : "In English");
  $("lang").onclick = () => { query.set("lang", other); location.search = query.toString(); };
}
async function askLink() {
  const url = await askText(t("openLink"), t("linkLabel"), { placeholder: "https://t.me/…" }, t("openIt"));
  if (url) openLink(url.replace(/^@/, "https://t.me/"));
}
function wire() {
  for (const node of document.querySelectorAll("button[data-pane]")) {
    node.onclick = () => showPane(node.dataset.pane);
  }
  $("composer").onsubmit = (event) => { event.preventDefault(); sendText(); };
  $("text").oninput = () => { fit(); offerCommands(); };
  $("text").onkeydown = composerKeys;
  $("commands").onkeydown = commandKeys;
  $("slash").onclick = () => { compose("/"); $("text").focus(); };
  $("photo").onchange = ({ target }) => attach(target);
  $("only-errors").onchange = paint;
  $("open-link").onclick = askLink;
  document.addEventListener("visibilitychange", () => { markRead(); paint(); });
  wireLog();
}
translatePage();
paintWith(paintAll);
wire();
listen();
