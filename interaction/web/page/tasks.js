// Background work: the present step in plain words, progress, cancel, the result with its files.

import { $, icon, keyed, make, setText } from "./dom.js";
import { t } from "./words.js";

const PICTURE = /\.(png|jpe?g|webp|gif)$/i;

/** `send(message)`. Running tasks are shown in the watches' tab too: what goes on now is seen at a glance. */
export function mountTasks(store, { send }) {
  function card(task, old) {
    const running = task.status === "running";
    const element = old?.dataset.running === String(running) ? old : running ? runningCard(task.task) : endedCard(task);
    element.dataset.running = String(running);
    setText(element.querySelector("h3"), running ? t("task.running", { question: task.question }) : task.question);
    if (!running) {
      setText(element.querySelector("small"), [t(`task.${task.status}`), task.took ? t("task.seconds", { n: Math.round(task.took) }) : ""].filter(Boolean).join(" · "));
      return element;
    }
    const since = task.since === undefined ? "" : t("task.seconds", { n: Math.max(0, Math.round(store.now() - task.since)) });
    setText(element.querySelector("small"), [task.step || t("task.starting"), since].filter(Boolean).join(" · "));
    element.querySelector(".cancel").setAttribute("aria-label", t("task.cancel", { question: task.question }));
    const bar = element.querySelector(".progress");
    const known = typeof task.fraction === "number";
    bar.classList.toggle("unknown", !known);
    bar.setAttribute("aria-label", t("task.progress", { question: task.question }));
    if (known) bar.setAttribute("aria-valuenow", String(Math.round(task.fraction * 100)));
    else bar.removeAttribute("aria-valuenow");
    bar.firstChild.style.width = known ? `${Math.round(Math.min(1, Math.max(0, task.fraction)) * 100)}%` : "";
    return element;
  }

  function runningCard(id) {
    const cancel = make("button", { class: "round cancel", type: "button", onclick: () => send({ type: "cancel_task", task: id }) }, icon("close"));
    const bar = make("div", { class: "progress", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, make("b"));
    return make("li", { class: "card" }, make("div", { class: "row" }, make("div", { class: "grow" }, make("h3"), make("small")), cancel), bar);
  }

  function endedCard(task) {
    const files = (task.artefacts ?? []).map((name) => {
      const base = String(name).split("/").pop();
      const url = `/api/artefacts/${encodeURIComponent(task.task)}/${encodeURIComponent(base)}`;
      const inner = PICTURE.test(base) ? make("img", { src: url, alt: base, loading: "lazy", onerror: (event) => event.target.replaceWith(base) }) : base;
      return make("li", {}, make("a", { href: url, download: base, rel: "noopener noreferrer" }, inner));
    });
    return make("li", { class: `card ${task.status}` }, make("h3"), make("small"), task.text && make("p", { class: "result" }, task.text),
      files.length > 0 && make("ul", { class: "files", "aria-label": t("task.result") }, ...files));
  }

  function draw(state) {
    const tasks = [...state.tasks.values()].reverse();
    const running = tasks.filter((task) => task.status === "running");
    keyed($("tasks"), [...running, ...tasks.filter((task) => task.status !== "running")], (task) => task.task, card);
    setText($("count-tasks"), running.length ? String(running.length) : "");
    $("no-tasks").hidden = tasks.length > 0;
    const now = $("now");
    keyed(now.firstElementChild, running, (task) => task.task, card);
    now.hidden = running.length === 0;
  }

  store.on("tasks language", draw);
  setInterval(() => [...store.state.tasks.values()].some((task) => task.status === "running") && draw(store.state), 1000);
  draw(store.state);
}
