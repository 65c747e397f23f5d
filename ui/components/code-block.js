/** A block of code with its language, a button that copies and one that wraps lines. */

import { h, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { createCopyButton } from "./copy-button.js";

/** @typedef {ReturnType<typeof createCodeBlock>} CodeBlock */

/**
 * Returns a block of code.
 *
 * @param {string} text The code.
 * @param {string} language As the fence names it; may be empty.
 */
export function createCodeBlock(text, language) {
  const code = h("code", { dir: "ltr" }, text);
  const box = h("pre", { class: "code-text", tabindex: 0, "aria-label": t("code.region") }, code);
  const wrap = h("button", { type: "button", class: "code-action", "aria-pressed": "false" }, t("code.wrap"));
  on(wrap, {
    click: () => {
      const isWrapped = box.classList.toggle("is-wrapped");
      wrap.setAttribute("aria-pressed", String(isWrapped));
    },
  });
  const copy = createCopyButton({ label: t("code.copy"), className: "code-action", textOf: () => code.textContent ?? "" });
  const head = h("div", { class: "code-head" }, h("span", { class: "code-language" }, language || t("code.plain")), wrap, copy);
  const element = h("div", { class: "code" }, head, box);
  let coloured = "";
  return {
    element,
    language,

    /** @param {string} newText What it holds now. */
    update(newText) {
      coloured = "";
      const last = code.childNodes.length === 1 ? code.firstChild : null;
      const old = code.textContent ?? "";
      // Only what is new goes in, so that a selection in the code survives.
      if (last instanceof Text && newText.startsWith(old)) last.appendData(newText.slice(old.length));
      else if (newText !== old) code.textContent = newText;
    },

    /** Gives it colours, now that it is complete. */
    finish() {
      const complete = code.textContent ?? "";
      if (!complete || complete === coloured) return;
      coloured = complete;
      // Without the highlighter, when the box serves another version by now, code stays plain.
      import("../lib/highlighting.js").then(({ highlighted }) => {
        if (code.textContent !== complete) return;
        const colours = highlighted(complete, language.toLowerCase());
        if (colours) code.replaceChildren(colours);
      }, () => undefined);
    },
  };
}
