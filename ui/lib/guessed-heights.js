/** How high a message will be before it is drawn: a guess, so that the scroll bar is about right. Pure. */

const LETTER_PX = 8;
const LINE_PX = 25;
const GAP_PX = 12;
const AROUND_PX = 90;

/**
 * Returns a guess.
 *
 * @param {string} text Markdown.
 * @param {number} columnPx How wide it will stand.
 * @returns {number} In px, with the buttons below the text.
 */
export function guessedHeightPx(text, columnPx) {
  const lettersPerLine = Math.max(1, Math.floor(columnPx / LETTER_PX));
  const heights = text.split("\n").map((line) => (line.trim() ? Math.ceil(line.length / lettersPerLine) * LINE_PX : GAP_PX));
  return AROUND_PX + heights.reduce((sum, height) => sum + height, 0);
}
