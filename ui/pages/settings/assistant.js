/** The assistant: which model answers and where, how fast the engine is, how answers are written. */

import { createSelect } from "../../components/choices.js";
import { createEngineStatus } from "../../components/engine-status.js";
import { createForm } from "../../components/form.js";
import { createPanel } from "../../components/panel.js";
import { button, fill, h } from "../../lib/elements.js";
import { number } from "../../lib/formats.js";
import { t } from "../../lib/texts.js";
import { told, wordsOf } from "../failing.js";
import { createSlider } from "../../components/slider.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/types.js").Engine} Engine
 */

// What a person feels as at once, and as slow (milliseconds).
const QUICK_MS = 300;
// Three words are about four tokens, in Spanish as in English.
const WORDS_PER_TOKEN = 0.75;
const LENGTHS = [256, 512, 1024, 2048, 4096, 8192];

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showAssistant(content, part) {
  fill(content, createModelPanel(part), createPingPanel(part), createPanel(t("assistant.answers"), t("assistant.answers_lead"), createAnswerForm(part)));
}

/**
 * @param {Part} part What it works with.
 * @returns {HTMLElement} The model in use.
 */
function createModelPanel({ context, signal }) {
  const status = createEngineStatus();
  context.engineWatch.subscribe(status.show, signal);
  const link = h("a", { href: "#/models" }, context.user.role === "admin" ? t("assistant.choose") : t("assistant.see_models"));
  return createPanel(t("assistant.model"), t("assistant.model_lead"), status.element, h("p", {}, link));
}

/**
 * @param {Part} part What it works with.
 * @returns {HTMLElement} How quickly the engine answers.
 */
function createPingPanel({ context, signal }) {
  const place = h("div", { class: "ping", role: "status" });
  const ask = async () => {
    fill(place, pingLine("busy", t("assistant.asking")));
    const startedMs = performance.now();
    try {
      const engine = await context.engine.state(signal);
      fill(place, ...pingWords(engine, Math.max(1, Math.round(performance.now() - startedMs))));
    } catch (error) {
      const text = wordsOf(error);
      if (text !== null) fill(place, pingLine("bad", text));
    }
  };
  void ask();
  return createPanel(t("assistant.ping"), t("assistant.ping_lead"), place, h("div", { class: "form-row" }, button(t("assistant.ping_again"), () => void ask(), { symbol: "retry" })));
}

/**
 * @param {Engine} engine What the box said.
 * @param {number} tookMs How long it took to say so.
 * @returns {Node[]} State, delay and speed in words.
 */
function pingWords(engine, tookMs) {
  const isReady = engine.status === "ready";
  const isDown = engine.status === "failed" || engine.status === "no_model";
  const look = isDown ? "bad" : isReady && tookMs <= QUICK_MS ? "good" : "warn";
  const words = { good: t("assistant.good"), warn: isReady ? t("assistant.slow") : t("assistant.not_yet"), bad: t("assistant.down") }[look];
  const speed = engine.tokens_per_s;
  return [
    pingLine(look, words),
    h("p", {}, t("assistant.latency", { n: number(tookMs) })),
    h("p", {}, speed ? t("assistant.speed", { n: number(speed * WORDS_PER_TOKEN, 1) }) : t("assistant.no_speed")),
  ];
}

/**
 * @param {"good" | "warn" | "bad" | "busy"} look How the dot looks.
 * @param {string} words What it says.
 * @returns {HTMLElement} Both.
 */
function pingLine(look, words) {
  return h("p", { class: "ping-line", "data-look": look }, h("span", { class: "ping-dot", "aria-hidden": "true" }), h("strong", {}, words));
}

/**
 * @param {Part} part What it works with.
 * @returns {HTMLFormElement} How answers are written.
 */
function createAnswerForm({ context }) {
  const known = context.habits.current;
  const temperature = createSlider({ label: t("assistant.temperature"), hint: t("assistant.temperature_hint"), from: 0, to: 2, step: 0.1, value: known.temperature ?? null, unset: t("assistant.by_model") });
  const topP = createSlider({ label: t("assistant.top_p"), hint: t("assistant.top_p_hint"), from: 0.05, to: 1, step: 0.05, value: known.top_p ?? null, unset: t("assistant.by_model") });
  const lengths = LENGTHS.map((n) => ({ value: String(n), label: t("assistant.length", { n: number(n), words: number(n * WORDS_PER_TOKEN) }) }));
  const length = createSelect({ label: t("assistant.max_tokens"), name: "max_tokens", hint: t("assistant.max_tokens_hint"), choices: [{ value: "", label: t("assistant.by_model") }, ...lengths], value: String(known.max_tokens ?? "") });
  const save = (/** @type {import("../../api/types.js").Preferences} */ changes) => told(context.toasts, () => context.habits.change(changes), t("form.saved"));
  const reset = () => {
    temperature.show(null);
    topP.show(null);
    length.select.value = "";
    void save({ temperature: null, top_p: null, max_tokens: null });
  };
  const send = async () => {
    await save({ temperature: temperature.value(), top_p: topP.value(), max_tokens: Number(length.select.value) || null });
    return null;
  };
  return createForm({ fields: [temperature.element, topP.element, length.element], submit: t("form.save"), busy: t("form.saving"), isSmall: true, onCancel: reset, cancel: t("assistant.reset"), send });
}
