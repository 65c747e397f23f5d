/** Calm lines above the composer: what could not be sent, and what the engine needs. */

import { button, fill, h, icon, iconButton, setAttribute } from "../lib/elements.js";
import { wordsFor } from "../lib/problems.js";
import { t } from "../lib/texts.js";

/** Returns a line for a problem; hidden at first. */
export function createNotice() {
  const element = h("div", { class: "notice notice-bad", role: "alert", hidden: true });
  const hide = () => setAttribute(element, "hidden", true);
  return {
    element,
    hide,

    /**
     * @param {import("../lib/problems.js").Problem} problem What happened.
     * @param {string} [lead] A sentence in front.
     */
    show(problem, lead = "") {
      const words = wordsFor(problem);
      const lines = h("div", { class: "notice-lines" }, h("p", {}, `${lead} ${words.what}`.trim()), words.hint && h("p", { class: "notice-hint" }, words.hint));
      fill(element, icon("warning"), lines, iconButton("close", t("notice.close"), hide));
      setAttribute(element, "hidden", false);
    },
  };
}

/**
 * Returns a line that tells about a demonstration model, or about an engine that cannot answer.
 *
 * @param {() => void} onModels Asked for the models.
 */
export function createEngineNotice(onModels) {
  const element = h("div", { class: "notice", hidden: true });
  let shown = "";
  return {
    element,

    /** @param {{ status: string, is_demo: boolean, detail: string | null } | null} engine Its state. */
    show(engine) {
      const look = engine ? lookOf(engine) : null;
      const key = look ? look.text : "";
      if (key === shown) return;
      shown = key;
      setAttribute(element, "hidden", !look);
      if (!look) return;
      element.classList.toggle("notice-bad", look.isBad);
      const lines = h("div", { class: "notice-lines" }, h("p", {}, look.text));
      fill(element, icon(look.isBad ? "warning" : "info"), lines, button(look.action, onModels, { kind: "quiet" }));
    },
  };
}

/**
 * @param {{ status: string, is_demo: boolean, detail: string | null }} engine Its state.
 * @returns {{ text: string, action: string, isBad: boolean } | null} What to say; null if nothing.
 */
function lookOf({ status, is_demo: isDemo, detail }) {
  if (status === "no_model") return { text: t("notice.no_model"), action: t("notice.get_model"), isBad: true };
  if (status === "failed") return { text: `${t("notice.failed")} ${detail ?? ""}`.trim(), action: t("notice.see_models"), isBad: true };
  return isDemo ? { text: t("notice.demo"), action: t("notice.get_real"), isBad: false } : null;
}
