/** How much of what the model can read at once a conversation takes. */

import { h, setAttribute } from "../lib/elements.js";
import { number, share } from "../lib/formats.js";
import { t } from "../lib/texts.js";

const NEARLY_FULL_PERCENT = 80;

/** Returns the gauge; hidden until both numbers are known. */
export function createContextGauge() {
  const words = h("span", { class: "gauge-words" });
  const bar = h("progress", { class: "gauge-bar", max: 100, "aria-hidden": "true" });
  const element = h("p", { class: "gauge", hidden: true }, bar, words);
  return {
    element,

    /** @param {{ usedTokens: number | null, contextTokens: number | null }} facts Null while unknown. */
    update({ usedTokens, contextTokens }) {
      setAttribute(element, "hidden", !usedTokens || !contextTokens);
      if (!usedTokens || !contextTokens) return;
      const percent = Math.min(100, (usedTokens / contextTokens) * 100);
      const isNearlyFull = percent >= NEARLY_FULL_PERCENT;
      const text = isNearlyFull ? t("gauge.nearly_full", { share: share(percent) }) : t("gauge.used", { share: share(percent) });
      if (words.textContent !== text) words.textContent = text;
      element.title = t("gauge.tokens", { used: number(usedTokens), most: number(contextTokens) });
      element.dataset["state"] = isNearlyFull ? "nearly-full" : "calm";
      bar.value = percent;
    },
  };
}
