// Alerts beyond the page: the browser's notifications while nobody looks at it, and the outlets of the house.

import { $, keyed, make, setText } from "./dom.js";
import { laneName } from "./lamp.js";
import { mountMoment } from "./moment.js";
import { current, moment, t, told } from "./words.js";

const KEPT = "lookout.notify"; // "on": this person wants them on this browser
const BODY_CHARS = 300; // what a notification shows of a text, at most

const possible = () => "Notification" in globalThis;
const wanted = () => possible() && Notification.permission === "granted" && localStorage.getItem(KEPT) === "on";

/** "ntfy · only urgent · without pictures": what an outlet is and gets. */
function whatOf(outlet) {
  return [outlet.kind, outlet.severity === "urgent" && t("alerts.only_urgent"), !outlet.picture && t("alerts.no_picture")].filter(Boolean).join(" · ");
}

/** "delivered today 12:41" or "not delivered yet: it answered 500". */
function lastOf(outlet) {
  if (!outlet.last) return t("alerts.nothing_sent");
  const { status, at } = outlet.last;
  const detail = told(outlet.last, "detail");
  if (status === "delivered") return t("alerts.delivered", { time: moment(new Date(at)) });
  return t(status === "waiting" ? "alerts.waiting" : "alerts.failed", { time: moment(new Date(at)), detail });
}

/** `send(message)`: true when it went out; `play`, `enlarge`, `refuse`: show a clip, a picture, a sentence. `show(event)`
 * takes each `alerted` of the house. */
export function mountAlerts(store, { send, play, enlarge, refuse }) {
  const open = mountMoment(store, { play, enlarge, tell: refuse });
  const button = $("notify-switch");

  function drawNotify(note = "") {
    const denied = possible() && Notification.permission === "denied";
    button.setAttribute("aria-checked", String(wanted()));
    button.disabled = !possible() || denied;
    const said = note || (possible() ? denied && t("alerts.denied") : t("alerts.impossible"));
    $("notify-note").hidden = !said;
    setText($("notify-note"), said || "");
  }

  async function toggle() {
    if (wanted()) localStorage.removeItem(KEPT);
    else if ((await Notification.requestPermission()) === "granted") localStorage.setItem(KEPT, "on");
    drawNotify();
  }

  function drawOutlets(state) {
    $("no-outlets").hidden = state.outlets.length > 0;
    keyed($("outlet-list"), state.outlets, (one) => one.name, (one, old) => {
      const item = old ?? make("li", { class: "row" }, make("span", { class: "grow" }, make("b"), " ", make("span", { class: "soft" }), make("small", { class: "soft" })), make("button", { class: "small", type: "button", onclick: () => send({ type: "outlet_test", name: one.name }) }));
      setText(item.querySelector("b"), one.name);
      setText(item.querySelector("span.soft"), whatOf(one));
      setText(item.querySelector("small"), lastOf(one));
      item.classList.toggle("failed", one.last?.status === "failed" || one.last?.status === "waiting");
      const test = item.querySelector("button");
      setText(test, t("alerts.test"));
      test.setAttribute("aria-label", t("alerts.test_label", { name: one.name }));
      return item;
    });
  }

  button.addEventListener("click", toggle);
  store.on("outlets language all settings", drawOutlets);
  store.on("language settings", () => drawNotify());
  drawOutlets(store.state);
  drawNotify();
  return {
    show(event) {
      if (!wanted() || !document.hidden) return;
      const title = event.urgent ? t("alerts.urgent", { wording: event.wording }) : String(event.wording);
      const at = store.wall(Number(event.t));
      const lane = String(event.lane);
      const seen = lane && event.watch; // else nothing was seen: a reminder, a source that is down
      const where = [moment(at), lane && laneName(lane)].filter(Boolean).join(" · ");
      const body = `${String(event.text).slice(0, BODY_CHARS)}\n${where}`;
      const picture = seen ? `/api/frame/${encodeURIComponent(lane)}?t=${Number(event.t)}` : null;
      const options = { body, tag: `${event.watch} ${lane}`, lang: current(), icon: picture ?? "/page/icon.svg", requireInteraction: Boolean(event.urgent), ...(picture && { image: picture }) };
      try {
        const shown = new Notification(title, { ...options, renotify: true });
        shown.onclick = () => {
          window.focus();
          shown.close();
          if (seen) open({ at, lane });
        };
      } catch {
        drawNotify(t("alerts.impossible")); // phones show notifications of installed apps only
      }
    },
  };
}
