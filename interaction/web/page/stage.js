// The stage: the local camera (unmirrored), a network source's latest picture, a past moment, or the first visit.

import { clipOfMoment } from "./clips.js";
import { $, keyed, make, setText } from "./dom.js";
import { CAMERA, lampOf, laneName } from "./lamp.js";
import { clock, current, seconds, sentences, t, told } from "./words.js";

/** Where pictures go, in one line. Null until the house has said. */
export function privacyLine(state) {
  if (!state.hosts) return t("stage.waiting");
  const near = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  const first = near ? (state.hosts.length ? "" : t("privacy.here")) : t("privacy.server", { host: location.host });
  const hosts = state.hosts.map(hostName).join(current() === "zh" ? "、" : ", ");
  return sentences(first, state.hosts.length > 0 && t("privacy.hosts", { hosts }));
}

export const hostName = (host) => (typeof host === "string" ? host : String(host.host ?? host.name ?? ""));

/** `begin({camera})`: the person pressed Start or "without a camera"; `addSource()` opens the settings there;
 * `play({clip, text})` plays the clip of a past moment; `edit(lane)` opens the editor of its zones and masks. */
export function mountStage(store, { begin, addSource, play, edit }) {
  const picture = $("picture");
  const camera = $("camera");
  const lanePicture = $("lane-picture");
  const moment = $("moment");
  let shown = null; // name of the lane that the person chose to see
  let pictured = null; // "lane@t" of the newest network picture

  const visible = (state, local) => {
    const lanes = [...state.lanes.keys()];
    if (shown && (lanes.includes(shown) || shown === CAMERA)) return shown;
    return local.camera === "ok" ? CAMERA : (lanes.find((lane) => lane !== CAMERA) ?? CAMERA);
  };

  function draw(state, local) {
    const lane = visible(state, local);
    const first = !local.begun || local.stopped || local.link === "full";
    const live = lane === CAMERA && local.camera === "ok";
    const past = !moment.hidden;
    $("welcome").hidden = !first;
    camera.hidden = first || past || !live;
    if (first || past || lanePicture.dataset.lane !== lane) lanePicture.hidden = true; // never another source's
    const nothing = !first && !past && camera.hidden && lanePicture.hidden;
    const paused = state.paused && !first && !past;
    $("empty").hidden = !nothing && !paused;
    setText($("empty").firstElementChild, t(paused ? "stage.paused" : lane !== CAMERA || local.camera === "asking" ? "stage.connecting" : "stage.empty"));
    $("empty-add").hidden = paused || lane !== CAMERA || local.camera === "asking";
    picture.classList.toggle("bare", first || nothing);
    picture.classList.toggle("paused", paused);
    setText($("lead"), local.stopped ? t("stage.stopped") : local.link === "full" ? (local.place ? t("stage.full", { place: local.place }) : t("stage.crowded")) : t("stage.welcome"));
    setText($("privacy"), local.link === "full" && !local.stopped ? "" : privacyLine(state)); // known once there is a place
    $("start").disabled = $("without").disabled = !(state.hosts || local.stopped);
    $("start").hidden = $("without").hidden = local.link === "full" && !local.stopped;
    $("live").hidden = !past;
    $("draw-here").hidden = first || past || nothing || paused;
    $("draw-here").setAttribute("aria-label", t("areas.open_label", { lane: laneName(lane) }));
    $("draw-here").title = t("areas.open_label", { lane: laneName(lane) });
    drawChips(state, first, lane);
    drawTag();
  }

  function drawChips(state, first, lane) {
    const chips = $("chips");
    chips.hidden = first;
    const add = { lane: "+" };
    keyed(chips, [...state.lanes.values(), add], (one) => one.lane, (one, old) => {
      if (one === add) {
        const item = old ?? make("li", {}, make("button", { class: "chip", type: "button", onclick: addSource }, "+"));
        item.firstChild.setAttribute("aria-label", t("stage.add"));
        return item;
      }
      const item = old ?? make("li", {}, make("button", { class: "chip", type: "button", onclick: () => show(one.lane) }));
      const button = item.firstChild;
      const state = t(`lane.${one.state}`);
      setText(button, one.state === "watching" ? laneName(one.lane) : `${laneName(one.lane)} · ${state}`);
      button.setAttribute("aria-pressed", String(one.lane === lane));
      button.setAttribute("aria-label", t("stage.show", { lane: laneName(one.lane), state }));
      button.title = told(one, "detail") || "";
      return item;
    });
  }

  function drawTag() {
    const { state, local } = store;
    const tag = $("tag");
    tag.hidden = !local.begun || local.stopped || local.link === "full" || !moment.hidden; // a past picture has its own time
    setText(tag.lastElementChild, `${t(`lamp.${lampOf(state, local)}`)} · ${clock(new Date())}`);
  }

  function show(lane) {
    shown = lane;
    hideMoment();
    follow(store.state, store.local);
  }

  /** The newest picture that was decided upon: one a second, asked for only while it is looked at. */
  function follow(state, local) {
    const lane = visible(state, local);
    if (lane === CAMERA || !local.begun || !moment.hidden || document.hidden) return;
    const cells = [...state.seconds.values()].reverse();
    const newest = cells.flatMap((cell) => cell.decisions).find((d) => d.lane === lane);
    const t0 = newest?.t ?? store.now();
    if (pictured === `${lane}@${t0}`) return;
    pictured = `${lane}@${t0}`;
    const image = new Image();
    image.addEventListener("load", () => {
      if (visible(store.state, store.local) !== lane) return;
      lanePicture.src = image.src;
      lanePicture.dataset.lane = lane;
      lanePicture.alt = t("stage.lane", { lane: laneName(lane) });
      lanePicture.hidden = !moment.hidden;
      draw(store.state, store.local);
    });
    image.src = framePath(lane, t0);
  }

  function showMoment({ t: t0, lane, reason }) {
    const image = moment.querySelector("img");
    const caption = moment.querySelector("figcaption");
    const time = seconds(store.wall(t0));
    image.alt = t("stage.moment", { time });
    image.hidden = true; // the words stand alone until the picture is there
    image.onload = () => (image.hidden = false);
    image.onerror = () => setText(caption, t("stage.no_moment", { time }));
    setText(caption, reason);
    image.src = framePath(lane, t0);
    const clip = clipOfMoment(store.state.clips, lane, t0);
    $("moment-clip").hidden = !clip;
    $("moment-clip").onclick = () => play({ clip: clip.clip, text: reason });
    moment.hidden = false;
    draw(store.state, store.local);
  }

  function hideMoment() {
    moment.hidden = true;
    draw(store.state, store.local);
  }

  $("start").addEventListener("click", () => begin({ camera: true }));
  $("without").addEventListener("click", () => begin({ camera: false }));
  $("empty-add").addEventListener("click", addSource);
  $("live").addEventListener("click", hideMoment);
  $("draw-here").addEventListener("click", () => edit(visible(store.state, store.local)));
  store.on("lanes modes link language", draw);
  store.on("tag", drawTag);
  store.on("strip lanes", follow);
  setInterval(drawTag, 5000);
  draw(store.state, store.local);

  return {
    showMoment,
    /** Back to live; true when a past moment was shown. */
    leaveMoment: () => !moment.hidden && (hideMoment(), true),
    preview(track) {
      camera.srcObject = track ? new MediaStream([track]) : null;
      if (track) camera.play().catch((error) => console.warn("Lookout: preview", error.name));
    },
  };
}

const framePath = (lane, t0) => `/api/frame/${encodeURIComponent(lane)}?t=${t0.toFixed(2)}`;
