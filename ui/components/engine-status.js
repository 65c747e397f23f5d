/** What the engine does: a dot that has words, and the model's name with where it runs. */

import { fill, h, icon } from "../lib/elements.js";
import { share } from "../lib/formats.js";
import { findText, t } from "../lib/texts.js";

/**
 * @typedef {{ status: string, model_title: string | null, load_percent: number | null, running: number, waiting: number,
 *   stays_here?: boolean }} Engine
 */

/** Returns the line; empty until the first state comes. */
export function createEngineStatus() {
  const model = h("span", { class: "engine-model" });
  const badge = h("span", { class: "engine-badge", title: t("engine.local_long") }, icon("lock"), h("span", {}, t("engine.local")));
  const words = h("span", { class: "engine-words" });
  const state = h("span", { class: "engine-state" }, h("span", { class: "engine-dot", "aria-hidden": "true" }), words);
  const element = h("div", { class: "engine", "data-status": "unknown", hidden: true }, model, badge, state);
  return {
    element,

    /** @param {Engine | null} engine Null while the box does not answer. */
    show(engine) {
      element.hidden = false;
      badge.hidden = !engine?.stays_here;
      element.dataset["status"] = engine ? lookOf(engine) : "unreachable";
      if (engine) fill(model, engine.model_title ?? t("engine.no_model_name"));
      words.textContent = engine ? wordsOf(engine) : t("engine.unreachable");
    },
  };
}

/**
 * @param {Engine} engine Its state.
 * @returns {string} What the dot looks like.
 */
function lookOf(engine) {
  return engine.status === "ready" && engine.running + engine.waiting > 0 ? "busy" : engine.status;
}

/**
 * @param {Engine} engine Its state.
 * @returns {string} In words.
 */
function wordsOf(engine) {
  const words = findText(`engine.${lookOf(engine)}`) ?? engine.status;
  const isLoading = engine.status === "loading" && engine.load_percent !== null;
  return isLoading ? `${words} ${share(engine.load_percent ?? 0)}` : words;
}
