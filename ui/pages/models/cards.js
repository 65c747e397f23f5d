/** One model each. */

import { button, fill, h, icon } from "../../lib/elements.js";
import { number, size } from "../../lib/formats.js";
import { language, t } from "../../lib/texts.js";

/**
 * @typedef {import("../../api/types.js").InstalledModel} InstalledModel
 * @typedef {import("../../api/types.js").CatalogueModel} CatalogueModel
 */

/**
 * Returns a model that is here.
 *
 * @param {InstalledModel} model It.
 * @param {import("./acts.js").Acts | null} acts What the person may do; null if nothing.
 * @param {boolean} isLoaded Whether it is in memory.
 * @returns {HTMLLIElement} The card.
 */
export function createInstalledCard(model, acts, isLoaded) {
  const marks = [
    model.is_current && mark("check", t("models.current"), "good"),
    model.is_demo && mark("info", t("models.demo"), "calm"),
    isBad(model) && mark("warning", t("models.bad"), "bad"),
  ];
  const facts = h("p", { class: "card-facts" }, factsOf(model).join(" · "));
  const problem = isBad(model) && h("p", { class: "card-problem" }, model.problem || model.bad_reason);
  const spoken = h("p", { class: "card-speed", role: "status" });
  const main = h("div", { class: "card-main" }, h("h3", {}, model.title), h("div", { class: "marks" }, ...marks), facts, problem, spoken);
  const row = acts && h("div", { class: "models-acts" }, ...actsOf(model, acts, isLoaded, spoken));
  return h("li", { class: "card", "data-current": model.is_current }, main, row);
}

/**
 * @param {InstalledModel} model A model.
 * @returns {boolean} Whether it cannot be used.
 */
function isBad(model) {
  return model.bad_reason !== null || model.problem !== "";
}

/**
 * @param {InstalledModel} model A model.
 * @returns {string[]} What it is.
 */
function factsOf(model) {
  const context = model.context_tokens > 0 && t("models.context", { n: number(model.context_tokens) });
  const parent = model.parent_name && t("models.parent", { name: model.parent_name });
  const facts = [model.name, size(model.size_bytes), model.parameter_size, model.quantization, context, model.licence, parent];
  return facts.map((one) => one || "").filter((one) => !["", "unknown", "0"].includes(one));
}

/**
 * @param {InstalledModel} model A model.
 * @param {import("./acts.js").Acts} acts What the person may do.
 * @param {boolean} isLoaded Whether it is in memory.
 * @param {HTMLElement} spoken Where its speed is said.
 * @returns {HTMLButtonElement[]} What can be done with it now.
 */
function actsOf(model, acts, isLoaded, spoken) {
  const isGood = !isBad(model);
  /** @type {[boolean, "models.use" | "models.speed" | "models.load" | "models.remove", () => void, "plain" | "quiet"][]} */
  const rows = [
    [isGood && !model.is_current, "models.use", () => void acts.use(model), "plain"],
    [isGood, "models.speed", () => void acts.trySpeed(model, (words) => fill(spoken, words)), "quiet"],
    [isGood && !model.is_current && !isLoaded, "models.load", () => void acts.load(model), "quiet"],
    [model.is_removable && !model.is_current, "models.remove", () => void acts.remove(model), "quiet"],
  ];
  return rows.filter(([isPossible]) => isPossible).map(([, key, act, kind]) => named(key, model.title, act, kind));
}

/**
 * @param {"models.use" | "models.speed" | "models.load" | "models.remove" | "models.download"} key Of its words.
 * @param {string} name The model that it means.
 * @param {() => void} act What it does.
 * @param {"plain" | "quiet"} kind How it looks.
 * @returns {HTMLButtonElement} A button that says aloud which model it means.
 */
function named(key, name, act, kind) {
  const made = button(t(key), act, { kind });
  made.setAttribute("aria-label", t(`${key}_named`, { name }));
  return made;
}

/**
 * Returns a model that could be here.
 *
 * @param {CatalogueModel} model It.
 * @param {import("../../api/types.js").Models} models What else is known.
 * @param {import("./acts.js").Acts | null} acts What the person may do; null if nothing.
 * @param {boolean} isComing Whether it is on its way.
 * @returns {HTMLLIElement} The card.
 */
export function createCatalogueCard(model, { installed }, acts, isComing) {
  const isHere = installed.some(({ name, file }) => name === model.name || file === model.file);
  const marks = catalogueMarks(model, isHere);
  /** @type {[string, string][]} */
  const facts = [
    [t("models.fact_size"), size(model.size_bytes)],
    [t("models.fact_memory"), model.ram_8k_bytes === null ? "–" : size(model.ram_8k_bytes)],
    [t("models.fact_parameters"), t("models.billion", { n: number(model.parameters_b, 1) })],
    [t("models.fact_licence"), licenceOf(model)],
    [t("models.fact_languages"), languageNames(model.languages)],
  ];
  const list = h("dl", { class: "facts" }, ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  const source = h("p", { class: "card-source" }, t("models.source"), " ", h("code", {}, `${model.repository} / ${model.file}`));
  const main = h("div", { class: "card-main" }, h("h3", {}, model.title), h("div", { class: "marks" }, ...marks), model.notes && h("p", {}, model.notes), list, source);
  const get = acts && !isHere && !isComing && downloadButton(model, acts);
  return h("li", { class: "card", "data-fits": String(model.fits) }, main, get);
}

/**
 * @param {CatalogueModel} model A model.
 * @param {import("./acts.js").Acts} acts What the person may do.
 * @returns {HTMLElement} For fetching it.
 */
function downloadButton(model, acts) {
  return h("div", { class: "models-acts" }, named("models.download", model.title, () => void acts.download(model), "plain"));
}

/**
 * @param {CatalogueModel} model A model.
 * @param {boolean} isHere Whether it is on the box.
 * @returns {(HTMLElement | false)[]} What is to be seen at once.
 */
function catalogueMarks(model, isHere) {
  return [
    isHere && mark("check", t("models.here"), "good"),
    model.recommended && mark("star", t("models.recommended"), "good"),
    model.fits ? mark("check", t("models.fits"), "calm") : mark("warning", t("models.too_large"), "bad"),
    model.allows_commercial_use === false && mark("warning", t("models.not_commercial"), "bad"),
  ];
}

/**
 * @param {CatalogueModel} model A model.
 * @returns {string} Its licence, and whether it forbids work for money.
 */
function licenceOf({ licence, allows_commercial_use: allows }) {
  return allows === false ? `${licence} (${t("models.not_commercial")})` : licence;
}

/**
 * @param {string} symbol Its picture.
 * @param {string} words What it says.
 * @param {"good" | "calm" | "bad"} kind How it looks.
 * @returns {HTMLElement} A mark.
 */
function mark(symbol, words, kind) {
  return h("span", { class: `mark mark-${kind}` }, icon(symbol), h("span", {}, words));
}

/**
 * @param {string[]} codes Such as "es".
 * @returns {string} Their names in the current language.
 */
function languageNames(codes) {
  const names = new Intl.DisplayNames(language(), { type: "language", fallback: "code" });
  const readable = codes.map((code) => (/^[a-z]{2,3}(?:-[A-Za-z]+)*$/u.test(code) ? (names.of(code) ?? code) : code));
  return new Intl.ListFormat(language(), { type: "conjunction" }).format(readable);
}
