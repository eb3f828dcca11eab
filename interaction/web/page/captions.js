// What the person said and what is being said, large over the picture's lower edge, read out by screen readers.

import { clipOfWatch } from "./clips.js";
import { $, setText } from "./dom.js";
import { t } from "./words.js";

const STAY_S = 14; // long enough to read two sentences twice
const STAY_PARTIAL_S = 4; // a partial whose final never comes
const STAY_OVERHEARD_S = 6; // what was not meant for the house: seen, and gone

/** What was heard of it; a dash where it was cut off. */
const cut = ({ text, interrupted }) => (interrupted && text ? `${text.replace(/[\s,;:，；：、]+$/, "")} —` : text);

/** `play({clip, text})` shows the clip of an alert. */
export function mountCaptions(store, { play }) {
  const box = $("captions");
  const partial = $("caption-partial");
  const you = $("caption-you");
  const now = $("caption-now");
  const show = $("caption-clip");
  let clip = null; // of the alert that is shown

  function draw() {
    const { heard, saying, said } = store.state;
    const t0 = store.now();
    const fresh = (one, stay) => one && t0 - one.at < stay;
    const speaking = saying !== null;
    const showPartial = heard?.partial && fresh(heard, STAY_PARTIAL_S + (store.state.hearing !== null ? 60 : 0));
    const showOverheard = heard?.overheard && fresh(heard, STAY_OVERHEARD_S);
    const showYou = heard && !heard.partial && !heard.overheard && (speaking || fresh(heard, STAY_S) || fresh(said, STAY_S));
    const words = speaking ? saying.text : fresh(said, STAY_S) ? cut(said) : "";
    partial.hidden = !(showPartial || showOverheard);
    partial.classList.toggle("overheard", Boolean(showOverheard));
    // What will not change, and what may.
    const stable = showPartial ? heard.stable : "";
    setText(partial.firstElementChild, showPartial ? t("caption.you", { text: stable }) : showOverheard ? t("caption.overheard", { text: heard.text }) : "");
    setText(partial.lastElementChild, showPartial ? `${heard.text.slice(stable.length)}…` : "");
    setText(you, showYou ? t("caption.you", { text: heard.text }) : "");
    setText(now, words);
    now.classList.toggle("past", !speaking);
    const telling = speaking ? { ...saying, at: saying.t } : words ? said : null;
    clip = telling && clipOfWatch(store.state.clips, telling.watch, telling.at);
    show.hidden = !clip;
    box.hidden = store.local.stopped || !(showPartial || showOverheard || showYou || words);
  }

  show.addEventListener("click", () => clip && play({ clip: clip.clip, text: now.textContent }));
  store.on("captions language link", draw);
  setInterval(draw, 1000); // captions fade by time, not by an event
  draw();
}
