// What the person said and what is being said, large over the picture's lower edge, read out by screen readers.

import { $, setText } from "./dom.js";
import { t } from "./words.js";

const STAY_S = 14; // long enough to read two sentences twice
const STAY_PARTIAL_S = 4; // a partial whose final never comes

/** What was heard of it; a dash where it was cut off. */
const cut = ({ text, interrupted }) => (interrupted && text ? `${text.replace(/[\s,;:，；：、]+$/, "")} —` : text);

export function mountCaptions(store) {
  const box = $("captions");
  const partial = $("caption-partial");
  const you = $("caption-you");
  const now = $("caption-now");

  function draw() {
    const { heard, saying, said } = store.state;
    const t0 = store.now();
    const fresh = (one, stay) => one && t0 - one.at < stay;
    const speaking = saying !== null;
    const showPartial = heard?.partial && fresh(heard, STAY_PARTIAL_S + (store.state.hearing !== null ? 60 : 0));
    const showYou = heard && !heard.partial && (speaking || fresh(heard, STAY_S) || fresh(said, STAY_S));
    const words = speaking ? saying.text : fresh(said, STAY_S) ? cut(said) : "";
    partial.hidden = !showPartial;
    setText(partial, showPartial ? t("caption.you", { text: heard.text }) + "…" : "");
    setText(you, showYou ? t("caption.you", { text: heard.text }) : "");
    setText(now, words);
    now.classList.toggle("past", !speaking);
    box.hidden = store.local.stopped || !(showPartial || showYou || words);
  }

  store.on("captions language link", draw);
  setInterval(draw, 1000); // captions fade by time, not by an event
  draw();
}
