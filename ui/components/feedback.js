/** What somebody thinks of an answer: a thumb up or down. */

import { h, iconButton } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/** @typedef {import("../api/types.js").Rating} Rating */

/**
 * Returns the two thumbs.
 *
 * @param {(rating: Rating | null) => void} onRate Called with the thumb that was pressed; null takes it back.
 */
export function createFeedback(onRate) {
  /** @type {Rating | null} */
  let shown = null;
  const press = (/** @type {Rating} */ rating) => onRate(shown === rating ? null : rating);
  const up = iconButton("thumb-up", t("feedback.up"), () => press("up"), "row-thumb");
  const down = iconButton("thumb-down", t("feedback.down"), () => press("down"), "row-thumb");
  return {
    element: h("span", { class: "row-thumbs", role: "group", "aria-label": t("feedback.name") }, up, down),

    /** @param {Rating | null} rating What was said. */
    update(rating) {
      shown = rating;
      up.setAttribute("aria-pressed", String(rating === "up"));
      down.setAttribute("aria-pressed", String(rating === "down"));
    },
  };
}
