/** The words of pages that are loaded later than the chat: they come with the page, in the current language. */

import { addTexts, language } from "./texts.js";

/** @typedef {{ default: import("./texts.js").Catalogue }} Loaded */

/** Loads the texts of the pages before the sign-in, and of what settings share with them. */
export async function loadGateTexts() {
  /** @type {Loaded} */
  const loaded = language() === "es" ? await import("../strings/gates.es.json", { with: { type: "json" } }) : await import("../strings/gates.en.json", { with: { type: "json" } });
  addTexts(loaded.default);
}

/** Loads the texts of settings and administration. */
export async function loadPageTexts() {
  const load = async () => (language() === "es" ? await import("../strings/pages.es.json", { with: { type: "json" } }) : await import("../strings/pages.en.json", { with: { type: "json" } }));
  /** @type {[Loaded, void]} */
  const [loaded] = await Promise.all([load(), loadGateTexts()]);
  addTexts(loaded.default);
}
