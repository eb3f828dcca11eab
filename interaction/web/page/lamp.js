// The one lamp: one state for the ring around the picture, the word in the header and the tag on the stage.

import { sentences, t, told } from "./words.js";

/** The lanes of a page's own camera and of the screen that it shares; every other lane is a network source. */
export const CAMERA = "camera";
export const SCREEN = "screen";

export const laneName = (lane) => ([CAMERA, SCREEN].includes(lane) ? t(`lane.${lane}`) : lane);

const MEDIA = ["refused", "none", "lost", "busy", "insecure"];

/**
 * Everything that is wrong, each with a sentence, most pressing first:
 * {key, message, kept, advice, again: may be tried again, dismiss: may be put aside}.
 */
export function troubles(state, local) {
  const list = [];
  const say = (key, message, kept, advice, more = {}) => list.push({ key, message, kept, advice, ...more });
  if (local.link === "denied") say("link", t("trouble.denied"), "", t("trouble.denied_advice"));
  if (local.link === "lost") say("link", t("trouble.link"), t("trouble.link_kept"), t("trouble.link_advice"));
  if (local.taken) say("taken", t("trouble.taken"), t("trouble.taken_kept"), t("trouble.taken_advice"), { again: true });
  const both = local.camera === "refused" && local.microphone === "refused"; // one question, one answer, one sentence
  if (both) say("devices", t("trouble.devices_refused"), t("trouble.devices_kept"), t("trouble.devices_refused_advice"), { again: true, dismiss: true });
  for (const device of both ? [] : ["camera", "microphone"]) {
    const how = local[device];
    if (!MEDIA.includes(how)) continue;
    if (device === "microphone" && how === "insecure") continue; // said once, with the camera
    say(device, t(`trouble.${device}_${how}`), t(`trouble.${device}_kept`), t(`trouble.${device}_${how}_advice`), { again: true, dismiss: true });
  }
  if (local.media === "lost" && local.link === "open") say("media", t("trouble.media"), t("trouble.media_kept"), t("trouble.media_advice"));
  for (const problem of state.problems.values()) {
    if (problem.severity === "info" || problem.read || list.some((one) => one.key === problem.where)) continue;
    if (both && ["camera", "microphone"].includes(problem.where)) continue; // the house's word for the same
    say(problem.where, told(problem, "message") || t("trouble.part", { where: problem.where }), told(problem, "kept"), told(problem, "advice"), { dismiss: true });
  }
  for (const lane of state.lanes.values()) {
    if (lane.read || !["down", "stalled"].includes(lane.state) || list.some((one) => one.key === lane.lane)) continue;
    if (state.problems.has(`source ${lane.lane}`)) continue; // it was given up, and says why
    if (lane.lane === CAMERA && local.media === "lost") continue; // one cause, one sentence
    const message = t(lane.state === "down" ? "trouble.lane" : "trouble.lane_stalled", { lane: laneName(lane.lane) });
    say(`lane:${lane.lane}`, sentences(message, told(lane, "detail")), t("trouble.lane_kept"), t("trouble.lane_advice"), { dismiss: true });
  }
  if (local.sound === "held") say("sound", t("trouble.sound"), t("trouble.sound_kept"), t("trouble.sound_advice"));
  return list;
}

/** trouble > paused > speaking > listening > working > watching; "ready" when nothing was started yet. */
export function lampOf(state, local) {
  if (local.stopped) return "ready";
  if (troubles(state, local).length) return "trouble";
  if (state.paused) return "paused";
  if (state.saying) return "speaking";
  if (state.hearing !== null) return "listening";
  if ([...state.tasks.values()].some((task) => task.status === "running")) return "working";
  const watching = [...state.lanes.values()].some((lane) => lane.state === "watching" || lane.state === "connecting");
  return watching ? "watching" : "ready";
}

export function mountLamp(store, root, word) {
  const draw = (state, local) => {
    const lamp = lampOf(state, local);
    root.dataset.lamp = lamp;
    word.textContent = t(`lamp.${lamp}`);
    store.tell("tag");
  };
  store.on("lamp language", draw);
  return () => draw(store.state, store.local);
}
