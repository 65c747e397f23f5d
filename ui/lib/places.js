/** Where in an answer's text an event stands: its id says so (docs/decisions/0005-event-ids.md). Pure. */

const CHANGES = 2 ** 20;
const CHARACTERS = 2 ** 26;

/**
 * Returns how much text the reader of an event has then.
 *
 * @param {string} eventId Id of the event.
 * @returns {number} Unicode characters.
 */
export function placeOf(eventId) {
  // Above the characters stands how often the answer was continued.
  return Math.floor(Number(eventId) / CHANGES) % CHARACTERS;
}

/**
 * Returns a text with a piece written over it: a stream that is read again repeats what is there already.
 *
 * @param {string} text What is known.
 * @param {string} piece What the stream tells.
 * @param {number} end Where the piece ends, in Unicode characters from the beginning.
 * @returns {string} The text with the piece in its place; what was behind it stays.
 */
export function overwritten(text, piece, end) {
  const start = end - characters(piece);
  const from = unitsBefore(text, start);
  if (from >= text.length) return text + piece;
  return text.slice(0, from) + piece + text.slice(unitsBefore(text, end));
}

/**
 * Returns the beginning of a text.
 *
 * @param {string} text Any.
 * @param {number} length In Unicode characters.
 * @returns {string} At most so many.
 */
export function beginning(text, length) {
  return text.slice(0, unitsBefore(text, length));
}

/**
 * @param {string} text Any.
 * @returns {number} Its Unicode characters.
 */
function characters(text) {
  let count = 0;
  for (let at = 0; at < text.length; at += text.charCodeAt(at) >>> 10 === 0x36 ? 2 : 1) count += 1;
  return count;
}

/**
 * @param {string} text Any.
 * @param {number} length Unicode characters.
 * @returns {number} The code units that they take; no more than there are.
 */
function unitsBefore(text, length) {
  let at = 0;
  // 0xD800 to 0xDBFF begin a pair that is one character.
  for (let count = 0; count < length && at < text.length; count += 1) at += text.charCodeAt(at) >>> 10 === 0x36 ? 2 : 1;
  return Math.min(at, text.length);
}
