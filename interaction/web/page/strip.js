// The heartbeat: one cell a second for two minutes. A slider to the keyboard: arrows move, Enter shows the picture.

import { $, make, setText } from "./dom.js";
import { CAMERA, laneName } from "./lamp.js";
import { seconds, span, t } from "./words.js";

const CELLS = 120;
const RANK = ["spoke", "delegated", "heard", "late", "silent", "skipped", "none"];

/** What a second is drawn as: the most telling of what happened in it. */
export function kindOf(cell) {
  if (!cell) return "none";
  const kinds = cell.decisions.map((d) => (d.action === "speak" ? "spoke" : d.action === "delegate" ? "delegated" : d.late ? "late" : d.skipped ? "skipped" : "silent"));
  if (cell.heard) kinds.push("heard");
  return RANK.find((kind) => kinds.includes(kind)) ?? "none";
}

/** The decision that the cell's kind comes from. */
export function tellingOf(cell) {
  const order = (d) => (d.action === "speak" ? 0 : d.action === "delegate" ? 1 : d.late ? 2 : d.skipped ? 4 : 3);
  return [...(cell?.decisions ?? [])].sort((a, b) => order(a) - order(b))[0] ?? null;
}

/** `showMoment({t, lane, reason})` is called for the chosen second. */
export function mountStrip(store, showMoment) {
  const cells = $("cells");
  const detail = $("detail");
  const legend = $("legend");
  const elements = Array.from({ length: CELLS }, () => make("i", { class: "none" }));
  cells.append(...elements);
  let newest = 0; // session second of the last cell
  let chosen = null; // session second that is looked at, or null
  let focused = false;

  const at = (i) => newest - (CELLS - 1) + i;

  function describe(second) {
    const cell = store.state.seconds.get(second);
    const decision = tellingOf(cell);
    const parts = [seconds(store.wall(second)), t(`strip.${kindOf(cell)}`)];
    if (decision) {
      if (decision.text) parts.push(`“${decision.text}”`);
      if (decision.reason) parts.push(decision.reason);
      if (store.state.lanes.size > 1) parts.push(laneName(decision.lane));
      // A model's own probability of speaking; the embedded observer has none.
      if (typeof decision.p_speak === "number") parts.push(t("strip.sure", { percent: Math.round(100 * decision.p_speak) }));
      if (decision.latency > 0) parts.push(span(decision.latency));
      if (decision.late && kindOf(cell) !== "late") parts.push(t("strip.late"));
    }
    return parts.join(" · ");
  }

  function draw() {
    newest = Math.floor(store.now());
    elements.forEach((element, i) => {
      const kind = kindOf(store.state.seconds.get(at(i)));
      const name = at(i) === chosen ? `${kind} chosen` : kind;
      if (element.className !== name) element.className = name;
    });
    const shown = chosen ?? (focused ? newest : null);
    if (chosen !== null && chosen < at(0)) chosen = at(0);
    detail.hidden = shown === null;
    legend.classList.toggle("away", shown !== null);
    if (shown !== null) setText(detail, describe(shown));
    // The value moves with the person's choice only, or a screen reader would speak every second.
    cells.setAttribute("aria-valuemin", String(at(0)));
    cells.setAttribute("aria-valuemax", String(newest));
    if (chosen !== null || !focused) {
      cells.setAttribute("aria-valuenow", String(chosen ?? newest));
      cells.setAttribute("aria-valuetext", describe(chosen ?? newest));
    }
  }

  function choose(second) {
    chosen = second === null ? null : Math.min(newest, Math.max(at(0), second));
    draw();
  }

  function open() {
    const second = chosen ?? newest;
    const decision = tellingOf(store.state.seconds.get(second));
    showMoment({ t: decision?.t ?? second, lane: decision?.lane ?? CAMERA, reason: describe(second) });
  }

  const under = (event) => {
    const box = cells.getBoundingClientRect();
    return at(Math.floor(((event.clientX - box.left) / box.width) * CELLS));
  };
  cells.addEventListener("pointermove", (event) => choose(under(event)));
  cells.addEventListener("pointerleave", () => choose(null));
  cells.addEventListener("click", (event) => {
    choose(under(event));
    open();
  });
  cells.addEventListener("focus", () => {
    focused = cells.matches(":focus-visible");
    draw();
  });
  cells.addEventListener("blur", () => {
    focused = false;
    choose(null);
  });
  cells.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
    if (event.key in moves) choose((chosen ?? newest) + moves[event.key]);
    else if (event.key === "Home") choose(at(0));
    else if (event.key === "End") choose(newest);
    else if (event.key === "Enter") open();
    else return;
    event.preventDefault();
  });

  store.on("strip language lanes", draw);
  setInterval(draw, 1000);
  draw();
}
