// The bar: microphone (a switch, held: push-to-talk), text box, voice, pause, stop, and the keys.

import { $, setIcon, setText } from "./dom.js";
import { current, t } from "./words.js";

const HOLD_MS = 350;
const EXAMPLE_MS = 6000;
const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";

/** `send(message)` is true when it went out; `listen(on)`, `silence()`, `stop()` act here and at the house. */
export function mountBar(store, { send, listen, silence, stop, refuse, leaveMoment }) {
  const ask = $("ask");
  const microphone = $("microphone");
  let example = 0;
  let holding = 0;
  let held = false;

  const isListening = () => store.state.microphone && store.local.microphone === "ok";

  function draw(state, local) {
    const on = isListening();
    setText(microphone.lastElementChild, t(on ? "bar.mic_on" : "bar.mic_off"));
    microphone.setAttribute("aria-label", t(on ? "bar.mic_on_label" : "bar.mic_off_label"));
    microphone.classList.toggle("off", !on);
    setIcon(microphone, on ? "mic" : "mic-off");
    $("voice").setAttribute("aria-label", t(state.voice ? "bar.voice_on_label" : "bar.voice_off_label"));
    $("voice").classList.toggle("off", !state.voice);
    setIcon($("voice"), state.voice ? "voice" : "voice-off");
    setText($("pause").lastElementChild, t(state.paused ? "bar.resume" : "bar.pause"));
    $("pause").setAttribute("aria-label", t(state.paused ? "bar.resume" : "bar.pause"));
    setIcon($("pause"), state.paused ? "play" : "pause");
    for (const id of ["microphone", "pause", "stop"]) $(id).disabled = !local.begun || local.stopped;
    hint();
  }

  function hint() {
    const examples = store.state.examples?.[current()] ?? [];
    const [open, close] = current() === "zh" ? ["“", "”"] : ["“", "”"];
    ask.placeholder = examples.length ? t("bar.hint", { example: open + examples[example % examples.length] + close }) : t("bar.hint_plain");
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

  // A short press is a switch. A press that is held while muted talks until it is let go.
  microphone.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || isListening() || microphone.disabled) return;
    microphone.setPointerCapture(event.pointerId);
    holding = setTimeout(() => {
      held = true;
      microphone.classList.add("held");
      listen(true);
    }, HOLD_MS);
  });
  const release = () => {
    clearTimeout(holding);
    microphone.classList.remove("held");
    if (held) {
      listen(false);
      setTimeout(() => (held = false)); // after the click that ends the hold
    }
  };
  microphone.addEventListener("pointerup", release);
  microphone.addEventListener("pointercancel", release);
  microphone.addEventListener("contextmenu", (event) => event.preventDefault());
  microphone.addEventListener("click", () => held || listen(!isListening()));

  $("bar").addEventListener("submit", say);
  ask.addEventListener("input", typed);
  $("voice").addEventListener("click", () => send({ type: "voice", on: !store.state.voice }));
  $("pause").addEventListener("click", () => send({ type: store.state.paused ? "resume" : "pause" }));
  $("stop").addEventListener("click", stop);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return; // a dialog has its own keys
    const target = event.target instanceof Element ? event.target : document.body;
    const typing = target.closest(TYPING);
    if (event.key === "Escape") {
      if (typing) target.blur();
      if (!leaveMoment()) silence();
    } else if (event.key === "/" && !typing) {
      event.preventDefault();
      ask.focus();
    } else if (event.key === " " && !typing && !target.closest("button, a, summary, [role=slider]")) {
      event.preventDefault(); // the page does not scroll
      if (!event.repeat && !microphone.disabled) listen(!isListening());
    }
  });

  setInterval(() => {
    if (document.activeElement === ask || document.hidden) return;
    example += 1;
    hint();
  }, EXAMPLE_MS);
  store.on("modes link language all", draw);
  draw(store.state, store.local);
}
