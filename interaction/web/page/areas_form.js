// The dialog of the editor of areas: its parts and its words, in the order of the page.

import { $, icon, make, setText } from "./dom.js";
import { canvas } from "./masks.js";
import { t } from "./words.js";

/** `zone`, `mask`, `corner`, `shut`, `save`: what its buttons do. */
export function areasForm({ zone, mask, corner, shut, save }) {
  const button = (onclick, more = {}) => make("button", { class: "small", type: "button", onclick, ...more });
  const soft = () => make("p", { class: "soft" });
  const title = make("h2", { id: "areas-title" });
  const close = make("button", { class: "round", type: "button", onclick: () => dialog.close() }, icon("close"));
  const refusal = make("p", { class: "refusal", role: "alert", hidden: true });
  const image = make("img", { alt: "" });
  const shapes = canvas("shapes");
  const corners = make("div", { class: "corners" });
  const drawing = make("div", { class: "drawing", role: "group" }, image, shapes, corners);
  const status = make("p", { class: "soft", role: "status" });
  const [note, help, why] = [soft(), soft(), soft()];
  const [newZone, newMask, addCorner, closeShape] = [zone, mask, corner, shut].map((does) => button(does));
  const [cancel, keep] = [button(() => dialog.close()), button(save, { class: "small solid" })];
  const rows = make("ul", { class: "plain" });
  const dialog = make("dialog", { id: "areas", "aria-labelledby": "areas-title" },
    make("div", { class: "dialog-top" }, title, close, refusal),
    drawing, note, status,
    make("div", { class: "row tools" }, newZone, newMask, addCorner, closeShape),
    help, rows, why,
    make("div", { class: "row end" }, cancel, keep));
  $("lookout").append(dialog);

  /** In the page's language, about this source. */
  function words(lane) {
    setText(title, t("areas.title", { lane }));
    drawing.setAttribute("aria-label", t("areas.picture", { lane }));
    close.setAttribute("aria-label", t("settings.close"));
    rows.setAttribute("aria-label", t("areas.list"));
    setText(help, t("areas.help"));
    setText(why, t("areas.why"));
    setText(newZone, t("areas.new_zone"));
    setText(newMask, t("areas.new_mask"));
    setText(addCorner, t("areas.add_corner"));
    setText(closeShape, t("areas.close_shape"));
    setText(cancel, t("areas.cancel"));
    setText(keep, t("areas.save"));
  }

  return { dialog, refusal, image, shapes, corners, drawing, status, note, newZone, addCorner, closeShape, rows, words };
}
