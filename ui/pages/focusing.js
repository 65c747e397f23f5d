/** Where the focus goes when a page changes under it. */

import { on } from "../lib/elements.js";

/**
 * Gives the focus to a heading if what had it has gone with the page before, so that it is read out and Tab goes on from there.
 *
 * @param {HTMLElement} heading Can be focused by the program.
 */
export function takeFocus(heading) {
  if (document.activeElement === document.body || document.activeElement === null) heading.focus({ preventScroll: true });
}

/**
 * Remembers which control of which row has the focus.
 *
 * @param {HTMLElement} list What is drawn anew, its rows marked.
 * @returns {{ giveBack: () => void }} Gives the focus to the control of a row that had it, if nothing has it now.
 */
export function keepRowFocus(list) {
  let last = { id: "", at: -1 };
  const controlsOf = (/** @type {Element} */ row) => [...row.querySelectorAll("a, button")];
  on(list, {
    focusin: ({ target }) => {
      const row = target instanceof Element ? target.closest("[data-row]") : null;
      last = { id: row?.getAttribute("data-row") ?? "", at: row && target instanceof Element ? controlsOf(row).indexOf(target) : -1 };
    },
  });
  return {
    giveBack() {
      if (document.activeElement !== document.body) return;
      const row = [...list.querySelectorAll("[data-row]")].find((one) => one.getAttribute("data-row") === last.id);
      const control = row && controlsOf(row)[last.at];
      if (control instanceof HTMLElement) control.focus();
    },
  };
}
