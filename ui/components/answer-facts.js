/** Names and values of what is known of an answer: model, speed, waiting, tokens. */

import { duration, number } from "../lib/formats.js";
import { findText, t } from "../lib/texts.js";

/** @typedef {import("../api/types.js").Message} Message */

/**
 * Returns what is known of how an answer was written.
 *
 * @param {Message} message The answer.
 * @param {{ showsTokens: boolean }} look Whether speed is told in tokens or in words.
 * @returns {[string, string][]} Names and values of what is known.
 */
export function factsOf(message, { showsTokens }) {
  const { model, usage, timings } = message;
  /** @type {[string, string | null][]} */
  const facts = [
    [t("details.model"), model],
    [t("details.speed"), showsTokens ? perSecond(timings?.tokens_per_s) : wordsPerSecond(message)],
    [t("details.first_word"), seconds(firstWordS(timings))],
    [t("details.waited"), seconds(timings?.queued_s)],
    [t("details.reading"), seconds(timings?.reading_s)],
    [t("details.writing"), seconds(timings?.writing_s)],
    [t("details.tokens"), tokens(usage)],
    ...originOf(message),
    [t("details.cached"), message.cached ? t("details.cached_yes") : null],
  ];
  return facts.filter((fact) => fact[1] !== null).map(([name, value]) => [name, value ?? ""]);
}

/**
 * @param {Message} message The answer.
 * @returns {[string, string | null][]} Who wrote it, why that one, and what it cost.
 */
function originOf({ provider_name: who, fallback_reason: why, cost_eur: costEur }) {
  return [
    [t("details.who"), who || null],
    [t("details.why"), why ? (findText(`details.why.${why}`) ?? why) : null],
    [t("details.cost"), costEur ? t("details.cost_eur", { n: number(costEur, 5) }) : null],
  ];
}

/**
 * @param {import("../api/types.js").Timings | null} timings What was measured.
 * @returns {number | null} Seconds from the question to the first word.
 */
function firstWordS(timings) {
  if (!timings || timings.reading_s === null) return null;
  return (timings.queued_s ?? 0) + timings.reading_s;
}

/**
 * @param {Message} message The answer.
 * @returns {string | null} Its speed in words.
 */
function wordsPerSecond({ content, timings }) {
  const count = content.match(/\S+/gu)?.length ?? 0;
  return timings?.writing_s && count > 1 ? t("details.words_per_second", { n: number(count / timings.writing_s, 1) }) : null;
}

/**
 * @param {number | null | undefined} durationS Seconds.
 * @returns {string | null} In words.
 */
function seconds(durationS) {
  if (durationS === null || durationS === undefined) return null;
  return durationS < 10 ? t("unit.seconds", { s: number(durationS, 1) }) : duration(durationS);
}

/**
 * @param {number | null | undefined} rate Tokens per second.
 * @returns {string | null} In words.
 */
function perSecond(rate) {
  return rate ? t("details.per_second", { n: number(rate, 1) }) : null;
}

/**
 * @param {import("../api/types.js").Usage | null} usage What was counted.
 * @returns {string | null} In words.
 */
function tokens(usage) {
  if (!usage || usage.completion_tokens === null) return null;
  return t("details.read_and_written", { read: number(usage.prompt_tokens ?? 0), written: number(usage.completion_tokens) });
}
