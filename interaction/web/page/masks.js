// Privacy masks on the stage: what is hatched the house does not see.

import { $ } from "./dom.js";
import { CAMERA } from "./lamp.js";

const SVG = "http://www.w3.org/2000/svg";

/** A line through `points` (parts of the picture), closed unless `open`, on a `canvas`. */
export function shape(points, kind, open = false) {
  const element = document.createElementNS(SVG, open ? "polyline" : "polygon");
  element.setAttribute("points", points.map(([x, y]) => `${x * 100},${y * 100}`).join(" "));
  element.setAttribute("class", kind);
  element.setAttribute("vector-effect", "non-scaling-stroke");
  return element;
}

/** Drawn over a picture; its units are hundredths of the picture's sides. */
export function canvas(className) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", className);
  return svg;
}

/** Masks over what the stage shows, the person's own camera among it: what is hatched the house does not see. */
export function mountMasks(store) {
  const stage = $("picture");
  const over = canvas("hatching");
  stage.insertBefore(over, $("moment"));
  let drawn = "";

  function place() {
    const media = [$("camera"), $("lane-picture")].find((one) => !one.hidden);
    const width = media?.videoWidth || media?.naturalWidth;
    const lane = media === $("camera") ? CAMERA : [...store.state.lanes.keys()].find((name) => media?.src.includes(`/api/frame/${encodeURIComponent(name)}?`));
    const masks = store.state.areas.get(lane)?.masks ?? [];
    over.toggleAttribute("hidden", !width || !masks.length);
    if (!width || !masks.length) return;
    const height = media.videoHeight || media.naturalHeight;
    const scale = Math[getComputedStyle(media).objectFit === "cover" ? "max" : "min"](stage.clientWidth / width, stage.clientHeight / height);
    Object.assign(over.style, { width: `${width * scale}px`, height: `${height * scale}px`, left: `${(stage.clientWidth - width * scale) / 2}px`, top: `${(stage.clientHeight - height * scale) / 2}px` });
    const wanted = JSON.stringify(masks);
    if (wanted === drawn) return;
    drawn = wanted;
    over.replaceChildren(pattern(), ...masks.map((points) => shape(points, "mask")));
  }

  store.on("areas lanes modes link", () => requestAnimationFrame(place)); // after the stage has chosen what it shows
  new ResizeObserver(place).observe(stage);
  for (const media of [$("camera"), $("lane-picture")]) for (const event of ["load", "loadedmetadata", "resize"]) media.addEventListener(event, place);
}

function pattern() {
  const defs = document.createElementNS(SVG, "defs");
  const hatch = document.createElementNS(SVG, "pattern");
  for (const [name, value] of Object.entries({ id: "hatch", width: 2.4, height: 2.4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" })) hatch.setAttribute(name, value);
  for (const [kind, width] of [["ground", 2.4], ["line", 0.9]]) {
    const bar = document.createElementNS(SVG, "rect");
    bar.setAttribute("width", width);
    bar.setAttribute("height", 2.4);
    bar.setAttribute("class", kind);
    hatch.append(bar);
  }
  defs.append(hatch);
  return defs;
}
