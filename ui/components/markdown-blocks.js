/** Markdown drawn as blocks; while it grows only what has changed is drawn. Brings the large libraries along. */

import { h } from "../lib/elements.js";
import { blocksOf } from "../lib/markdown.js";
import { sanitised } from "../lib/sanitising.js";
import { t } from "../lib/texts.js";
import { createCodeBlock } from "./code-block.js";

/**
 * @typedef {import("../lib/markdown.js").Block} Block
 * @typedef {{ raw: string, element: HTMLElement, code: import("./code-block.js").CodeBlock | null }} Drawn
 */

/**
 * Returns how to draw into a box that is empty.
 *
 * @param {HTMLElement} element The box.
 * @returns {(text: string, isGrowing: boolean) => void} Draws Markdown; it may be longer next time, or another.
 */
export function makeBlockDrawer(element) {
  /** @type {Drawn[]} */
  let drawn = [];
  return (text, isGrowing) => {
    const next = blocksOf(text, { isGrowing }).map((block, at) => drawnBlock(block, drawn[at]));
    next.forEach((item, at) => {
      const old = drawn[at];
      if (!old) element.append(item.element);
      else if (old.element !== item.element) old.element.replaceWith(item.element);
    });
    for (const surplus of drawn.slice(next.length)) surplus.element.remove();
    drawn = next;
  };
}

/**
 * @param {Block} block What is to be seen.
 * @param {Drawn | undefined} old What stands in its place.
 * @returns {Drawn} The old one where it serves still.
 */
function drawnBlock(block, old) {
  if (old?.raw === block.raw) return old;
  if (!block.code) return { raw: block.raw, element: proseBlock(block.html()), code: null };
  if (old?.code?.language === block.code.language) {
    old.code.update(block.code.text);
    return { ...old, raw: block.raw };
  }
  const code = createCodeBlock(block.code.text, block.code.language);
  return { raw: block.raw, element: code.element, code };
}

/**
 * @param {string} html From Markdown.
 * @returns {HTMLElement} The block, safe.
 */
function proseBlock(html) {
  const element = h("div", { class: "prose-block" }, sanitised(html));
  for (const table of element.querySelectorAll("table")) inScroller(table);
  for (const pre of element.querySelectorAll("pre")) {
    const language = /language-(\S+)/u.exec(pre.querySelector("code")?.className ?? "")?.[1] ?? "";
    pre.replaceWith(createCodeBlock(pre.textContent ?? "", language).element);
  }
  return element;
}

/** @param {HTMLTableElement} table A table; wide ones scroll in a box of their own. */
function inScroller(table) {
  const box = h("div", { class: "prose-table", tabindex: 0, role: "region", "aria-label": t("table.region") });
  table.replaceWith(box);
  box.append(table);
}
