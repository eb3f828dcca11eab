// The header's right side and the settings: observer, how much it talks, sources, privacy, health.

import { $, keyed, make, setText } from "./dom.js";
import { CAMERA, laneName } from "./lamp.js";
import { hostName, privacyLine } from "./stage.js";
import { current, sentences, setLanguage, span, t, told } from "./words.js";

const NAME = /^[\p{L}\p{M}\p{N}_ -]+$/u; // what the house takes as a source's name
const CHOICES = { verbosity: ["brief", "normal", "chatty"], pace: ["slow", "normal", "fast"] };

/** Tick figures of the last two minutes. `latency`: median seconds of looks that asked the observer, or null. */
export function figures(state) {
  const decisions = [...state.seconds.values()].flatMap((cell) => cell.decisions);
  const asked = decisions.filter((d) => !d.skipped && d.latency > 0).map((d) => d.latency).sort((a, b) => a - b);
  return {
    looks: decisions.length,
    skipped: decisions.filter((d) => d.skipped).length,
    late: decisions.filter((d) => d.late).length,
    latency: asked.length ? asked[Math.floor(asked.length / 2)] : null,
  };
}

/** An observer of the house in the person's words; a model's name as it is. */
function observerName(name) {
  return name === "embedded" ? t("settings.embedded") : String(name ?? "");
}

/** How far a model is loaded that will take over, e.g. "loading the model: weights 40 %"; "" if none is. */
function loadingText(loading) {
  if (!loading) return "";
  const text = t(`loading.${loading.stage}`);
  return Number.isInteger(loading.percent) ? `${text} ${loading.percent} %` : text;
}

