/** The button beside the composer's field that adds files, and says beforehand which and how large. */

import { button, h, iconButton, on } from "../lib/elements.js";
import { size } from "../lib/formats.js";
import { t } from "../lib/texts.js";
import { connectDisclosure } from "./disclosure.js";

/** @typedef {{ most: number, mostBytes: number, endings: readonly string[] }} FileLimits */

/**
 * Returns the limits in one sentence.
 *
 * @param {FileLimits} limits Them.
 * @returns {string} Words.
 */
export function limitsInWords({ most, mostBytes }) {
  return t("files.limits", { most, size: size(mostBytes) });
}

/**
 * Returns the button with its panel.
 *
 * @param {{ limits: FileLimits, onFiles: (files: File[]) => void }} look What may be chosen, and who gets it.
 * @param {AbortSignal} signal Ends it.
 * @returns {HTMLElement} Both.
 */
export function createAttachMenu({ limits, onFiles }, signal) {
  const picker = h("input", { type: "file", multiple: true, hidden: true, accept: limits.endings.map((ending) => `.${ending}`).join(","), tabindex: -1, "data-ref": "file-picker" });
  const opener = iconButton("clip", t("files.attach"), () => undefined, "composer-attach");
  const choose = button(t("files.choose"), () => picker.click(), { symbol: "file" });
  const panel = h("div", { class: "attach-panel" }, h("p", { class: "attach-limits" }, limitsInWords(limits)), h("p", { class: "attach-limits" }, t("files.stays")), choose);
  const element = h("div", { class: "attach" }, opener, panel, picker);
  const close = connectDisclosure(element, opener, panel, signal);
  on(picker, {
    change: () => {
      const files = [...(picker.files ?? [])];
      picker.value = "";
      close();
      opener.focus();
      if (files.length > 0) onFiles(files);
    },
  });
  return element;
}
