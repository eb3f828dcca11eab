// The page, put together: the house's messages go to the store, the parts draw what they are about.

import { mountAlerts } from "./alerts.js";
import { mountAreas } from "./areas.js";
import { mountBar } from "./bar.js";
import { mountCaptions } from "./captions.js";
import { mountCameras } from "./cameras.js";
import { mountClips } from "./clips.js";
import { Connection } from "./connection.js";
import { mountDialogs } from "./dialogs.js";
import { $, markup } from "./dom.js";
import { CAMERA, mountLamp, SCREEN } from "./lamp.js";
import { mountMasks } from "./masks.js";
import { Media } from "./media.js";
import { mountMemory } from "./memory.js";
import { mountNotices } from "./notices.js";
import { Peer } from "./peer.js";
import { mountSettings } from "./settings.js";
import { mountSide } from "./side.js";
import { mountStage } from "./stage.js";
import { createStore } from "./state.js";
import { mountStrip } from "./strip.js";
import { mountTasks } from "./tasks.js";
import { Voice } from "./voice.js";
import { mountWatches } from "./watches.js";
import { chosen, current, loadWords, onLanguage, setLanguage, t } from "./words.js";

const BEGUN = "lookout.begun"; // "camera" or "without": a reload of this tab goes on as it was
const REJOIN_MS = 3000; // after the camera's lane ended: a connection that replaces another needs less
const RELEASE_MS = 400; // sound that is on its way when the button is let go; the house waits for it
const SILENCE_MS = 1500; // what the browser's jitter buffer may still hold after Esc

