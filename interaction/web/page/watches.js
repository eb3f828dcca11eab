// The standing watches: each a card with a switch; wording, urgency and "only once" can be edited in place.

import { clipPath } from "./clips.js";
import { $, icon, keyed, make, setText } from "./dom.js";
import { laneName } from "./lamp.js";
import { current, soon, t } from "./words.js";

/** When it fired, when it is due, what it may do: "fired 12:41 · 4 times so far · can interrupt". */
export function detailOf(watch, lanes) {
  const parts = [];
  if (watch.state === "paused") parts.push(t("watch.paused"));
  if (watch.last_fired) parts.push(t("watch.fired", { time: soon(new Date(watch.last_fired)) }));
  if (watch.fired === 1) parts.push(t("watch.once_fired"));
  if (watch.fired > 1) parts.push(t("watch.times", { n: watch.fired }));
  if (watch.next_due && watch.state !== "paused") parts.push(t("watch.next", { time: soon(new Date(watch.next_due)) }));
  const away = watch.source && !lanes.has(watch.source);
  if (away) parts.push(t("watch.source_away", { lane: laneName(watch.source) }));
  if (!parts.length) parts.push(t("watch.waiting"));
  if (watch.urgent) parts.push(t("watch.urgent"));
  if (watch.once) parts.push(t("watch.only_once"));
  if (watch.source && !away) parts.push(t("watch.source", { lane: laneName(watch.source) }));
  if (watch.expires) parts.push(t("watch.until", { time: soon(new Date(watch.expires)) }));
  parts.push(...limitsOf(watch.limits ?? {}));
  return parts.join(" · ");
}

/** What was said of how often, how surely and when: "every 10 min at most · not 22:00–7:00". */
function limitsOf({ certainty, at_most: seconds, quiet }) {
  const parts = [];
  if (certainty === "eager") parts.push(t("watch.eager"));
  if (certainty === "sure") parts.push(t("watch.sure"));
  if (seconds) parts.push(seconds < 60 ? t("watch.at_most_s", { n: seconds }) : t("watch.at_most_min", { n: Math.round(seconds / 60) }));
  if (quiet) {
    const [start, end] = quiet.map((minute) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`);
    parts.push(t("watch.quiet", { start, end }));
  }
  return parts;
}

/** `send(message)`: true when it went out. `play({clip, text})` shows the last clip of a watch. */
export function mountWatches(store, { send, play }) {
  const open = new Set(); // ids whose form is open

  function card(watch, old) {
    const element = old ?? blankCard(watch.id);
    const title = element.querySelector("h3");
    const toggle = element.querySelector("[role=switch]");
    const edit = element.querySelector(".edit");
    setText(title, watch.wording);
    setText(element.querySelector("small"), detailOf(watch, store.state.lanes));
    const film = element.querySelector(".film");
    film.hidden = !clipPath(watch.clip);
    film.firstChild.setAttribute("aria-label", t("watch.clip_label", { wording: watch.wording }));
    setText(film.querySelector("span"), t("watch.clip"));
    element.classList.toggle("off", watch.state === "paused");
    toggle.setAttribute("aria-checked", String(watch.state !== "paused"));
    toggle.setAttribute("aria-label", t("watch.switch", { wording: watch.wording }));
    edit.setAttribute("aria-label", t("watch.edit", { wording: watch.wording }));
    edit.setAttribute("aria-expanded", String(open.has(watch.id)));
    const form = element.querySelector("form");
    if (open.has(watch.id) && (!form || form.lang !== current())) {
      form?.remove();
      element.append(formOf(watch));
    } else if (!open.has(watch.id)) form?.remove();
    return element;
  }

  function blankCard(id) {
    const now = () => store.state.watches.get(id);
    const toggle = make("button", { class: "switch", type: "button", role: "switch", onclick: () => send({ type: "watch", op: now()?.state === "paused" ? "resume" : "pause", id }) });
    const edit = make("button", { class: "round edit", type: "button", onclick: () => flip(id) }, icon("edit"));
    const film = make("div", { class: "film", hidden: true }, make("button", { class: "small", type: "button", onclick: () => play({ clip: now()?.clip, text: now()?.wording ?? "" }) }, icon("play"), make("span")));
    return make("li", { class: "card" }, make("div", { class: "row" }, make("div", { class: "grow" }, make("h3"), make("small"), film), make("div", { class: "hands" }, toggle, edit)));
  }

  function flip(id, to = !open.has(id)) {
    if (to) open.add(id);
    else open.delete(id);
    draw(store.state);
    const element = [...$("watches").children].find((one) => one.dataset.key === id);
    (to ? element?.querySelector("input[type=text]") : element?.querySelector(".edit"))?.focus();
  }

  function formOf(watch) {
    const wording = make("input", { type: "text", value: watch.wording, maxLength: 500, required: true, "aria-label": t("watch.wording") });
    const urgent = make("input", { type: "checkbox", checked: watch.urgent });
    const once = make("input", { type: "checkbox", checked: watch.once });
    const save = (event) => {
      event.preventDefault();
      const text = wording.value.trim();
      if (text && send({ type: "watch", op: "edit", id: watch.id, wording: text, urgent: urgent.checked, once: once.checked })) flip(watch.id, false);
    };
    const escape = (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      flip(watch.id, false);
    };
    return make("form", { class: "editing", lang: current(), onsubmit: save, onkeydown: escape }, wording,
      make("div", { class: "row" }, make("label", {}, urgent, t("watch.may_interrupt")), make("label", {}, once, t("watch.once"))),
      make("div", { class: "row" }, make("button", { class: "small solid", type: "submit" }, t("watch.save")),
        make("button", { class: "small", type: "button", onclick: () => flip(watch.id, false) }, t("watch.close")), make("span", { class: "grow" }),
        make("button", { class: "link danger", type: "button", onclick: () => send({ type: "watch", op: "cancel", id: watch.id }) }, t("watch.cancel"))));
  }

  function draw(state) {
    const watches = [...state.watches.values()];
    for (const id of open) if (!state.watches.has(id)) open.delete(id);
    keyed($("watches"), watches, (watch) => watch.id, card);
    setText($("count-watches"), watches.length ? String(watches.length) : "");
    const example = state.examples?.[current()]?.[0];
    $("no-watches").hidden = watches.length > 0;
    setText($("no-watches"), example ? t("watch.none", { example: `“${example}”` }) : t("watch.none_plain"));
  }

  const opener = $("new-watch-open");
  const row = $("new-watch-row");
  const input = $("new-watch-wording");
  const unfold = (to) => {
    row.hidden = !to;
    opener.hidden = to;
    opener.setAttribute("aria-expanded", String(to));
    (to ? input : opener).focus();
  };
  opener.addEventListener("click", () => unfold(true));
  $("new-watch").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || row.hidden) return;
    event.preventDefault();
    unfold(false);
  });
  $("new-watch").addEventListener("submit", (event) => {
    event.preventDefault();
    const wording = input.value.trim();
    if (!wording || !send({ type: "watch", op: "add", wording })) return;
    input.value = "";
    unfold(false);
  });

  store.on("watches lanes language observer", draw);
  draw(store.state);
}
