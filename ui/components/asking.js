/** Questions before something is done that cannot simply be undone. */

import { button, h } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { openModal } from "./modal.js";

/**
 * Asks, and returns the answer.
 *
 * @param {object} question What is asked.
 * @param {string} question.title In a few words.
 * @param {string} question.text What will happen.
 * @param {string} question.action Words on the button that does it.
 * @param {boolean} [question.isDanger] Whether something is lost by it.
 * @returns {Promise<boolean>} Whether it is to be done; false too if the dialog was closed.
 */
export function asked({ title, text, action, isDanger = false }) {
  return new Promise((resolve) => {
    let isWanted = false;
    const content = (/** @type {() => void} */ close) => {
      const act = () => {
        isWanted = true;
        close();
      };
      const row = h("div", { class: "form-row" }, button(action, act, { kind: isDanger ? "danger" : "primary" }), button(t("ask.cancel"), close));
      return [h("p", {}, text), row];
    };
    const { element } = openModal({ title, content });
    element.addEventListener("close", () => resolve(isWanted), { once: true });
    // The careful answer has the focus: Enter pressed too early does nothing.
    const cancel = element.querySelector(".form-row .button:last-child");
    if (cancel instanceof HTMLElement) cancel.focus();
  });
}
