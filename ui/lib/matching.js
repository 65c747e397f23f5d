/** Finding by a part of the name, whatever its accents and capitals: pure. */

/**
 * Tells whether a text holds all words of a query.
 *
 * @param {string} text Any text.
 * @param {string} query Words; an empty one suits everything.
 * @returns {boolean} Whether it does.
 */
export function matches(text, query) {
  const plainText = plain(text);
  return plain(query).split(/\s+/u).every((word) => plainText.includes(word));
}

/**
 * @param {string} text Any text.
 * @returns {string} In small letters without accents.
 */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
