// The side: three tabs with roving focus.

import { $ } from "./dom.js";

const TABS = ["watches", "tasks", "memory"];

/** `onShow(name)` is called when a tab comes to the front. */
export function mountSide({ onShow }) {
  const tabs = TABS.map((name) => $(`tab-${name}`));

  function select(name, { focus = false } = {}) {
    TABS.forEach((one, i) => {
      const on = one === name;
      tabs[i].setAttribute("aria-selected", String(on));
      tabs[i].tabIndex = on ? 0 : -1;
      $(`panel-${one}`).hidden = !on;
      if (on && focus) tabs[i].focus();
    });
    onShow(name);
  }

  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => select(TABS[i]));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: TABS.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      select(TABS[(to + TABS.length) % TABS.length], { focus: true });
    });
  });
  return { select };
}
