/** Formulas as MathML, which browsers draw by themselves. Brings the library along: loaded with the first formula. */

import temml from "temml";

const LONGEST = 10_000;

/**
 * Draws a formula in an element.
 *
 * @param {string} tex The formula.
 * @param {HTMLElement} element Where; it keeps the text if the formula is too long or wrong.
 * @param {{ isBlock: boolean }} look Whether it stands by itself.
 */
export function drawFormula(tex, element, { isBlock }) {
  if (tex.length > LONGEST) return;
  const drawn = document.createElement("span");
  try {
    // Without trust no command links, loads or styles; expansion and size are bounded.
    temml.render(tex, drawn, { displayMode: isBlock, throwOnError: true, trust: false, strict: false, annotate: false, maxSize: [20, 20], maxExpand: 500 });
  } catch (error) {
    if (error instanceof Error) return;
    throw error;
  }
  element.replaceChildren(...drawn.childNodes);
}
