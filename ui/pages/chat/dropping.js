/** Files that are dragged onto the chat. */

import { h, icon } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";

/**
 * Takes files that are dropped anywhere on an element, and says so while they hang over it.
 *
 * @param {HTMLElement} root Where they may be dropped.
 * @param {{ words: string, onFiles: (files: File[]) => void }} look What is said beside "drop here"; who gets them.
 * @param {AbortSignal} signal Ends it.
 */
export function connectDropping(root, { words, onFiles }, signal) {
  const veil = h("div", { class: "drop", "aria-hidden": "true", hidden: true }, icon("clip"), h("p", { class: "drop-title" }, t("files.drop")), h("p", {}, words));
  root.append(veil);
  // Each element under the pointer is entered before the one before it is left.
  let depth = 0;
  const hide = () => {
    depth = 0;
    veil.hidden = true;
  };
  root.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    veil.hidden = false;
  }, { signal });
  root.addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth -= 1;
    if (depth <= 0) hide();
  }, { signal });
  root.addEventListener("dragover", (event) => {
    // Else the browser opens the file in the place of the page.
    if (holdsFiles(event)) event.preventDefault();
  }, { signal });
  root.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    hide();
    onFiles([...(event.dataTransfer?.files ?? [])]);
  }, { signal });
}

/**
 * @param {DragEvent} event Something is dragged.
 * @returns {boolean} Whether it is files.
 */
function holdsFiles({ dataTransfer }) {
  return dataTransfer?.types.includes("Files") ?? false;
}
