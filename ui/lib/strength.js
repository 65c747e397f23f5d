/** How hard a password is to guess, as a word. */

// As the box counts (docs/api.md, password_length).
export const SHORTEST_PASSWORD = 8;

/** @typedef {"short" | "weak" | "fair" | "good" | "strong"} Strength */

const COMMON = /password|contrase|qwerty|abc123|admin|nodo|letmein|welcome|bienvenid|12345/iu;

/**
 * Returns a word for a password. No composition rules: length counts most, repetition does not.
 *
 * @param {string} password The password.
 * @param {readonly string[]} [known] Words that a guesser knows: name, e-mail.
 * @returns {Strength} The word.
 */
export function strengthOf(password, known = []) {
  if ([...password].length < SHORTEST_PASSWORD) return "short";
  const bits = guessBits(password) - (isGuessable(password, known) ? 40 : 0);
  if (bits < 36) return "weak";
  if (bits < 50) return "fair";
  return bits < 66 ? "good" : "strong";
}

/**
 * @param {string} password The password.
 * @param {readonly string[]} known Words that a guesser knows.
 * @returns {boolean} Whether it holds one of them, or one that everybody uses.
 */
function isGuessable(password, known) {
  const lower = password.toLowerCase();
  const words = known.flatMap((text) => text.toLowerCase().split(/[\s@.]+/u)).filter((word) => word.length > 3);
  return COMMON.test(password) || words.some((word) => lower.includes(word));
}

/**
 * @param {string} password The password.
 * @returns {number} A rough number of bits.
 */
function guessBits(password) {
  const kinds = [/[a-z]/u, /[A-Z]/u, /\d/u, /[^a-zA-Z\d]/u];
  const pools = [26, 26, 10, 30];
  const pool = kinds.reduce((sum, kind, at) => sum + (kind.test(password) ? (pools[at] ?? 0) : 0), 0);
  return effectiveLength(password) * Math.log2(Math.max(pool, 2));
}

/**
 * @param {string} password The password.
 * @returns {number} Characters, where repeated and consecutive ones count a quarter.
 */
function effectiveLength(password) {
  const codes = [...password].map((character) => character.codePointAt(0) ?? 0);
  const isEasy = (/** @type {number} */ at) => at > 0 && Math.abs((codes[at] ?? 0) - (codes[at - 1] ?? 0)) <= 1;
  return codes.reduce((sum, _code, at) => sum + (isEasy(at) ? 0.25 : 1), 0);
}