async function open() {
  const [root] = await Promise.all([markup(), loadWords()]);
  root.closest(".prose")?.classList.remove("prose"); // Gradio would colour our texts as an article
  document.querySelector("gradio-app main")?.setAttribute("role", "presentation"); // our own landmarks count
  $("lookout-opening")?.remove();
  const store = createStore();
  let asking = false; // the browser's question about the camera is open
  let talking = false; // the button is held
  let letting = 0;
  let owed = false; // the button was let go while the house could not be told
  let page = null; // the parts that messages are handed to, once mounted

  const connection = new Connection({
    hello: () => ({ type: "hello", seq: store.state.seq, language: current() }),
    heartbeat: () => ({ type: "heartbeat", ...(peer.id && { connection: peer.id }), ...(screen.id && { screen: screen.id }) }),
    onMessage: (message) => receive(message),
    onLink: (link) => (link === "ended" ? ended() : link !== "closed" && store.setLocal({ link, place: null }, "lanes")),
  });
  const send = (message) => {
    if (connection.send(message)) return true;
    if (message.type !== "playback") page.notices.refuse(t("trouble.not_sent"), message.type === "say" ? t("trouble.not_sent_advice") : "");
    return false;
  };

  const media = new Media({ onDevice: device, onScreen: shared });
  const peer = new Peer({
    lane: CAMERA,
    tracks: () => ({ audio: media.audio(), video: media.tracks.camera }),
    onVoice: (stream, receiver) => voice.attach(stream, receiver),
    onState: (state) => store.setLocal({ media: state }),
    useful: () => store.local.link === "open", // without a session at the house every offer is refused; `greeted` joins
  });
  const screen = new Peer({
    lane: SCREEN,
    tracks: () => ({ audio: null, video: media.screen }),
    useful: () => store.local.link === "open" && media.screen !== null,
  });
  const voice = new Voice($("voice-out"), {
    report: (seconds) => connection.isOpen && send({ type: "playback", seconds }),
    onHeld: (held) => store.setLocal({ sound: held ? "held" : "ok" }),
  });

  function device(what, state, detail) {
    store.setLocal({ [what]: state }, "modes", "lanes");
    if (what === "camera" && state === "ok") media.cameras().then((cameras) => store.setLocal({ cameras }, "lanes"));
    if (what === "camera") page?.stage.preview(media.tracks.camera);
    if (what === "microphone") media.listen(store.state.microphone);
    const said = { busy: "lost", insecure: "none", off: null }[state] ?? (state === "off" ? null : state);
    if (said && connection.isOpen) send({ type: "media", what, state: said, detail: String(detail).slice(0, 200) });
    peer.refresh();
  }

  function shared() {
    store.setLocal({ sharing: media.screen !== null }, "lanes");
    if (media.screen) return screen.active ? screen.refresh() : screen.connect();
    screen.close();
    if (connection.isOpen) send({ type: "media", what: "screen", state: "off" });
  }

  async function begin({ camera }) {
    sessionStorage.setItem(BEGUN, camera ? "camera" : "without");
    if (store.local.stopped) connection.open();
    store.setLocal({ begun: true, stopped: false }, "modes", "lanes");
    if (camera) {
      asking = true;
      store.setLocal({ camera: media.tracks.camera ? "ok" : "asking" }, "lanes");
      await media.start({ camera: true, microphone: true });
      asking = false;
    }
    await join();
    if (document.activeElement === document.body) $("microphone").focus({ preventScroll: true }); // the pressed button is gone
  }

  /** Media flow once there is a session at the house and the person has answered about the camera. */
  async function join() {
    const { begun, taken, link } = store.local;
    if (!begun || taken || asking || link !== "open" || peer.active) return;
    silent();
    await peer.connect();
  }

  /** Without a microphone silence is sent: the house must not take it for a broken one. */
  function silent() {
    if (!media.tracks.microphone) send({ type: "media", what: "microphone", state: "off" });
  }

  async function listen(on) {
    if (on && !media.tracks.microphone) {
      await media.start({ camera: false, microphone: true });
      if (!media.tracks.microphone) return;
    }
    media.listen(on);
    send({ type: "microphone", on });
  }

  /** Push-to-talk: what is said until it is let go is one turn, muted or not. */
  function talk(on) {
    clearTimeout(letting);
    talking = on;
    if (on) media.listen(true);
    else letting = setTimeout(() => media.listen(store.state.microphone), RELEASE_MS);
    owed = !send({ type: "talk", on }) && !on;
  }

  function silence() {
    voice.mute(SILENCE_MS);
    if (store.state.saying) send({ type: "silence" });
  }

  function stop() {
    if (!send({ type: "stop" })) return;
    ended();
    setTimeout(() => store.local.stopped && connection.close(), 300); // after "stop" has gone out
    queueMicrotask(() => $("start").focus()); // it is drawn by then, and can take the focus
  }

  function ended() {
    sessionStorage.removeItem(BEGUN);
    store.setLocal({ stopped: true, begun: false, taken: false, link: "closed" }, "modes", "lanes");
    peer.close();
    media.stop();
    media.unshare();
    voice.detach();
    store.settle();
  }

  function receive(message) {
    if (message.type === "pong") return;
    if (message.type === "renewed") return connection.open(); // what only the welcome tells has changed
    if (message.type === "mute") return voice.mute(Math.min(5000, Math.max(0, Number(message.ms) || 0)));
    if (message.type === "refused" && page.areas.refuse(message)) return;
    if (message.type === "refused") return page.notices.refuse(String(message.message ?? ""), String(message.advice ?? ""));
    if (message.type === "replaced") return message.connection === peer.id ? taken() : message.connection === screen.id && media.unshare();
    if (message.type === "full") return store.setLocal({ link: "full", place: message.place }, "lanes");
    const before = store.state.started;
    store.apply(message);
    if (message.type === "alerted") page.alerts.show(message);
    if (message.type === "utterance_started") voice.speaking(true);
    if (message.type === "utterance_ended") voice.speaking(false);
    if (message.type === "lane_changed" && [CAMERA, SCREEN].includes(message.lane) && message.state === "ended") setTimeout(rejoin, REJOIN_MS);
    if (message.type === "welcome") greeted(before, message);
  }

  /** The house gave our camera or screen up (this machine slept, the network was away) while this end believes in it. */
  function rejoin() {
    if (media.screen && !store.state.lanes.has(SCREEN) && connection.isOpen) screen.connect();
    if (peer.active && media.tracks.camera && !store.state.lanes.has(CAMERA) && connection.isOpen) peer.connect();
  }

  /** Another tab took camera and microphone over: this one shows what happens, and may take them back. */
  function taken() {
    peer.close();
    voice.detach();
    media.stop();
    store.setLocal({ taken: true }, "modes", "lanes");
  }

  /** The page's language is this browser's; what is spoken is the session's, which others may share. */
  function greeted(before, { started, alone }) {
    const { language } = store.state;
    if (alone !== false && before === null && language && !chosen()) setLanguage(language);
    else if (alone !== false && chosen() && language !== chosen()) send({ type: "language", value: chosen() });
    if (owed) owed = !send({ type: "talk", on: false });
    for (const what of ["camera", "microphone"]) if (media.tracks[what]) send({ type: "media", what, state: "ok", detail: media.tracks[what].label });
    if (media.screen) setTimeout(rejoin, REJOIN_MS);
    const begun = sessionStorage.getItem(BEGUN);
    if (begun && !store.local.begun) begin({ camera: begun === "camera" });
    else if (before !== null && before !== started && peer.active) {
      silent();
      peer.connect(); // the house was started again: the old connection leads nowhere
    }
    else join();
  }

  const dialogs = mountDialogs();
  const notices = mountNotices(store, {
    again: async (what) => {
      if (what === "taken") {
        store.setLocal({ taken: false });
        return begin({ camera: sessionStorage.getItem(BEGUN) === "camera" });
      }
      await media.start({ camera: ["camera", "devices"].includes(what), microphone: true });
      await join();
    },
    dismiss: (key) => {
      for (const what of key === "devices" ? ["camera", "microphone"] : [key]) {
        if (["camera", "microphone"].includes(what)) media.forgo(what);
        store.acknowledge(what);
      }
    },
  });
  mountMasks(store);
  const areas = mountAreas(store, { send });
  const settings = mountSettings(store, { send, draw: areas.open });
  const clips = mountClips(store, dialogs);
  const stage = mountStage(store, { begin, addSource: settings.openSources, play: clips.play, edit: areas.open });
  page = { notices, stage, areas, alerts: mountAlerts(store, { ...clips, ...dialogs, send, refuse: notices.refuse }) };
  mountLamp(store, root, $("lamp-word"));
  mountStrip(store, stage.showMoment);
  mountCaptions(store, clips);
  mountBar(store, { send, listen, talk, silence, stop, ...dialogs, refuse: notices.refuse, leaveMoment: stage.leaveMoment });
  mountCameras(store, { send, share: (on) => (on ? media.share() : media.unshare()), turn: () => media.turn() });
  mountWatches(store, { send, play: clips.play });
  mountTasks(store, { send });
  const memory = mountMemory(store, { ...dialogs, hands: clips.hands, refuse: notices.refuse });
  mountSide({ onShow: (name) => memory.show(name === "memory") });
  store.on("modes", (state) => {
    voice.enable(state.voice);
    media.listen(state.microphone || talking);
  });
  onLanguage(() => store.tell("language"));
  setLanguage(current());
  addEventListener("pagehide", () => [peer, screen].forEach((one) => one.active && one.close()));
  addEventListener("pageshow", (event) => event.persisted && location.reload()); // back from the browser's page cache
  connection.open();
}

open();
