/** Dialogs over the page. */

import { h, iconButton, newElementId, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/**
 * Opens a dialog; the browser keeps the focus in it and gives it back after.
 *
 * @param {object} what What it shows.
 * @param {string} what.title Its heading.
 * @param {(close: () => void) => (Node | string)[]} what.content Its content, given how to close.
 * @param {boolean} [what.canClose] False if it stays until the program closes it.
 * @param {string} [what.className] More classes.
 * @returns {{ element: HTMLDialogElement, close: () => void }} The open dialog.
 */
export function openModal({ title, content, canClose = true, className = "" }) {
  const headingId = newElementId("modal");
  const element = h("dialog", { class: `modal ${className}`.trim(), "aria-labelledby": headingId });
  const close = () => element.close();
  const life = new AbortController();
  // Whoever goes on to another page leaves what this one asked; what must be answered stays.
  if (canClose) globalThis.addEventListener("hashchange", close, { signal: life.signal });
  const head = h("div", { class: "modal-head" }, h("h2", { id: headingId }, title));
  if (canClose) head.append(iconButton("close", t("modal.close"), close));
  element.append(head, h("div", { class: "modal-body" }, ...content(close)));
  on(element, {
    close: () => {
      life.abort();
      element.remove();
    },
    cancel: (event) => {
      if (!canClose) event.preventDefault();
    },
    keydown: (event) => {
      // Chromium lets a second Escape close a dialog although `cancel` was prevented.
      if (event.key === "Escape" && !canClose) event.preventDefault();
    },
    click: (event) => {
      if (canClose && event.target === element) close();
    },
  });
  document.body.append(element);
  element.showModal();
  return { element, close };
}
