/** A question being written anew in its place. */

import { button, h, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/**
 * Returns the editor.
 *
 * @param {{ text: string, onSend: (text: string) => void, onCancel: () => void }} look What it edits and how it ends.
 * @returns {{ element: HTMLElement, focus: () => void }} The editor.
 */
export function createQuestionEditor({ text, onSend, onCancel }) {
  const field = h("textarea", { class: "editor-field", rows: 3, "aria-label": t("question.edit_label") });
  field.value = text;
  const send = () => {
    const changed = field.value.trim();
    if (changed) onSend(changed);
  };
  on(field, {
    keydown: (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) send();
      if (event.key === "Escape") onCancel();
      if (event.key === "Enter" || event.key === "Escape") event.stopPropagation();
    },
  });
  const buttons = h("div", { class: "editor-buttons" }, button(t("question.cancel"), onCancel), button(t("question.resend"), send, { kind: "primary" }));
  const element = h("div", { class: "editor" }, field, h("p", { class: "editor-hint" }, t("question.edit_hint")), buttons);
  return {
    element,
    focus: () => {
      field.style.height = `${Math.min(field.scrollHeight, innerHeight / 2)}px`;
      field.focus();
      field.setSelectionRange(text.length, text.length);
    },
  };
}
