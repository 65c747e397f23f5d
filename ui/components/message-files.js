/** The files of a question that was asked. */

import { fill, h, icon, on, setAttribute } from "../lib/elements.js";
import { number, size } from "../lib/formats.js";
import { t } from "../lib/texts.js";

/** @typedef {import("../api/types.js").AttachedFile} AttachedFile */

/**
 * Returns the list; hidden if there are none.
 *
 * @param {(file: AttachedFile) => void} onDownload Asked for one of them.
 */
export function createMessageFiles(onDownload) {
  const element = h("ul", { class: "files", "aria-label": t("files.of_question"), hidden: true });
  return {
    element,

    /** @param {readonly AttachedFile[]} files All of them. */
    update(files) {
      setAttribute(element, "hidden", files.length === 0);
      fill(element, ...files.map((file) => h("li", {}, fileButton(file, onDownload))));
    },
  };
}

/**
 * @param {AttachedFile} file What it is about.
 * @param {(file: AttachedFile) => void} onDownload Asked for it.
 * @returns {HTMLButtonElement} Its button.
 */
function fileButton(file, onDownload) {
  const cost = file.tokens ? ` · ${t("files.tokens", { n: number(file.tokens) })}` : "";
  const lines = h("span", { class: "chip-lines" }, h("span", { class: "chip-name", dir: "auto" }, file.name), h("span", { class: "chip-words" }, `${size(file.size_bytes)}${cost}`));
  const label = t("files.download", { name: file.name });
  const verb = h("span", { class: "visually-hidden" }, `${t("files.download_verb")} `);
  const element = h("button", { type: "button", class: "chip chip-button", title: label }, verb, icon("file"), lines, icon("download"));
  return on(element, { click: () => onDownload(file) });
}
