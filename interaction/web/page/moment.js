// One moment, as the link of an alert names it (?moment=<time>&lane=<source>): its clip, its picture, or that it is gone.

import { clipOfMoment, clipPath, picturePath } from "./clips.js";
import { laneName } from "./lamp.js";
import { moment as momentName, t } from "./words.js";

const BEFORE_MS = 30_000; // what was seen is told within this; older is another moment
const AFTER_MS = 5_000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;
const LANE = /^[\p{L}\p{N}_][\p{L}\p{N}_ -]{0,39}$/u; // as the house takes names of sources

/** The moment that an address names, or null: anybody may have written it. */
function momentOf(search) {
  const given = new URLSearchParams(search);
  const [time, lane] = [given.get("moment") ?? "", given.get("lane") ?? ""];
  const at = new Date(TIME.test(time) ? time : "");
  return LANE.test(lane) && !Number.isNaN(at.getTime()) ? { at, lane } : null;
}

/** Shows the moment of the page's address, and returns what shows another: `open({at, lane})`. */
export function mountMoment(store, { play, enlarge, tell }) {
  const get = (path) => fetch(path, { credentials: "same-origin" }).catch(() => null);

  /** What the memory has of it, with a picture. */
  async function remembered(at, lane) {
    const before = new Date(at.getTime() + AFTER_MS).toISOString();
    const answer = await get(`/api/memory?${new URLSearchParams({ before })}`);
    const { moments = [] } = answer?.ok ? await answer.json().catch(() => ({})) : {};
    const far = (one) => Math.abs(Date.parse(one.at) - at);
    return moments.filter((one) => one.lane === lane && (one.clip || one.picture) && Date.parse(one.at) > at - BEFORE_MS).sort((a, b) => far(a) - far(b))[0];
  }

  async function open({ at, lane }) {
    const second = (at - Date.parse(store.state.started)) / 1000;
    const text = [momentName(at), laneName(lane)].join(" · ");
    const found = await remembered(at, lane);
    const clip = clipOfMoment(store.state.clips, lane, second)?.clip ?? found?.clip;
    if (clipPath(clip)) return play({ clip, text });
    const frame = `/api/frame/${encodeURIComponent(lane)}?t=${second}`; // kept for two minutes
    if (second >= 0 && (await get(frame))?.ok) return enlarge(frame, text);
    if (picturePath(found?.picture)) return enlarge(picturePath(found.picture), `${text} · ${found.text}`);
    return tell(t("alerts.gone", { moment: text }), t("alerts.gone_advice"));
  }

  let linked = momentOf(location.search); // an alert's link led here
  store.on("all", (state) => {
    if (!linked || !state.started) return; // it is shown once there is a session, whose memory it is
    const first = linked;
    linked = null;
    queueMicrotask(() => open(first)); // in the language that the house is about to be found to speak
    const address = new URL(location.href); // a reload does not show it again
    for (const name of ["moment", "lane"]) address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
  });
  return open;
}
