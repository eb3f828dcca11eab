// Sources to choose from: configured ones by name, this computer's screen, another camera of this device.

import { $, keyed, make, setText } from "./dom.js";
import { t } from "./words.js";

/** `share(on)`: the screen beside the camera; `turn()`: the next camera. */
export function mountCameras(store, { send, share, turn }) {
  function draw(state, local) {
    const more = state.cameras.filter((name) => !state.lanes.has(name));
    const full = state.maxSources !== null && state.lanes.size >= state.maxSources;
    $("configured").hidden = !more.length;
    keyed($("configured"), more, (name) => name, (name, old) => {
      const item = old ?? make("li", {}, make("button", { class: "small", type: "button", onclick: () => send({ type: "source", op: "add", name }) }));
      setText(item.firstChild, `+ ${name}`);
      item.firstChild.setAttribute("aria-label", t("cameras.add", { lane: name }));
      item.firstChild.disabled = full;
      return item;
    });
    $("share-screen").hidden = !navigator.mediaDevices?.getDisplayMedia; // phones have none
    $("share-screen").disabled = !local.begun || local.stopped || (full && !local.sharing);
    setText($("share-screen"), t(local.sharing ? "cameras.unshare" : "cameras.share"));
    for (const id of ["turn-camera", "turn-camera-here"]) $(id).hidden = !(local.cameras > 1 && local.camera === "ok");
  }

  $("share-screen").addEventListener("click", () => share(!store.local.sharing));
  for (const id of ["turn-camera", "turn-camera-here"]) $(id).addEventListener("click", turn);
  store.on("lanes language settings all", draw);
  draw(store.state, store.local);
}