/** `draw(lane)` opens the editor of its zones and masks. */
export function mountSettings(store, { send, draw }) {
  const dialog = $("settings");
  let adding = null; // name of the source that was asked for

  function open(section = null) {
    $("settings-refusal").hidden = true;
    dialog.showModal();
    if (section) section.scrollIntoView({ block: "start" });
    else dialog.scrollTop = 0;
    store.tell("settings");
  }

  function drawHeader(state) {
    const { observer } = state;
    const name = observer ? observerName(observer.name) : "";
    const sees = observer?.sees?.[current()] ?? observer?.sees?.en ?? "";
    $("observer").hidden = !observer;
    const loading = loadingText(observer?.loading);
    setText($("observer"), [name, loading || sees].filter(Boolean).join(" · "));
    $("observer").title = $("observer").textContent;
    setText($("observer-name"), name);
    setText($("observer-sees"), [sees && t("settings.sees", { sees }), loading].filter(Boolean).join(" · "));
    for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === current()));
  }

  function drawModes(state) {
    $("voice-switch").setAttribute("aria-checked", String(state.voice));
    for (const [name, values] of Object.entries(CHOICES))
      keyed($(name), values, (one) => one, (one, old) => {
        const label = old ?? make("label", {}, make("input", { type: "radio", name, value: one, onchange: () => send({ type: name, value: one }) }), make("span"));
        setText(label.lastElementChild, t(`settings.${one}`));
        label.firstElementChild.checked = state[name] === one;
        return label;
      });
  }

  /** Who speaks the page's language: "af_heart" is Heart, an American woman. */
  function drawSpeaker(state) {
    const known = state.speakers?.[current()] ?? [];
    $("speaking-as").hidden = known.length < 2;
    keyed($("speaker"), known, (name) => name, (name, old) => {
      const option = old ?? make("option", { value: name });
      const [kind, own] = name.split("_");
      setText(option, own ? `${own[0].toUpperCase()}${own.slice(1)} · ${t(`settings.${kind}`)}` : name);
      return option;
    });
    $("speaker").value = state[speakerMode()] || known[0] || "";
  }

  const speakerMode = () => (current() === "zh" ? "speaker_zh" : "speaker");

  function drawListening(state) {
    setText($("set-wake"), t("settings.wake", { word: state.wakeWord[current()] ?? t("name") }));
    $("wake-switch").setAttribute("aria-checked", String(state.wake));
  }

  function drawSources(state) {
    const lanes = [...state.lanes.values()];
    keyed($("source-list"), lanes.length ? lanes : [null], (one) => one?.lane ?? "", (one, old) => {
      if (!one) return Object.assign(old ?? make("li", { class: "soft" }), { textContent: t("settings.no_sources") });
      const name = laneName(one.lane);
      const act = (op) => () => send({ type: "source", op, name: one.lane });
      const paused = one.state === "paused";
      const drawing = make("button", { class: "small", type: "button", "aria-label": t("areas.open_label", { lane: name }), onclick: () => draw(one.lane) }, t("areas.open"));
      const buttons = one.lane === CAMERA ? [drawing] : [
        drawing,
        make("button", { class: "small", type: "button", "aria-label": t(paused ? "settings.resume_source" : "settings.pause_source", { lane: name }), onclick: act(paused ? "resume" : "pause") }, t(paused ? "bar.resume" : "bar.pause")),
        make("button", { class: "small", type: "button", "aria-label": t("settings.remove_source", { lane: name }), onclick: act("remove") }, t("settings.remove")),
      ];
      const item = old ?? make("li", { class: "row" });
      const shown = [current(), one.lane, one.state, one.detail].join("|");
      if (item.dataset.shown === shown) return item; // keeps the focus
      item.dataset.shown = shown;
      item.classList.toggle("told", Boolean(one.detail));
      item.replaceChildren(make("span", { class: "grow" }, name, " ", make("span", { class: "soft" }, [t(`lane.${one.state}`), told(one, "detail")].filter(Boolean).join(" · "))), ...buttons);
      return item;
    });
    if (adding !== null && state.lanes.has(adding)) {
      adding = null;
      $("add-source").reset();
    }
    const full = state.maxSources !== null && lanes.length >= state.maxSources;
    for (const field of $("add-source").elements) field.disabled = full;
    if (full && dialog.open) setText($("settings-refusal"), t("settings.full", { n: state.maxSources }));
    if (dialog.open) $("settings-refusal").hidden = !full && $("settings-refusal").hidden;
  }

  function drawPrivacy(state) {
    const hosts = state.hosts ?? [];
    setText($("privacy-statement"), hosts.length ? t("privacy.list") : privacyLine(state));
    $("hosts").replaceChildren(...hosts.map((host) => make("li", {}, [hostName(host), host.what].filter((part) => typeof part === "string").join(" · "))));
  }

  function drawHealth(state) {
    const f = figures(state);
    const latency = f.latency === null ? "–" : span(f.latency);
    $("health").hidden = f.latency === null;
    setText($("health"), f.late ? `${latency} · ${f.late} ${t("strip.late")}` : latency);
    $("health").title = t("header.health", { latency, late: f.late });
    $("health").setAttribute("aria-label", `${$("health").textContent}. ${$("health").title}`);
    if (!dialog.open) return;
    const rows = [["latency", latency], ["late", f.late], ["looks", f.looks], ["skipped", f.skipped], ["stalls", state.stalls]];
    $("figures").replaceChildren(...rows.flatMap(([name, value]) => [make("dt", {}, t(`settings.${name}`)), make("dd", {}, String(value))]));
    $("read-problems").replaceChildren(...[...state.problems.values()].map((p) => make("li", {}, make("b", {}, told(p, "message")), " ", sentences(told(p, "kept"), told(p, "advice")))));
  }

  $("open-settings").addEventListener("click", () => open());
  $("health").addEventListener("click", () => open($("health-section")));
  $("voice-switch").addEventListener("click", () => send({ type: "voice", on: !store.state.voice }));
  $("speaker").addEventListener("change", (event) => send({ type: speakerMode(), value: event.target.value }));
  $("wake-switch").addEventListener("click", () => send({ type: "wake", on: !store.state.wake }));
  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => {
      setLanguage(button.dataset.language, { remember: true });
      send({ type: "language", value: button.dataset.language });
    });
  $("add-source").addEventListener("submit", (event) => {
    event.preventDefault();
    const url = $("source-url").value.trim();
    const name = $("source-name").value.trim();
    $("settings-refusal").hidden = NAME.test(name);
    if (!NAME.test(name)) return setText($("settings-refusal"), t("settings.source_name_rule"));
    if (url && send({ type: "source", op: "add", url, name })) adding = name; // the fields stay until it is taken
  });

  store.on("all language observer", drawHeader);
  store.on("modes language settings all", drawModes);
  store.on("modes language settings all", drawSpeaker);
  store.on("modes language settings all", drawListening);
  store.on("lanes language settings", drawSources);
  store.on("all language settings", drawPrivacy);
  store.on("strip problems language settings", drawHealth);
  for (const draw of [drawHeader, drawModes, drawSpeaker, drawListening, drawSources, drawPrivacy, drawHealth]) draw(store.state);
  return { openSources: () => open($("sources")) };
}
