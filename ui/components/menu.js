/** A button that opens a short list of things to do. */

import { button, fill, h, iconButton, on } from "../lib/elements.js";
import { connectDisclosure } from "./disclosure.js";

/** @typedef {{ label: string, symbol: string, act: () => void }} MenuItem */

/**
 * Returns the menu.
 *
 * @param {{ label: string, symbol: string, items: () => MenuItem[] }} look Its name, its picture, and what can be done now.
 * @param {AbortSignal} signal Ends it.
 * @returns {HTMLElement} The button with its list.
 */
export function createMenu({ label, symbol, items }, signal) {
  const panel = h("div", { class: "menu-panel" });
  const opener = iconButton(symbol, label, () => undefined, "menu-opener");
  const element = h("div", { class: "menu" }, opener, panel);
  const draw = () => {
    const choose = (/** @type {() => void} */ act) => {
      close();
      opener.focus();
      act();
    };
    fill(panel, ...items().map((item) => button(item.label, () => choose(item.act), { kind: "quiet", symbol: item.symbol })));
  };
  // Before the disclosure's own listener: the list is there when it opens.
  on(opener, { click: draw }, signal);
  const close = connectDisclosure(element, opener, panel, signal);
  return element;
}
