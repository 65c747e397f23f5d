/** The words of the interface in the current language. */

/**
 * @typedef {"es" | "en"} Language
 * @typedef {keyof typeof import("../strings/en.json") | keyof typeof import("../strings/gates.en.json")
 *   | keyof typeof import("../strings/pages.en.json")} TextKey
 * @typedef {Record<string, string>} Catalogue
 * @typedef {Record<string, string | number>} Values
 */

/** @type {{ language: Language, catalogue: Catalogue }} */
const current = { language: "en", catalogue: {} };

/**
 * From now on texts come from this catalogue.
 *
 * @param {Language} language Which language it is.
 * @param {Catalogue} catalogue All its texts.
 */
export function useTexts(language, catalogue) {
  current.language = language;
  current.catalogue = catalogue;
}

/**
 * Adds the texts of pages that are not needed at first.
 *
 * @param {Catalogue} catalogue In the language in use.
 */
export function addTexts(catalogue) {
  current.catalogue = { ...current.catalogue, ...catalogue };
}

/**
 * Returns the language in use.
 *
 * @returns {Language} Its code.
 */
export function language() {
  return current.language;
}

/**
 * Returns how dates are written: English ones as Europe writes them, the day first and the hours to 24.
 *
 * @returns {string} For `Intl`.
 */
export function dateLocale() {
  return current.language === "en" ? "en-GB" : current.language;
}

/**
 * Returns a text with its `{places}` filled.
 *
 * @param {TextKey} key Which text.
 * @param {Values} [values] What goes into the places.
 * @returns {string} The text; the key itself if the catalogue lacks it.
 */
export function t(key, values = {}) {
  return filled(current.catalogue[key] ?? key, values);
}

/**
 * Returns a text for a number of things, as the language counts them.
 *
 * @param {string} key Key without `.one` and `.other`.
 * @param {number} n How many; fills `{n}`.
 * @param {Values} [values] What goes into other places.
 * @returns {string} The text.
 */
export function tCount(key, n, values = {}) {
  const form = new Intl.PluralRules(current.language).select(n);
  const text = current.catalogue[`${key}.${form}`] ?? current.catalogue[`${key}.other`] ?? key;
  return filled(text, { n: new Intl.NumberFormat(current.language).format(n), ...values });
}

/**
 * Returns a text whose key is only known at run time, such as that of an error code.
 *
 * @param {string} key The key.
 * @param {Values} [values] What goes into the places.
 * @returns {string | null} The text; null if there is none.
 */
export function findText(key, values = {}) {
  const text = current.catalogue[key];
  return text === undefined ? null : filled(text, values);
}

/**
 * @param {string} text With places in braces.
 * @param {Values} values By name of the place.
 * @returns {string} The text; unknown places stay.
 */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/gu, (place, name) => String(values[name] ?? place));
}

/**
 * Returns the language that suits a browser: the first of its languages that we speak.
 *
 * @param {readonly string[]} wanted As in `navigator.languages`.
 * @returns {Language} Ours; English if we speak none of them.
 */
export function guessLanguage(wanted) {
  for (const tag of wanted) {
    const [code] = tag.toLowerCase().split("-");
    if (code === "es" || code === "en") return code;
    // The other languages of Spain: their speakers read Spanish rather than English.
    if (code === "ca" || code === "gl" || code === "eu") return "es";
  }
  return "en";
}
