/** What an answer is doing before its first word: words, seconds, and a bar where a share is known. */

import { h, setAttribute } from "../lib/elements.js";
import { stageLine } from "../lib/stages.js";
import { t } from "../lib/texts.js";

/** Returns the line; hidden at first. */
export function createStageLine() {
  const words = h("span", { class: "stage-words" });
  const bar = h("progress", { class: "stage-share", max: 100, hidden: true, "aria-label": t("stage.share") });
  const element = h("p", { class: "stage", hidden: true }, h("span", { class: "stage-mark", "aria-hidden": "true" }), words, bar);
  return {
    element,
    hide: () => setAttribute(element, "hidden", true),

    /**
     * @param {import("../api/types.js").Stage | null} stage As the box told it.
     * @param {number} elapsedS Seconds since the question was sent.
     */
    show(stage, elapsedS) {
      const text = stageLine(stage, elapsedS);
      const share = stage?.percent ?? null;
      if (words.textContent !== text) words.textContent = text;
      setAttribute(element, "hidden", false);
      setAttribute(bar, "hidden", share === null);
      if (share !== null) bar.value = share;
    },
  };
}
