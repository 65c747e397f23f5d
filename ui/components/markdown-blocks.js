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
    const blocks = blocksOf(text, { isGrowing });
    const next = blocks.map((block, at) => drawnBlock(block, drawn[at]));
    // Code is coloured once it is complete: when something follows it, or nothing more comes.
    next.forEach(({ code }, at) => (isGrowing && at === next.length - 1 ? undefined : code?.finish()));
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
  drawFormulas(element);
  for (const pre of element.querySelectorAll("pre")) {
    const language = /language-(\S+)/u.exec(pre.querySelector("code")?.className ?? "")?.[1] ?? "";
    const code = createCodeBlock(pre.textContent ?? "", language);
    code.finish();
    pre.replaceWith(code.element);
  }
  return element;
}

/** @param {HTMLElement} element A block; its formulas are drawn once what draws them is there. */
function drawFormulas(element) {
  for (const source of element.querySelectorAll("code[class^=language-formula]")) {
    const isBlock = source.classList.contains("language-formula-block");
    const tex = source.textContent ?? "";
    const place = isBlock ? blockOfFormula(tex) : h("span", { class: "formula" }, tex);
    (isBlock ? source.parentElement : source)?.replaceWith(place);
    // Without it, when the box serves another version by now, the text stays as it was written.
    import("../lib/formulas.js").then(({ drawFormula }) => drawFormula(tex, place, { isBlock }), () => undefined);
  }
}

/**
 * @param {string} tex A formula.
 * @returns {HTMLElement} A line of its own for it; a long one scrolls in it.
 */
function blockOfFormula(tex) {
  return h("div", { class: "formula formula-block", tabindex: 0, role: "region", "aria-label": t("formula.region") }, tex);
}

/** @param {HTMLTableElement} table A table; wide ones scroll in a box of their own. */
function inScroller(table) {
  const box = h("div", { class: "prose-table", tabindex: 0, role: "region", "aria-label": t("table.region") });
  table.replaceWith(box);
  box.append(table);
}
