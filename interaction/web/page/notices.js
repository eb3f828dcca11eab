// What is wrong, in sentences, over the picture. Two at a time at most, on a phone one: the rest is counted.

import { $, icon, keyed, make, setText } from "./dom.js";
import { troubles } from "./lamp.js";
import { sentences, t } from "./words.js";

const shown = () => (matchMedia("(max-width: 700px)").matches ? 1 : 2); // on a phone two would hide the picture
const REFUSAL_MS = 9000;

/** `again(key)`: try the camera or microphone again; `dismiss(key)`: the person has read it. */
export function mountNotices(store, { again, dismiss }) {
  const list = $("notices");
  let refusal = null;
  let timer = 0;

  function card(one, old) {
    const element = old ?? make("article", { class: "notice" }, icon("alert"), make("div", {}, make("p", { class: "what" }), make("p", { class: "then" })), make("div", { class: "row" }));
    element.classList.toggle("mild", Boolean(one.mild));
    setText(element.querySelector(".what"), one.message);
    setText(element.querySelector(".then"), sentences(one.kept, one.advice));
    const row = element.querySelector(".row");
    const wanted = [one.again && "again", one.dismiss && "dismiss"].filter(Boolean).join();
    if (row.dataset.buttons !== wanted + t("trouble.got_it")) {
      row.dataset.buttons = wanted + t("trouble.got_it");
      row.replaceChildren(
        ...(one.again ? [make("button", { class: "small solid", type: "button", onclick: () => again(one.key) }, t("trouble.try_again"))] : []),
        ...(one.dismiss ? [make("button", { class: "small", type: "button", onclick: () => (one.key === "refusal" ? hide() : dismiss(one.key)) }, t("trouble.got_it"))] : []),
      );
    }
    return element;
  }

  function draw() {
    if (store.local.stopped) refusal = null;
    const all = store.local.stopped ? [] : troubles(store.state, store.local);
    if (refusal && !$("settings").open) all.unshift(refusal);
    const most = shown();
    keyed(list, all.slice(0, most), (one) => one.key, card);
    if (all.length > most) list.append(make("p", { class: "more" }, t("trouble.more", { n: all.length - most })));
    $("picture").classList.toggle("noticed", all.length > 0);
  }

  function hide() {
    refusal = null;
    $("settings-refusal").hidden = true;
    draw();
  }

  store.on("problems lanes lamp language link", draw);
  return {
    /** A command that was not taken, or could not be sent: one line at a time, gone by itself. */
    refuse(message, advice = "") {
      refusal = { key: "refusal", message, kept: "", advice, dismiss: true, mild: true };
      const inside = $("settings-refusal");
      inside.hidden = !$("settings").open;
      setText(inside, sentences(message, advice));
      clearTimeout(timer);
      timer = setTimeout(hide, REFUSAL_MS);
      draw();
    },
  };
}
