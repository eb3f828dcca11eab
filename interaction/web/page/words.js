// Interface strings in the person's language, and times as that language writes them.

const LANGUAGES = ["en", "zh"];
const KEPT = "lookout.language";
const tables = {};
const listeners = new Set();
let language = document.documentElement.lang === "zh" ? "zh" : "en";

export const current = () => language;

/** The language that this person chose on this browser, or null. */
export function chosen() {
  const kept = localStorage.getItem(KEPT);
  return LANGUAGES.includes(kept) ? kept : null;
}

export async function loadWords() {
  await Promise.all(
    LANGUAGES.map(async (name) => {
      const answer = await fetch(`/page/words/${name}.json`);
      tables[name] = await answer.json();
    }),
  );
  language = chosen() ?? language;
  addEventListener("storage", ({ key }) => key === KEPT && setLanguage(chosen())); // chosen in another tab
}

/** The string of `key` with `{name}` replaced; the key itself when there is none, so that a gap is seen. */
export function t(key, values = {}) {
  const text = tables[language]?.[key] ?? tables.en?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function setLanguage(wanted, { remember = false } = {}) {
  if (!LANGUAGES.includes(wanted)) return;
  if (remember) localStorage.setItem(KEPT, wanted);
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-Hans" : "en";
  translate(document);
  for (const listener of listeners) listener(wanted);
}

export function onLanguage(listener) {
  listeners.add(listener);
}

/** What the house says in both languages, e.g. a problem's `message`, in the page's. */
export const told = (one, field) => (language === "zh" && one[`${field}_zh`]) || one[field];

/** Fill every element that names its string: its text, its label, its placeholder. */
export function translate(root) {
  for (const e of root.querySelectorAll("[data-t]")) e.textContent = t(e.dataset.t);
  for (const e of root.querySelectorAll("[data-t-label]")) e.setAttribute("aria-label", t(e.dataset.tLabel));
  for (const e of root.querySelectorAll("[data-t-placeholder]")) e.placeholder = t(e.dataset.tPlaceholder);
}

const format = (date, options) =>
  new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { hourCycle: "h23", ...options }).format(date);

/** Sentences one after the other, no space after a Chinese one; empty ones are left out. */
export const sentences = (...all) => all.filter(Boolean).reduce((told, next) => `${told}${/[。！？…]$/.test(told) && language === "zh" ? "" : " "}${next}`.trim(), "");

/** "12:41" */
export const clock = (date) => format(date, { hour: "2-digit", minute: "2-digit" });

/** "12:41:03" */
export const seconds = (date) => format(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** "today 12:41", "yesterday 12:41" or "3 November 12:41". */
export function moment(date) {
  const days = Math.round((startOfDay(new Date()) - startOfDay(date)) / 86_400_000);
  if (days === 0) return t("memory.today", { time: clock(date) });
  if (days === 1) return t("memory.yesterday", { time: clock(date) });
  return `${format(date, { day: "numeric", month: "long" })} ${clock(date)}`;
}

/** "12:50" when it is today, with the day otherwise. */
export function soon(date) {
  const today = startOfDay(date).getTime() === startOfDay(new Date()).getTime();
  return today ? clock(date) : `${format(date, { day: "numeric", month: "short" })} ${clock(date)}`;
}

/** A day "2026-11-03" as "3 Nov". */
export function day(iso) {
  const date = new Date(`${iso}T12:00:00`);
  return Number.isNaN(date.getTime()) ? iso : format(date, { day: "numeric", month: "short" });
}

/** Seconds of work as "84 ms" or "1.3 s". */
export function span(s) {
  return s < 1 ? `${Math.round(s * 1000)} ms` : `${s.toFixed(1)} s`;
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}
