// The three dialogs: closing, confirming, a picture large. The browser's own <dialog> keeps the focus inside.

import { $, setText } from "./dom.js";
import { t } from "./words.js";

export function mountDialogs() {
  for (const dialog of document.querySelectorAll("#lookout dialog")) {
    for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (event.target === dialog && !inside) dialog.close(); // on the backdrop
    });
  }
  for (const button of $("confirm").querySelectorAll("button")) button.addEventListener("click", () => $("confirm").close(button.value));

  return {
    /** `yes`, `no`: what the buttons say. Resolves to true or false. */
    confirm(title, text, yes = t("confirm.yes"), no = t("confirm.no")) {
      const dialog = $("confirm");
      setText(dialog.querySelector("[value=yes]"), yes);
      setText(dialog.querySelector("[value=no]"), no);
      setText($("confirm-title"), title);
      setText($("confirm-text"), text);
      dialog.returnValue = "";
      dialog.showModal();
      dialog.querySelector("[value=no]").focus();
      return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
    },
    enlarge(url, text) {
      const image = $("enlarged").querySelector("img");
      image.src = url;
      image.alt = text;
      setText($("enlarged-text"), text);
      $("enlarged").showModal();
    },
  };
}
