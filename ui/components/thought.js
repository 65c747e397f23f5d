/** What a model thought before it answered: folded away, read by nobody who does not ask for it. */

import { h, setAttribute } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/** Returns the fold; hidden while there is nothing in it. */
export function createThought() {
  const summary = h("summary", { class: "row-action" }, t("thought.name"));
  const text = h("p", { class: "thought-text" });
  const element = h("details", { class: "thought", hidden: true }, summary, text);
  return {
    element,

    /**
     * @param {string} thought What it thought so far.
     * @param {boolean} isThinking Whether it still does.
     */
    update(thought, isThinking) {
      setAttribute(element, "hidden", thought === "");
      if (text.textContent !== thought) text.textContent = thought;
      const words = isThinking ? t("stage.thinking") : t("thought.name");
      if (summary.textContent !== words) summary.textContent = words;
    },
  };
}
