// Clips: the seconds around a fired watch, played in a dialog of their own. They have no sound.

import { $, icon, make, setText } from "./dom.js";
import { laneName } from "./lamp.js";
import { moment as momentName, t } from "./words.js";

const TOLD_S = 60; // an alert that is said later than this after its clip is told of something else

/** The path of a clip, or null. Only names that the house gives: never an address. */
export function clipPath(name) {
  return typeof name === "string" && /^[\p{L}\p{N}_-]+\.webm$/u.test(name) ? `/api/clips/${encodeURIComponent(name)}` : null;
}

/** The path of a moment's picture, or null, as above. */
export function picturePath(name) {
  return typeof name === "string" && /^[\w][\w.-]*$/.test(name) ? `/api/pictures/${encodeURIComponent(name)}` : null;
}

/** The newest clip of a watch that was told of at session second `at`, or null. */
export const clipOfWatch = (clips, watch, at) => clips.findLast((one) => watch && one.watch === watch && one.start <= at && at < one.start + one.seconds + TOLD_S) ?? null;

/** The clip of a lane that shows session second `at`, or null. */
export const clipOfMoment = (clips, lane, at) => clips.findLast((one) => one.lane === lane && one.start - 0.5 <= at && at <= one.start + one.seconds + 0.5) ?? null;

/** `enlarge(url, text)` shows a picture large. Returns `play({clip, text})` and `hands`, a moment's two buttons. */
export function mountClips(store, { enlarge }) {
  const dialog = $("player");
  const video = dialog.querySelector("video");
  const save = $("player-save");

  function play({ clip, text }) {
    const url = clipPath(clip);
    if (!url) return;
    setText($("player-text"), text);
    setText($("player-trouble"), "");
    save.href = url;
    save.hidden = false;
    video.src = url;
    if (!dialog.open) dialog.showModal();
    video.play().catch(() => {}); // the browser may want a press; its own button is there
  }

  video.addEventListener("error", () => {
    if (!video.hasAttribute("src")) return;
    setText($("player-trouble"), t("clip.gone"));
    save.hidden = true;
  });
  dialog.addEventListener("close", () => {
    video.pause();
    video.removeAttribute("src");
    video.load();
  });
  store.on("shown", ({ shown }) => {
    if (!shown) return;
    const text = [momentName(new Date(shown.at)), shown.lane ? laneName(shown.lane) : "", shown.text].filter(Boolean).join(" · ");
    if (shown.clip) play({ clip: shown.clip, text });
    else if (picturePath(shown.picture)) enlarge(picturePath(shown.picture), text);
  });

  return {
    play,
    /** Play and save, for a moment's card. */
    hands(moment, text) {
      const url = clipPath(moment.clip);
      if (!url) return null;
      const press = make("button", { class: "small", type: "button", "aria-label": t("clip.play_label", { text: moment.text }), onclick: () => play({ clip: moment.clip, text }) }, icon("play"), t("clip.play"));
      return make("div", { class: "film" }, press, make("a", { href: url, download: "", "aria-label": t("clip.save_label", { text: moment.text }) }, t("clip.save")));
    },
  };
}
