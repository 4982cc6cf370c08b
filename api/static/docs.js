"use strict";

/** An element with attributes and children; text is never read as HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Text in which `…` is code. */
function words(text = "") {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

const pretty = (value) => JSON.stringify(value, null, 2);

/** A schema, or the shared one it refers to. */
function resolve(schema, root) {
  return schema.$ref ? root.components.schemas[schema.$ref.split("/").pop()] : schema;
}

function kind(schema, root) {
  const known = resolve(schema, root);
  if (known.type === "array") return `list of ${kind(known.items || {}, root)}`;
  const choices = known.anyOf || known.oneOf;
  if (choices) return choices.map((one) => kind(one, root)).join(" or ");
  return known.type || (known.const !== undefined ? pretty(known.const) : "anything");
}

/** Path, query and body parameters alike: name, where, schema, required, words. */
function parameters(operation) {
  const found = (operation.parameters || []).map((one) => ({ ...one, where: one.in }));
  const content = operation.requestBody ? Object.values(operation.requestBody.content) : [];
  const body = content.length ? content[0].schema : { properties: {} };
  for (const [name, schema] of Object.entries(body.properties || {})) {
    const required = (body.required || []).includes(name);
    found.push({ name, schema, required, description: schema.description, where: "body" });
  }
  return found;
}

/** The key's header, by the security scheme the call names first. */
function keyHeader(operation, root) {
  const name = Object.keys((operation.security || [{}])[0])[0];
  const scheme = name && root.components.securitySchemes[name];
  if (!scheme || (scheme.type === "apiKey" && scheme.in !== "header")) return null;
  return scheme.type === "http" ? "Authorization: Bearer KEY" : `${scheme.name}: KEY`;
}

function curl(method, path, operation, root, base) {
  const given = parameters(operation);
  const sample = (one) => String((one.schema.examples || [one.name.toUpperCase()])[0]);
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const query = given.filter((one) => one.where === "query" && one.required);
  const url = new URL(path.replace(/^\//, ""), base).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  const search = query.map((one) => `${one.name}=${encodeURIComponent(sample(one))}`).join("&");
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}${quoted(url + (search && `?${search}`))}`];
  const header = keyHeader(operation, root);
  if (header) lines.push(`-H ${quoted(header)}`);
  for (const one of given.filter((one) => one.where === "body" && one.required)) {
    lines.push(`--data-urlencode ${quoted(`${one.name}=${sample(one)}`)}`);
  }
  return lines.join(" \\\n  ");
}

function copyable(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select the text to copy it";
    }
  });
  return [make("pre", {}, text), button];
}

function parameterList(operation, root) {
  const list = make("dl");
  for (const one of parameters(operation)) {
    const facts = `${kind(one.schema, root)}, in the ${one.where}${one.required ? ", required" : ""}`;
    list.append(
      make("dt", {}, make("code", {}, one.name), " ", make("span", { class: "faint" }, facts)),
      make("dd", {}, ...words(one.description)),
    );
  }
  return list.childElementCount ? [make("h4", {}, "Parameters"), list] : [];
}

function answers(operation) {
  const shown = [];
  for (const [status, response] of Object.entries(operation.responses)) {
    const media = Object.values(response.content || {})[0] || {};
    shown.push(make("h4", {}, `HTTP ${status}`), make("p", { class: "faint" }, ...words(response.description)));
    for (const example of Object.values(media.examples || {})) {
      shown.push(make("p", {}, ...words(example.summary)), make("pre", {}, pretty(example.value)));
    }
  }
  return shown;
}

function card(method, path, operation, root, base) {
  const summary = make(
    "summary", {},
    make("b", {}, method.toUpperCase()), make("code", {}, path), make("span", {}, operation.summary),
  );
  const details = make("details", { class: `call ${method}`, id: operation.operationId }, summary);
  details.dataset.words = `${method} ${path} ${operation.summary} ${operation.description}`.toLowerCase();
  details.append(
    make(
      "div", { class: "body" },
      make("p", {}, ...words(operation.description)),
      ...copyable(curl(method, path, operation, root, base)),
      ...parameterList(operation, root),
      ...answers(operation),
    ),
  );
  return details;
}

function section(tag, root, base) {
  const cards = [];
  for (const [path, methods] of Object.entries(root.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.tags.includes(tag.name)) cards.push(card(method, path, operation, root, base));
    }
  }
  return make(
    "section", {}, make("h2", {}, tag.name), make("p", { class: "faint" }, ...words(tag.description)), ...cards,
  );
}

function find(wanted) {
  for (const part of document.querySelectorAll("section")) {
    let any = false;
    for (const call of part.querySelectorAll(".call")) {
      call.hidden = !wanted.split(/\s+/).every((word) => call.dataset.words.includes(word));
      any ||= !call.hidden;
    }
    part.hidden = !any;
  }
}

function openNamed() {
  const call = location.hash && document.getElementById(location.hash.slice(1));
  if (call) {
    call.open = true;
    call.scrollIntoView();
  }
}

async function show() {
  const calls = document.getElementById("calls");
  try {
    const root = await (await fetch("openapi.json")).json();
    const base = new URL(`${root.servers[0].url.replace(/\/$/, "")}/`, location.href).href;
    document.getElementById("about").append(...words(root.info.description));
    calls.replaceChildren(...root.tags.map((tag) => section(tag, root, base)));
    const filter = document.getElementById("filter");
    filter.addEventListener("input", () => find(filter.value.trim().toLowerCase()));
    addEventListener("hashchange", openNamed);
    openNamed();
  } catch (error) {
    calls.replaceChildren(make("p", {}, "openapi.json cannot be read. Reload the page to try again."));
    throw error;
  }
}

show();
