/** In which language a text is written, as far as its small words tell: pure. */

/** @type {Record<"es" | "en", ReadonlySet<string>>} */
const SMALL_WORDS = {
  es: new Set("el la los las un una de del que y en por para con no se es su lo como más pero este esta al sus son está qué cómo si".split(" ")),
  en: new Set("the a an of to and in is that for it with as on are this be by not or from at your you can have will what how if".split(" ")),
};
const LOOKED_AT = 600;
const FEWEST = 4;

/**
 * Returns the language of a text.
 *
 * @param {string} text Any; its beginning is looked at.
 * @returns {"es" | "en" | null} Null if it is too short or neither.
 */
export function tongueOf(text) {
  const words = text.slice(0, LOOKED_AT).toLowerCase().match(/\p{L}+/gu) ?? [];
  const count = (/** @type {"es" | "en"} */ code) => words.filter((word) => SMALL_WORDS[code].has(word)).length;
  const [spanish, english] = [count("es"), count("en")];
  if (Math.max(spanish, english) < FEWEST || Math.abs(spanish - english) < FEWEST / 2) return null;
  return spanish > english ? "es" : "en";
}
