/** One model each. */

import { button, h, icon } from "../../lib/elements.js";
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
 * @param {boolean} isAdmin Whether the person may choose it.
 * @param {(model: InstalledModel) => void} onUse Asked to use it.
 * @returns {HTMLLIElement} The card.
 */
export function createInstalledCard(model, isAdmin, onUse) {
  const marks = [
    model.is_current && mark("check", t("models.current"), "good"),
    model.is_demo && mark("info", t("models.demo"), "calm"),
    model.bad_reason !== null && mark("warning", t("models.bad"), "bad"),
  ];
  const facts = h("p", { class: "card-facts" }, `${model.file} · ${size(model.size_bytes)}`);
  const problem = model.bad_reason && h("p", { class: "card-problem" }, model.bad_reason);
  const main = h("div", { class: "card-main" }, h("h3", {}, model.title), h("div", { class: "marks" }, ...marks), facts, problem);
  return h("li", { class: "card", "data-current": model.is_current }, main, isAdmin && useButton(model, onUse));
}

/**
 * @param {InstalledModel} model A model.
 * @param {(model: InstalledModel) => void} onUse Asked to use it.
 * @returns {HTMLButtonElement | null} The button, where the model can be chosen.
 */
function useButton(model, onUse) {
  if (model.is_current || model.bad_reason !== null) return null;
  const use = button(t("models.use"), () => onUse(model));
  use.setAttribute("aria-label", t("models.use_named", { name: model.title }));
  return use;
}

/**
 * Returns a model that could be here.
 *
 * @param {CatalogueModel} model It.
 * @param {import("../../api/types.js").Models} models What else is known.
 * @returns {HTMLLIElement} The card.
 */
export function createCatalogueCard(model, { installed }) {
  const isHere = installed.some(({ name, file }) => name === model.name || file === model.file);
  const marks = [
    isHere && mark("check", t("models.here"), "good"),
    model.recommended && mark("star", t("models.recommended"), "good"),
    model.fits ? mark("check", t("models.fits"), "calm") : mark("warning", t("models.too_large"), "bad"),
  ];
  /** @type {[string, string][]} */
  const facts = [
    [t("models.fact_size"), size(model.size_bytes)],
    [t("models.fact_memory"), model.ram_8k_bytes === null ? "–" : size(model.ram_8k_bytes)],
    [t("models.fact_parameters"), t("models.billion", { n: number(model.parameters_b, 1) })],
    [t("models.fact_languages"), languageNames(model.languages)],
    [t("models.fact_licence"), licenceOf(model)],
  ];
  const list = h("dl", { class: "facts" }, ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  const source = h("p", { class: "card-source" }, t("models.source"), " ", h("code", {}, `${model.repository} / ${model.file}`));
  const main = h("div", { class: "card-main" }, h("h3", {}, model.title), h("div", { class: "marks" }, ...marks), model.notes && h("p", {}, model.notes), list, source);
  return h("li", { class: "card", "data-fits": String(model.fits) }, main);
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
