/** A button that copies and says so. */

import { copyText } from "../lib/clipboard.js";
import { fill, h, icon, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";

const TOLD_MS = 2000;

/**
 * Returns the button.
 *
 * @param {object} look What it copies.
 * @param {string} look.label What it is called.
 * @param {() => string} look.textOf The text at the time of the click.
 * @param {string} [look.className] Its class.
 * @returns {HTMLButtonElement} The button.
 */
export function createCopyButton({ label, textOf, className = "row-action" }) {
  const element = h("button", { type: "button", class: className, title: label });
  const words = h("span", { "aria-live": "polite" }, label);
  const show = (/** @type {string} */ symbol, /** @type {string} */ text) => {
    words.textContent = text;
    fill(element, icon(symbol), words);
  };
  const act = async () => {
    const isDone = await copyText(textOf());
    show(isDone ? "check" : "warning", isDone ? t("copy.done") : t("copy.failed"));
    setTimeout(() => show("copy", label), TOLD_MS);
  };
  show("copy", label);
  return on(element, { click: () => void act() });
}
