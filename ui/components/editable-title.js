/** A heading that becomes a field. */

import { fill, h, icon, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";

const LONGEST = 200;

/**
 * Returns an input in the place of a text: Enter or leaving keeps, Escape drops.
 *
 * @param {object} look What it edits.
 * @param {string} look.value The text.
 * @param {string} look.label What the field is called.
 * @param {(value: string | null) => void} look.onEnd Called once, with null if nothing changed.
 * @returns {HTMLInputElement} The input; focus it once it is in the page.
 */
export function createInlineEditor({ value, label, onEnd }) {
  const input = h("input", { class: "inline-editor", type: "text", "aria-label": label, maxlength: LONGEST, value });
  let hasEnded = false;
  const end = (/** @type {boolean} */ isKept) => {
    if (hasEnded) return;
    hasEnded = true;
    const text = input.value.trim();
    onEnd(isKept && text && text !== value ? text : null);
  };
  return on(input, {
    blur: () => end(true),
    keydown: (event) => {
      if (event.key === "Enter" && !event.isComposing) end(true);
      if (event.key === "Escape") end(false);
      event.stopPropagation();
    },
  });
}

/**
 * Returns the page's heading; it can be edited where there is something to rename.
 *
 * @param {(title: string) => void} onRename Called with a new title.
 */
export function createEditableTitle(onRename) {
  const heading = h("h1", { class: "title" });
  const shown = { text: "", canEdit: false };
  const draw = () => {
    if (!shown.canEdit) return fill(heading, h("span", { class: "title-text" }, shown.text));
    const label = t("title.rename");
    const opener = h("button", { type: "button", class: "title-button", title: label }, h("span", { class: "title-text" }, shown.text), icon("pencil"));
    opener.append(h("span", { class: "visually-hidden" }, `, ${label}`));
    return fill(heading, on(opener, { click: edit }));
  };
  const edit = () => {
    const onEnd = (/** @type {string | null} */ title) => {
      if (title !== null) shown.text = title;
      draw();
      heading.querySelector("button")?.focus();
      if (title !== null) onRename(title);
    };
    const input = createInlineEditor({ value: shown.text, label: t("title.rename"), onEnd });
    fill(heading, input);
    input.select();
  };
  return {
    element: heading,

    /**
     * @param {string} text The title.
     * @param {boolean} canEdit Whether it can be renamed.
     */
    show(text, canEdit) {
      if (shown.text === text && shown.canEdit === canEdit && heading.hasChildNodes()) return;
      Object.assign(shown, { text, canEdit });
      if (!heading.querySelector("input")) draw();
    },
  };
}
