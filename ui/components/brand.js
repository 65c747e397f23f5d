/** The product's mark and name. */

import { h, icon } from "../lib/elements.js";

/**
 * Returns mark and name.
 *
 * @returns {HTMLElement} Both in one line.
 */
export function createBrand() {
  const mark = icon("nodo");
  mark.classList.add("brand-mark");
  return h("span", { class: "brand" }, mark, h("span", { class: "brand-name" }, "Nodo"));
}
