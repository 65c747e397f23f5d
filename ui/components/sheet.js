/** A sheet that is handed to somebody or kept: facts, codes, a picture; on the screen and on paper. */

import { button, h } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { createCopyButton } from "./copy-button.js";
import { createRemark } from "./panel.js";
import { printAlone } from "./printing.js";

/**
 * Returns facts in two columns.
 *
 * @param {[string, string][]} facts Name and value.
 * @returns {HTMLElement} The list.
 */
export function createFacts(facts) {
  const rows = facts.map(([name, value]) => h("div", { class: "sheet-fact" }, h("dt", {}, name), h("dd", {}, value)));
  return h("dl", { class: "sheet-facts" }, ...rows);
}

/**
 * Returns a QR code.
 *
 * @param {string} svg As the box drew it.
 * @param {string} name What it leads to, for those who cannot see it.
 * @returns {HTMLElement} The picture, dark on white in every theme: cameras need that.
 */
export function createQr(svg, name) {
  // As a picture nothing in it can run.
  return h("div", { class: "qr" }, h("img", { class: "qr-picture", src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`, alt: name, width: 200, height: 200 }));
}

/**
 * Returns the sheet of a code by which somebody comes in: code, address, QR, and how long they are good for.
 *
 * @param {object} look What it shows.
 * @param {string} look.title Its heading on paper.
 * @param {string} look.lead What to do with it.
 * @param {[string, string][]} look.facts For whom, until when.
 * @param {{ code: string, url: string, qr_svg: string, hint_loopback?: boolean }} look.entry From the box.
 * @param {string} look.warning A sentence in case the address works on the box alone.
 * @returns {HTMLElement} The sheet with its buttons.
 */
export function createEntrySheet({ title, lead, facts, entry, warning }) {
  const code = h("p", { class: "sheet-code", translate: "no" }, entry.code);
  const address = h("p", { class: "sheet-address", translate: "no" }, entry.url);
  const words = h("div", { class: "sheet-words" }, h("p", {}, lead), code, address, createFacts(facts));
  const sheet = h("div", { class: "sheet" }, h("h3", { class: "sheet-title" }, title), h("div", { class: "sheet-columns" }, createQr(entry.qr_svg, t("sheet.qr")), words));
  const row = h(
    "div",
    { class: "form-row" },
    button(t("kit.print"), () => printAlone(sheet), { symbol: "print" }),
    createCopyButton({ label: t("sheet.copy_link"), textOf: () => entry.url, className: "button button-plain" }),
    createCopyButton({ label: t("sheet.copy_code"), textOf: () => entry.code, className: "button button-plain" }),
  );
  return h("div", { class: "sheet-box" }, entry.hint_loopback && createRemark(warning, "warn"), sheet, row);
}
