/* The page's language: its dictionary, plurals, dates, and the wording of what the server sends as facts. */
import en from "./en.js";
import ru from "./ru.js";
import ruRefusals from "./ru_refusals.js";

export const query = new URLSearchParams(location.search);
export const lang = (query.get("lang") || navigator.language || "en").startsWith("ru") ? "ru" : "en";
const words = { en, ru }[lang];
const refusals = { en: {}, ru: ruRefusals }[lang];

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
export const t = (key, facts = {}) => fill(words[key], facts);

const plurals = new Intl.PluralRules(lang);
const FORMS = { en: ["one", "other"], ru: ["one", "few", "many"] }[lang];
/** `n` things; the forms of the word are parted by "|". */
export function plural(key, n) {
  return t(key, { n }).split("|")[Math.max(0, FORMS.indexOf(plurals.select(n)))];
}

/** A text that is the same for everybody, or {en, ru}. */
export const said = (text) => (typeof text === "object" && text ? text[lang] ?? text.en : text ?? "");

/** Why the server refused, from its `{error, sentence, facts}`. */
export const refusal = ({ error, sentence, facts = {} }) =>
  sentence in refusals ? fill(refusals[sentence], facts) : error;

const contentName = (kind) => t(`content_${kind}` in words ? `content_${kind}` : "content_message");

/** What a service message says. */
export function serviceSentence({ kind, who, names = [], text, content, price }) {
  const what = text ? t("quoted", { text: text.slice(0, 60) }) : contentName(content);
  const key = kind === "pinned_message" && !text ? "service_pinned_content" : `service_${kind}`;
  const facts = { kind, who, names: names.join(", "), text, what, price };
  return t(key in words ? key : "service_other", facts);
}
/** A message in one line: its words, or what it is. */
export function gist(message) {
  if (message.service) return serviceSentence(message.service);
  const own = message.text || message.invoice?.title || message.poll?.question || message.media?.emoji;
  return own || contentName(contentOf(message));
}
const contentOf = (message) =>
  message.media?.kind ?? message.content ?? ["location", "contact", "dice"].find((kind) => message[kind]);

const dated = (format) => new Intl.DateTimeFormat(lang, format);
export const clockTime = dated({ hour: "2-digit", minute: "2-digit" });
export const dayName = dated({ day: "numeric", month: "long" });
export const fullTime = dated({ dateStyle: "medium", timeStyle: "short" });
/** A moment of the sandbox's clock (unix seconds) in words. */
export const at = (unix, format = clockTime) => format.format(new Date(unix * 1000));

const HOUR = 3600;
const UNITS = [["day", 24 * HOUR, 48 * HOUR], ["hour", HOUR, HOUR], ["minute", 60, 0]];
/** "3 days": a length of time in its largest fitting unit. */
export function duration(seconds) {
  const [unit, size] = UNITS.find(([, , least]) => Math.abs(seconds) >= least);
  const worded = new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" });
  return worded.format(Math.round(seconds / size));
}
