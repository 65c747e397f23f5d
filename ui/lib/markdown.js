/** Markdown as blocks of HTML text: so that while an answer grows only its last block is drawn anew. */

import { Marked } from "marked";
import remend from "remend";

/**
 * @typedef {{ raw: string, html: () => string, code: { text: string, language: string } | null }} Block
 *   `raw` is the Markdown: equal `raw` draws the same, so `html` needs to be made only if it differs.
 */

const ESCAPES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" });

/**
 * Returns text that HTML shows as it is.
 *
 * @param {string} text Any text.
 * @returns {string} With the five special characters as entities.
 */
export function escaped(text) {
  return text.replace(/[&<>"']/gu, (character) => ESCAPES[character] ?? character);
}

/**
 * Returns how formulas are read: `$$…$$` and `\\[…\\]` by themselves, `\\(…\\)` and `$$…$$` in a line. A single dollar is money.
 *
 * @param {"block" | "inline"} level Where they stand.
 * @param {RegExp} pattern Finds one at the beginning of a text; its groups hold the formula.
 * @returns {import("marked").TokenizerAndRendererExtension} For the reader.
 */
function formulaRule(level, pattern) {
  return {
    name: `${level}-formula`,
    level,
    // A block begins its line: elsewhere it would cut the paragraph.
    start: (source) => (level === "block" ? /(?<=\n) {0,3}(?:\$\$|\\\[)/u : /\$\$|\\\(/u).exec(source)?.index,
    tokenizer: (source) => {
      const found = pattern.exec(source);
      const text = found?.[1] ?? found?.[2] ?? "";
      return found && text.trim() ? { type: `${level}-formula`, raw: found[0], text: text.trim() } : undefined;
    },
    renderer: ({ text }) => {
      const code = `<code class="language-formula-${level}">${escaped(String(text))}</code>`;
      return level === "block" ? `<p>${code}</p>` : code;
    },
  };
}

const BLOCK_FORMULA = /^ {0,3}(?:\$\$((?:(?!\$\$)[\s\S])+)\$\$|\\\[((?:(?!\\\])[\s\S])+)\\\])[ \t]*(?:\n|$)/u;
const INLINE_FORMULA = /^(?:\$\$((?:(?!\$\$|\n\n)[\s\S])+)\$\$|\\\(((?:(?!\\\)|\n\n)[\s\S])+)\\\))/u;

/**
 * Returns a reader of Markdown as we show it: no raw HTML, no pictures from elsewhere.
 *
 * @returns {Marked} The reader.
 */
function makeReader() {
  return new Marked({
    gfm: true,
    extensions: [formulaRule("block", BLOCK_FORMULA), formulaRule("inline", INLINE_FORMULA)],
    renderer: {
      html: ({ text }) => escaped(text),
      // A picture's address would tell its owner who reads what, and when: it is a link here.
      image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
      checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    },
  });
}

const reader = makeReader();

/**
 * Returns a Markdown text as its blocks.
 *
 * @param {string} text Markdown.
 * @param {{ isGrowing: boolean }} state While it grows, marks that are not closed yet are closed.
 * @returns {Block[]} Top-level blocks. The HTML is not sanitised.
 */
export function blocksOf(text, { isGrowing }) {
  const tokens = reader.lexer(isGrowing ? remend(text, { katex: false, linkMode: "text-only" }) : text);
  const shown = tokens.filter(({ type }) => type !== "space" && type !== "def");
  return shown.map((token) => (token.type === "code" ? codeBlock(token) : { raw: token.raw, html: () => reader.parser([token]), code: null }));
}

/**
 * @param {{ raw: string, text?: string, lang?: string }} token A block of code.
 * @returns {Block} It.
 */
function codeBlock({ raw, text = "", lang = "" }) {
  return { raw, html: () => "", code: { text, language: lang.trim().split(/\s/u)[0] ?? "" } };
}
