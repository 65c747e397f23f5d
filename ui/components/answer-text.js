/** The text of an answer. What draws Markdown is loaded apart; until it is there, the text stands as it is. */

import { h } from "../lib/elements.js";

/** @typedef {typeof import("./markdown-blocks.js")} Drawing */

/** @type {{ drawing: Drawing | null, loading: Promise<Drawing | null> | null }} */
const shared = { drawing: null, loading: null };

/**
 * Loads what draws Markdown, once.
 *
 * @returns {Promise<Drawing | null>} It; null if the box does not have it any more: then texts stay plain.
 */
export function loadDrawing() {
  shared.loading ??= import("./markdown-blocks.js").then(
    (drawing) => {
      shared.drawing = drawing;
      return drawing;
    },
    () => null,
  );
  return shared.loading;
}

/** Returns the box of the text. */
export function createAnswerText() {
  const element = h("div", { class: "prose" });
  const shown = { text: "", isGrowing: false };
  /** @type {ReturnType<Drawing["makeBlockDrawer"]> | null} */
  let draw = null;
  const begin = (/** @type {Drawing | null} */ drawing) => {
    if (!drawing || draw) return;
    element.classList.remove("is-plain");
    element.replaceChildren();
    draw = drawing.makeBlockDrawer(element);
    draw(shown.text, shown.isGrowing);
  };
  if (shared.drawing) begin(shared.drawing);
  else void loadDrawing().then(begin);
  return {
    element,

    /**
     * @param {string} text Markdown.
     * @param {boolean} isGrowing Whether more may come.
     */
    update(text, isGrowing) {
      Object.assign(shown, { text, isGrowing });
      if (draw) {
        draw(text, isGrowing);
        return;
      }
      element.classList.add("is-plain");
      element.textContent = text;
    },
  };
}
