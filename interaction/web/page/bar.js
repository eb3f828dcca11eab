// The bar: microphone (a switch; held: push-to-talk), text box, voice, pause, stop, and the keys.

import { $, setIcon, setText } from "./dom.js";
import { CAMERA, SCREEN } from "./lamp.js";
import { current, t } from "./words.js";

const HOLD_MS = 300; // a shorter press is a click; the house counts the same
const EXAMPLE_MS = 6000;
const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";

/** `send(message)` is true when it went out; `listen(on)`, `talk(on)`, `silence()`, `stop()` act here and at the house;
 * `confirm` as in dialogs.js. */
export function mountBar(store, { send, listen, talk, silence, stop, confirm, refuse, leaveMoment }) {
  const ask = $("ask");
  const microphone = $("microphone");
  let example = 0;
  let pressed = null; // by what: "space", or a pointer's id
  let held = false; // for longer than a click: it talks
  let holding = 0;
  let space = false; // the key is down, for this
  let spent = false; // the click that ends a hold is none

  const isListening = () => store.state.microphone && store.local.microphone === "ok";

  function draw(state, local) {
    const on = isListening();
    const word = { word: state.wakeWord[current()] ?? t("name") };
    const waits = state.wake && !state.attentive;
    setText(microphone.lastElementChild, held ? t("bar.talk") : !on ? t("bar.mic_off") : waits ? t("bar.mic_wake", word) : t("bar.mic_on"));
    const label = held ? t("bar.talk_label") : !on ? t("bar.mic_off_label") : waits ? t("bar.mic_wake_label", word) : t("bar.mic_on_label");
    microphone.setAttribute("aria-label", label);
    microphone.classList.toggle("off", !on);
    microphone.classList.toggle("held", held);
    setIcon(microphone, on || held ? "mic" : "mic-off");
    $("voice").setAttribute("aria-label", t(state.voice ? "bar.voice_on_label" : "bar.voice_off_label"));
    $("voice").classList.toggle("off", !state.voice);
    setIcon($("voice"), state.voice ? "voice" : "voice-off");
    setText($("pause").lastElementChild, t(state.paused ? "bar.resume" : "bar.pause"));
    $("pause").setAttribute("aria-label", t(state.paused ? "bar.resume" : "bar.pause"));
    setIcon($("pause"), state.paused ? "play" : "pause");
    for (const id of ["microphone", "pause", "stop"]) $(id).disabled = !local.begun || local.stopped;
    if (microphone.disabled) release(pressed); // a disabled button does not tell that it was let go
    hint();
  }

  function hint() {
    const examples = store.state.examples?.[current()] ?? [];
    const [open, close] = current() === "zh" ? ["“", "”"] : ["“", "”"];
    const values = { example: open + examples[example % examples.length] + close, word: store.state.wakeWord[current()] };
    const named = store.state.wake && !store.state.attentive;
    ask.placeholder = !examples.length ? t("bar.hint_plain") : named ? t("bar.hint_wake", values) : t("bar.hint", values);
  }

  function say(event) {
    event.preventDefault();
    const text = ask.value.trim();
    if (!text) return;
    if (!send({ type: "say", text })) return refuse(t("trouble.not_sent"), t("trouble.not_sent_advice"));
    ask.value = "";
    typed();
  }

  function typed() {
    $("send").hidden = !ask.value.trim();
  }

  // A short press is a switch. A longer one talks until it is let go; it listens from the first moment, so that no
  // syllable is lost. The house forgets what it heard in a click.
  function press(by) {
    if (pressed !== null || microphone.disabled || store.local.microphone !== "ok") return;
    pressed = by;
    talk(true);
    holding = setTimeout(() => {
      held = true;
      draw(store.state, store.local);
    }, HOLD_MS);
  }

  /** Only what pressed it lets it go: a second finger, or the mouse beside the key, does not. `spent`: it was more
   * than a click. */
  function release(by) {
    if (pressed === null || by !== pressed) return;
    clearTimeout(holding);
    spent = held;
    pressed = null;
    held = false;
    talk(false);
    if (spent) draw(store.state, store.local);
  }

  microphone.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pressed !== null) return;
    microphone.setPointerCapture(event.pointerId);
    spent = false;
    press(event.pointerId);
  });
  for (const end of ["pointerup", "pointercancel"]) microphone.addEventListener(end, (event) => release(event.pointerId));
  microphone.addEventListener("contextmenu", (event) => event.preventDefault());
  microphone.addEventListener("click", (event) => {
    // After a cancelled touch there was none; a key or a screen reader clicks without a pointer (detail 0).
    if (pressed === null && (!spent || event.detail === 0)) listen(!isListening());
    spent = false;
  });
  const leave = () => {
    space = false;
    release(pressed);
  };
  addEventListener("blur", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());

  $("bar").addEventListener("submit", say);
  ask.addEventListener("input", typed);
  $("voice").addEventListener("click", () => send({ type: "voice", on: !store.state.voice }));
  $("pause").addEventListener("click", () => send({ type: store.state.paused ? "resume" : "pause" }));
  $("stop").addEventListener("click", async () => {
    const sources = [...store.state.lanes.keys()].filter((name) => ![CAMERA, SCREEN].includes(name)).join(current() === "zh" ? "、" : ", ");
    // They are watched without this page as well, perhaps for somebody else: one click is not enough.
    const sure = () => confirm(t("confirm.stop"), t("confirm.stop_text", { sources }), t("confirm.stop_yes"), t("confirm.stop_no"));
    if (!sources || (await sure())) stop();
  });

  const isOurs = (target, typing) => !typing && (target === microphone || !target.closest("button, a, summary, [role=slider]"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return; // a dialog has its own keys
    const target = event.target instanceof Element ? event.target : document.body;
    const typing = target.closest(TYPING);
    if (event.key === "Escape") {
      if (typing) target.blur();
      if (!leaveMoment()) silence();
    } else if (event.key === "/" && !typing) {
      event.preventDefault();
      ask.focus();
    } else if (event.key === " " && isOurs(target, typing)) {
      event.preventDefault(); // the page does not scroll, and the button is not clicked
      if (event.repeat || microphone.disabled) return;
      space = true;
      spent = false;
      press("space");
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== " " || !space) return;
    event.preventDefault();
    space = false;
    if (pressed !== null && pressed !== "space") return; // a pointer holds it
    release("space");
    if (!spent) listen(!isListening());
    spent = false;
  });

  setInterval(() => {
    if (document.activeElement === ask || document.hidden) return;
    example += 1;
    hint();
  }, EXAMPLE_MS);
  store.on("modes link language all observer", draw);
  draw(store.state, store.local);
}
