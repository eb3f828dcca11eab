// The editor of a source's zones and privacy masks, over its latest picture.

import { areasForm } from "./areas_form.js";
import { keyed, make, setText } from "./dom.js";
import { CAMERA, laneName } from "./lamp.js";
import { shape } from "./masks.js";
import { sentences, t } from "./words.js";

const STEP = 0.01; // of the picture, for an arrow key; with Shift five times as far
const NEAR = 14; // pixels: a click this near to the first corner closes the shape
const MOST = 32; // corners of an area; the house says the same

const within = (part) => Math.round(Math.min(1, Math.max(0, part)) * 1e4) / 1e4;

/** `send` tells the house. */
export function mountAreas(store, { send }) {
  let lane = null;
  let list = []; // {id, mask, name, points, closed}
  let chosen = null; // the area whose corners are shown
  let saving = false;
  let said; // of the lane's areas, by the house, when `list` was made of them
  let opened = ""; // `list` as it was then
  let number = 0;
  let dragged = null;

  const form = areasForm({ zone: () => begin(false), mask: () => begin(true), corner: () => corner(), shut: () => shut(), save });
  const { dialog, refusal, image, shapes, corners, drawing, status, note, newZone, addCorner, closeShape, rows } = form;

  const title_ = (area) => (area.mask ? t("areas.mask", { n: list.filter((one) => one.mask).indexOf(area) + 1 }) : area.name.trim() || t("areas.unnamed"));

  function listed(known) {
    const area = (mask, points, name = "") => ({ id: ++number, mask, name, points: points.map(([x, y]) => [x, y]), closed: true });
    return [...(known?.zones ?? []).map((zone) => area(false, zone.points, zone.name)), ...(known?.masks ?? []).map((points) => area(true, points))];
  }

  const drawn = (areas) => JSON.stringify(areas.map(({ mask, name, points }) => [mask, name, points]));

  function open(name) {
    lane = name;
    const known = store.state.areas.get(lane);
    said = known;
    list = listed(known);
    opened = drawn(list);
    chosen = list[0] ?? null;
    saving = false;
    refusal.hidden = true;
    setText(note, known === null ? t("areas.unknown") : "");
    image.hidden = true;
    image.onload = () => (image.hidden = false, drawing.style.setProperty("--aspect", image.naturalWidth / image.naturalHeight));
    image.onerror = () => setText(note, sentences(note.textContent, t("areas.no_picture")));
    image.src = `/api/frame/${encodeURIComponent(lane)}?t=${store.now().toFixed(2)}`;
    setText(status, "");
    draw();
    dialog.showModal();
  }

  function begin(mask) {
    chosen = { id: ++number, mask, name: "", points: [], closed: false };
    list.push(chosen);
    draw();
  }

  /** One more corner of the chosen area, at `point`, or where the keyboard can take it from; it has the focus. */
  function corner(point = null) {
    if (!chosen) return;
    const { points } = chosen;
    if (points.length >= MOST) return setText(status, t("areas.full", { n: MOST }));
    const [x, y] = points.at(-1) ?? [0.35, 0.35];
    const square = [[0.35, 0.35], [0.65, 0.35], [0.65, 0.65], [0.35, 0.65]];
    points.push((point ?? (chosen.closed ? [(x + points[0][0]) / 2, (y + points[0][1]) / 2] : (square[points.length] ?? [x, y - 0.1]))).map(within));
    draw();
    focus(points.length - 1);
  }

  function shut() {
    if (!chosen || chosen.closed) return;
    if (chosen.points.length < 3) return setText(status, t("areas.open_shape", { area: title_(chosen), n: chosen.points.length }));
    chosen.closed = true;
    setText(status, t("areas.closed", { area: title_(chosen) }));
    draw();
    if (!chosen.mask && !chosen.name) rows.querySelector(`[data-key="${chosen.id}"] input`)?.focus();
  }

  function removeCorner(at) {
    if (chosen.closed && chosen.points.length <= 3) return; // an area is deleted in the list
    chosen.points.splice(at, 1);
    draw();
    if (chosen.points.length) focus(Math.min(at, chosen.points.length - 1));
    else addCorner.focus();
  }

  function move(at, x, y) {
    chosen.points[at] = [within(x), within(y)];
    draw();
    setText(status, cornerLabel(at));
  }

  const cornerLabel = (at) => {
    const [x, y] = chosen.points[at];
    return t("areas.corner", { n: at + 1, area: title_(chosen), x: Math.round(x * 100), y: Math.round(y * 100) });
  };
  const focus = (at) => corners.children[at]?.focus();

  function position(event) {
    const box = drawing.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  function draw() {
    form.words(laneName(lane ?? CAMERA));
    shapes.replaceChildren(...list.filter((area) => area.points.length > 1).map((area) => shape(area.points, `${area.mask ? "mask" : "zone"}${area === chosen ? " chosen" : ""}`, !area.closed)));
    const points = chosen?.points ?? [];
    keyed(corners, points.map((_, at) => at), (at) => at, (at, old) => {
      const handle = old ?? make("button", { class: "corner", type: "button" });
      handle.style.left = `${points[at][0] * 100}%`;
      handle.style.top = `${points[at][1] * 100}%`;
      handle.setAttribute("aria-label", cornerLabel(at));
      return handle;
    });
    addCorner.disabled = !chosen;
    closeShape.disabled = !chosen || chosen.closed;
    keyed(rows, list.length ? list : [null], (area) => area?.id ?? "", (area, old) => {
      if (!area) return Object.assign(old ?? make("li", { class: "soft" }), { textContent: t("areas.none") });
      const row = old ?? make("li", { class: "row" }, make("button", { class: "chip", type: "button", onclick: () => choose(area) }),
        area.mask ? make("span", { class: "grow" }) : make("input", { class: "grow", type: "text", maxLength: 40, autocomplete: "off", value: area.name, oninput: (event) => ((area.name = event.target.value), draw()) }),
        make("button", { class: "small danger", type: "button", onclick: () => drop(area) }));
      const [pick, name, remove] = row.children;
      setText(pick, area.mask ? title_(area) : t("areas.zone"));
      pick.setAttribute("aria-pressed", String(area === chosen));
      pick.setAttribute("aria-label", t("areas.choose", { area: title_(area) }));
      if (!area.mask) Object.assign(name, { ariaLabel: t("areas.name"), placeholder: t("areas.name_hint") });
      setText(remove, t("areas.delete"));
      remove.setAttribute("aria-label", t("areas.delete_label", { area: title_(area) }));
      return row;
    });
  }

  function choose(area) {
    chosen = area;
    draw();
  }

  function drop(area) {
    list = list.filter((one) => one !== area);
    if (chosen === area) chosen = list.at(-1) ?? null;
    draw();
    (rows.querySelector(".chip") ?? newZone).focus();
  }

  function complain(text) {
    setText(refusal, text);
    refusal.hidden = false;
    refusal.scrollIntoView({ block: "nearest" });
  }

  function save() {
    const open = list.find((area) => !area.closed && area.points.length);
    if (open?.points.length < 3) return complain(t("areas.open_shape", { area: title_(open), n: open.points.length }));
    const kept = list.filter((area) => area.points.length >= 3);
    const names = kept.filter((area) => !area.mask).map((area) => area.name.trim());
    if (names.some((name) => !name) || new Set(names.map((name) => name.toLowerCase())).size < names.length) return complain(t("areas.needs_name"));
    refusal.hidden = true;
    saving = send({
      type: "areas",
      lane,
      zones: kept.filter((area) => !area.mask).map((area) => ({ name: area.name.trim(), points: area.points })),
      masks: kept.filter((area) => area.mask).map((area) => area.points),
    });
    if (!saving) complain(t("trouble.not_sent"));
  }

  /** Somebody else drew on this lane: what they added is kept, whatever is saved here. */
  function joined(now) {
    const before = new Set(listed(said).map((area) => drawn([area])));
    const added = listed(now).filter((area) => !before.has(drawn([area])));
    said = now;
    if (!added.length) return;
    list.push(...added);
    complain(t("areas.elsewhere"));
    draw();
  }

  drawing.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!list.length) begin(false); // a press on the picture is the plainest way to begin
    const at = [...corners.children].indexOf(event.target.closest(".corner"));
    if (!chosen || (at < 0 && chosen.closed)) return setText(status, t("areas.begin"));
    event.preventDefault();
    const [x, y] = position(event);
    const box = drawing.getBoundingClientRect();
    const [first] = chosen.points;
    const back = first && Math.hypot((x - first[0]) * box.width, (y - first[1]) * box.height) < NEAR;
    if (!chosen.closed && back && chosen.points.length >= 3) return shut();
    if (at < 0) return corner([x, y]);
    dragged = at;
    drawing.setPointerCapture(event.pointerId);
    focus(at);
  });
  drawing.addEventListener("pointermove", (event) => dragged !== null && chosen?.points[dragged] && move(dragged, ...position(event)));
  for (const end of ["pointerup", "pointercancel"]) drawing.addEventListener(end, () => (dragged = null));

  corners.addEventListener("keydown", (event) => {
    const at = [...corners.children].indexOf(event.target);
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (at < 0 || !(steps || ["Enter", "Delete", "Backspace"].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") return shut();
    if (!steps) return removeCorner(at);
    const by = STEP * (event.shiftKey ? 5 : 1);
    move(at, chosen.points[at][0] + steps[0] * by, chosen.points[at][1] + steps[1] * by);
  });

  dialog.addEventListener("cancel", (event) => {
    if (drawn(list) === opened || !refusal.hidden) return;
    event.preventDefault(); // once: what was drawn is not lost by one key
    complain(t("areas.unsaved"));
  });
  dialog.addEventListener("close", () => (lane = null));
  store.on("areas", ({ areas }) => {
    if (!dialog.open || areas.get(lane) === said) return;
    if (!saving) return joined(areas.get(lane));
    saving = false;
    dialog.close();
  });
  store.on("language", () => dialog.open && draw());
  return {
    open,
    /** What the house did not take of a drawing is said in its dialog; true if it was about one. */
    refuse(message) {
      if (!saving || !dialog.open) return false;
      saving = false;
      complain(sentences(String(message.message ?? ""), String(message.advice ?? "")));
      return true;
    },
  };
}
