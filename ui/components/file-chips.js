/** The files that will go with a question: how far each is, and how to take it out. */

import { fill, h, icon, iconButton } from "../lib/elements.js";
import { number, share, size } from "../lib/formats.js";
import { wordsFor } from "../lib/problems.js";
import { t } from "../lib/texts.js";

/**
 * @typedef {object} Chip
 * @property {string} key Its name in the page.
 * @property {string} name Name of the file.
 * @property {number} sizeBytes Its size.
 * @property {"sending" | "extracting" | "ready" | "failed"} phase How far it is.
 * @property {number} sentBytes How much has been sent.
 * @property {number | null} pages Pages to read; null if it has none.
 * @property {number} pagesDone Pages that have been read.
 * @property {number | null} tokens What it costs of the context.
 * @property {boolean} isEstimated Whether that is only an estimate.
 * @property {import("../lib/problems.js").Problem | null} problem Why it cannot be used.
 */

/**
 * Returns the list; empty at first.
 *
 * @param {(key: string) => void} onRemove Asked to take one out, or to stop sending it.
 */
export function createFileChips(onRemove) {
  const element = h("ul", { class: "chips", "aria-label": t("files.list"), hidden: true });
  /** @type {Map<string, ReturnType<typeof createChip>>} */
  const views = new Map();
  return {
    element,

    /** @param {readonly Chip[]} chips All of them, in order. */
    update(chips) {
      element.hidden = chips.length === 0;
      const keys = new Set(chips.map(({ key }) => key));
      for (const key of views.keys()) if (!keys.has(key)) views.delete(key);
      const elements = chips.map((chip) => {
        const view = views.get(chip.key) ?? createChip(chip, onRemove);
        views.set(chip.key, view);
        view.update(chip);
        return view.element;
      });
      const isSame = elements.length === element.children.length && elements.every((item, at) => element.children[at] === item);
      // A button that has the focus keeps it.
      if (!isSame) fill(element, ...elements);
    },
  };
}

/**
 * @param {Chip} first What it is about.
 * @param {(key: string) => void} onRemove Asked to take it out.
 */
function createChip(first, onRemove) {
  const words = h("span", { class: "chip-words" });
  const bar = h("progress", { class: "chip-bar", max: 100, "aria-hidden": "true" });
  const name = h("span", { class: "chip-name", dir: "auto", title: first.name }, first.name);
  const remove = iconButton("close", t("files.remove", { name: first.name }), () => onRemove(first.key), "chip-remove");
  const element = h("li", { class: "chip" }, icon("file"), h("span", { class: "chip-lines" }, name, words, bar), remove);
  return {
    element,

    /** @param {Chip} chip How far it is. */
    update(chip) {
      const text = chipWords(chip);
      const percent = chipPercent(chip);
      if (words.textContent !== text) words.textContent = text;
      element.dataset["phase"] = chip.phase;
      bar.hidden = percent === null;
      if (percent !== null) bar.value = percent;
    },
  };
}

/**
 * @param {Chip} chip How far it is.
 * @returns {string} In words.
 */
function chipWords(chip) {
  if (chip.phase === "sending") return t("files.sending", { share: share(chipPercent(chip) ?? 0), size: size(chip.sizeBytes) });
  if (chip.phase === "extracting") {
    return chip.pages ? t("files.reading_pages", { n: number(chip.pagesDone), pages: number(chip.pages) }) : t("files.reading");
  }
  if (chip.phase === "ready") return chip.tokens === null ? t("files.ready") : tokensIn(chip);
  const problem = wordsFor(chip.problem ?? { code: "unknown" });
  return `${problem.what} ${problem.hint}`.trim();
}

/**
 * @param {Chip} chip One that is ready.
 * @returns {string} What it costs.
 */
function tokensIn({ tokens, isEstimated }) {
  const n = number(tokens ?? 0);
  return isEstimated ? t("files.ready_about", { n }) : t("files.ready_tokens", { n });
}

/**
 * @param {Chip} chip How far it is.
 * @returns {number | null} 0 to 100; null if nobody knows, or it is over.
 */
function chipPercent({ phase, sentBytes, sizeBytes, pages, pagesDone }) {
  if (phase === "sending") return Math.min(100, (sentBytes / Math.max(1, sizeBytes)) * 100);
  return phase === "extracting" && pages ? (pagesDone / pages) * 100 : null;
}
