/** A form that sends once at a time, says how long it takes and what went wrong. */

import { button, fill, h, icon, on, setAttribute } from "../lib/elements.js";
import { createWaitLine } from "./wait-line.js";

/**
 * @typedef {object} FormLook
 * @property {Node[]} fields What it holds.
 * @property {string} submit Words on its button.
 * @property {string} busy Words on its button while it is sent.
 * @property {string} [wait] What is said if that takes more than a second.
 * @property {boolean} [isSmall] Whether it is one of several on a page.
 * @property {() => void} [onCancel] Called if the person would rather not; without it nothing can be cancelled.
 * @property {string} [cancel] Words for that.
 * @property {() => Promise<string | null>} send Sends it; returns what went wrong in words, null if nothing.
 */

/**
 * Returns a form.
 *
 * @param {FormLook} look What it holds and does.
 * @returns {HTMLFormElement} The form.
 */
export function createForm({ fields, submit, busy, wait = "", isSmall = false, onCancel, cancel = "", send }) {
  const label = h("span", {}, submit);
  const sender = h("button", { type: "submit", class: `button button-primary ${isSmall ? "" : "form-submit"}`.trim() }, label);
  const problem = h("p", { class: "form-problem", role: "alert", hidden: true });
  const waiting = createWaitLine();
  const row = h("div", { class: isSmall ? "form-row" : "form-foot" }, sender, onCancel && button(cancel, onCancel));
  const form = h("form", { class: "form", novalidate: true }, ...fields, problem, waiting.element, row);
  const setBusy = (/** @type {boolean} */ isBusy) => {
    setAttribute(sender, "aria-disabled", isBusy ? "true" : null);
    label.textContent = isBusy ? busy : submit;
    if (isBusy) waiting.start(wait || busy);
    else waiting.stop();
  };
  const showProblem = (/** @type {string | null} */ text) => {
    setAttribute(problem, "hidden", text === null);
    fill(problem, text !== null && icon("warning"), text !== null && h("span", {}, text));
  };
  const submitOnce = async () => {
    if (sender.getAttribute("aria-disabled")) return;
    setBusy(true);
    showProblem(null);
    try {
      showProblem(await send());
    } finally {
      setBusy(false);
    }
  };
  return on(form, {
    submit: (event) => {
      event.preventDefault();
      void submitOnce();
    },
  });
}
