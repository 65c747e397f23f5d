/** Models that come from elsewhere than the catalogue: files of this computer, and other names of the hub. */

import { button, fill, h, newElementId, on } from "../../lib/elements.js";
import { size } from "../../lib/formats.js";
import { t } from "../../lib/texts.js";
import { showLoaded } from "../loading.js";

/**
 * @typedef {import("../../api/model-keeping.js").FoundModel} FoundModel
 * @typedef {import("../../api/model-keeping.js").ModelKeeping} ModelKeeping
 */

/**
 * Returns the section.
 *
 * @param {ModelKeeping} keeping Asks the box.
 * @param {AbortSignal} signal Ends it.
 * @param {(found: FoundModel) => void} onTakeIn Asked to take one in.
 * @param {(name: string) => void} onDownload Asked to fetch one of another name.
 * @returns {HTMLElement} It.
 */
export function createImporting(keeping, signal, onTakeIn, onDownload) {
  const place = h("div", {});
  const draw = (/** @type {{ items: FoundModel[], inbox: string }} */ { items, inbox }) => {
    const lead = h("p", { class: "models-note" }, t("models.found_lead", { inbox }));
    if (items.length === 0) return [lead, h("p", {}, t("models.found_none"))];
    return [lead, h("ul", { class: "models-rows" }, ...items.map((one) => foundRow(one, onTakeIn)))];
  };
  const look = () => {
    fill(place);
    void showLoaded(place, { load: keeping.found, draw, signal });
  };
  const files = h("div", { class: "models-part" }, h("h3", {}, t("models.found")), button(t("models.found_look"), look, { symbol: "search" }), place);
  return h("details", { class: "models-how" }, h("summary", {}, t("models.here_lead")), files, otherForm(onDownload));
}

/**
 * @param {FoundModel} found What was found.
 * @param {(found: FoundModel) => void} onTakeIn Asked to take it in.
 * @returns {HTMLLIElement} Its row.
 */
function foundRow(found, onTakeIn) {
  const words = h("span", { class: "models-row-words" }, h("strong", {}, found.name), h("span", { class: "models-note" }, `${found.place} · ${size(found.size_bytes)}`));
  const take = button(t("models.found_take"), () => onTakeIn(found));
  take.setAttribute("aria-label", t("models.found_take_named", { name: found.name }));
  return h("li", { class: "models-row" }, words, take);
}

/**
 * @param {(name: string) => void} onDownload Asked to fetch one.
 * @returns {HTMLFormElement} Where a name of the hub is typed.
 */
function otherForm(onDownload) {
  const id = newElementId("other-model");
  const input = h("input", { id, class: "field-input", type: "text", autocomplete: "off", spellcheck: "false", placeholder: "hf.co/…", "aria-describedby": `${id}-hint` });
  const hint = h("p", { id: `${id}-hint`, class: "models-note" }, t("models.download_other_hint"));
  const send = h("button", { type: "submit", class: "button button-plain" }, t("models.download"));
  const form = h("form", { class: "models-part" }, h("label", { for: id }, t("models.download_other")), h("div", { class: "models-acts" }, input, send), hint);
  return on(form, {
    submit: (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (name) onDownload(name);
      else input.focus();
    },
  });
}
