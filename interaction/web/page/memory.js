// Memory: search, days, moments with their pictures, forgetting.

import { picturePath } from "./clips.js";
import { $, icon, make, setText } from "./dom.js";
import { laneName } from "./lamp.js";
import { day as dayName, moment as momentName, sentences, t } from "./words.js";

const TYPED_MS = 300;

/** `confirm(title, text)` resolves to true or false; `enlarge(url, text)` shows a picture large; `hands(moment, text)`
 * are the buttons for its clip, or null. */
export function mountMemory(store, { confirm, enlarge, hands, refuse }) {
  const query = $("memory-query");
  const list = $("moments");
  const note = $("memory-note");
  let shown = false;
  let day = "";
  let turn = 0;
  let timer = 0;
  let oldest = null;
  let last = { moments: [], days: [] };
  let failure = null;

  async function load({ more = false } = {}) {
    const mine = (turn += 1);
    const parameters = new URLSearchParams();
    if (query.value.trim()) parameters.set("q", query.value.trim());
    if (day) parameters.set("day", day);
    if (more && oldest) parameters.set("before", oldest);
    if (!last.moments.length) setText(note, t("memory.loading"));
    note.hidden = last.moments.length > 0;
    try {
      const page = await ask(`/api/memory?${parameters}`);
      if (mine !== turn) return;
      last = { moments: more ? [...last.moments, ...page.moments] : page.moments, days: page.days ?? last.days, full: page.moments.length > 0 };
      oldest = last.moments.at(-1)?.at ?? null;
      failure = null;
    } catch (error) {
      if (mine !== turn) return;
      failure = error.message;
      last = { moments: [], days: last.days };
    }
    draw();
  }

  function draw() {
    list.replaceChildren(...last.moments.map(card));
    const searching = query.value.trim() || day;
    const text = failure !== null ? t("memory.failed", { message: failure }) : searching ? t("memory.no_match", { q: query.value.trim() || dayName(day) }) : t("memory.none");
    note.hidden = last.moments.length > 0;
    setText(note, last.moments.length ? "" : text);
    if (failure !== null) note.append(" ", make("button", { class: "link", type: "button", onclick: () => load() }, t("memory.again")));
    const choices = last.days.length ? ["", ...last.days] : [];
    $("days").replaceChildren(...choices.map((one) => make("button", { class: "chip", type: "button", "aria-pressed": String(one === day), onclick: () => pick(one) }, one ? dayName(one) : t("memory.all_days"))));
    $("earlier").hidden = !last.full || Boolean(query.value.trim()) || last.moments.length < 10;
    $("forget-all").hidden = !last.moments.length && !last.days.length;
  }

  function card(moment) {
    const url = picturePath(moment.picture);
    const title = `${momentName(new Date(moment.at))} · ${moment.text}`;
    const thumb = url && make("button", { class: "thumb", type: "button", "aria-label": t("memory.picture", { text: moment.text }), onclick: () => enlarge(url, title) }, make("img", { src: url, alt: "", loading: "lazy" }));
    const where = moment.lane ? laneName(moment.lane) : "";
    const forget = make("button", { class: "round forget", type: "button", "aria-label": t("memory.forget", { text: moment.text }), onclick: () => forgetOne(moment) }, icon("close"));
    return make("li", { class: "card moment" }, make("div", { class: "row" }, thumb, make("div", { class: "grow" }, make("h3", {}, moment.text), make("small", {}, [momentName(new Date(moment.at)), where].filter(Boolean).join(" · ")), hands(moment, title)), forget));
  }

  function pick(one) {
    day = one;
    load();
  }

  async function forgetOne(moment) {
    if (!(await confirm(t("confirm.forget_one"), t("confirm.forget_one_text")))) return;
    await forget(`/api/memory?id=${encodeURIComponent(moment.id)}`);
  }

  async function forgetAll() {
    if (!(await confirm(t("confirm.forget_all"), t("confirm.forget_all_text")))) return;
    await forget("/api/memory");
    query.value = "";
    day = "";
  }

  async function forget(path) {
    try {
      await ask(path, { method: "DELETE" });
    } catch (error) {
      return refuse(error.message, error.advice);
    }
    last = { moments: [], days: [] };
    await load();
    if (!last.moments.length && failure === null) setText(note, t("memory.forgotten"));
    query.focus();
  }

  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, TYPED_MS);
  });
  $("memory-search").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    load();
  });
  $("earlier").addEventListener("click", () => load({ more: true }));
  $("forget-all").addEventListener("click", forgetAll);
  $("forget-here").addEventListener("click", forgetAll);
  const idle = () => !query.value.trim() && !list.contains(document.activeElement);
  store.on("memory", (_, local) => shown && idle() && local.link === "open" && load()); // no session, no memory
  store.on("language", () => shown && draw());
  return {
    show(on) {
      shown = on;
      if (on) load();
    },
  };
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const error = new Error(body.error?.message ?? String(answer.status));
  error.advice = sentences(body.error?.kept, body.error?.advice);
  throw error;
}
