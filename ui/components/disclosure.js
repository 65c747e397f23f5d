/** A button that opens a small panel beside it. */

import { newElementId, on, setAttribute } from "../lib/elements.js";

/**
 * Connects a button with the panel that it opens; Escape, a click elsewhere and leaving by Tab close it.
 *
 * @param {HTMLElement} root Holds both.
 * @param {HTMLButtonElement} opener The button.
 * @param {HTMLElement} panel The panel.
 * @param {AbortSignal} signal Ends it.
 * @returns {() => void} Closes the panel.
 */
export function connectDisclosure(root, opener, panel, signal) {
  panel.id ||= newElementId("panel");
  opener.setAttribute("aria-controls", panel.id);
  const set = (/** @type {boolean} */ isOpen) => {
    opener.setAttribute("aria-expanded", String(isOpen));
    setAttribute(panel, "hidden", !isOpen);
  };
  const isOpen = () => !panel.hidden;
  set(false);
  on(opener, { click: () => set(!isOpen()) }, signal);
  on(root, {
    keydown: (event) => {
      if (event.key !== "Escape" || !isOpen()) return;
      event.stopPropagation();
      set(false);
      opener.focus();
    },
    focusout: (event) => {
      if (event.relatedTarget instanceof Node && !root.contains(event.relatedTarget)) set(false);
    },
  }, signal);
  document.addEventListener("pointerdown", (event) => {
    if (isOpen() && event.target instanceof Node && !root.contains(event.target)) set(false);
  }, { signal });
  return () => set(false);
}
