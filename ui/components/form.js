/** A form that sends once at a time and says what went wrong. */

import { fill, h, icon, on, setAttribute } from "../lib/elements.js";

/**
 * @typedef {object} FormLook
 * @property {Node[]} fields What it holds.
 * @property {string} submit Words on its button.
 * @property {string} busy Words on its button while it is sent.
 * @property {() => Promise<string | null>} send Sends it; returns what went wrong in words, null if nothing.
 */

/**
 * Returns a form.
 *
 * @param {FormLook} look What it holds and does.
 * @returns {HTMLFormElement} The form.
 */
export function createForm({ fields, submit, busy, send }) {
  const label = h("span", {}, submit);
  const sender = h("button", { type: "submit", class: "button button-primary form-submit" }, label);
  const problem = h("p", { class: "form-problem", role: "alert", hidden: true });
  const form = h("form", { class: "form", novalidate: true }, ...fields, problem, sender);
  const setBusy = (/** @type {boolean} */ isBusy) => {
    setAttribute(sender, "aria-disabled", isBusy ? "true" : null);
    label.textContent = isBusy ? busy : submit;
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
