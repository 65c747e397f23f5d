/** What an answer is doing before its first word, in words. */

import { duration, share } from "./formats.js";
import { t, tCount } from "./texts.js";

/**
 * @typedef {{ stage: "queued" | "loading" | "reading" | "thinking" | "writing", ahead?: number | null | undefined,
 *   percent?: number | null | undefined, eta_s?: number | null | undefined }} Stage
 */

const ELAPSED_FROM_S = 3;

/**
 * Returns a line such as "In the queue: 2 ahead (≈ 40 s) · 5 s".
 *
 * @param {Stage | null} stage As the box told it; null before it has told anything.
 * @param {number} elapsedS Seconds since the question was sent.
 * @returns {string} The line.
 */
export function stageLine(stage, elapsedS) {
  const words = stageWords(stage);
  return elapsedS >= ELAPSED_FROM_S ? `${words} · ${duration(elapsedS)}` : words;
}

/**
 * Returns what it is doing, without the time.
 *
 * @param {Stage | null} stage As the box told it; null before it has told anything.
 * @returns {string} Words.
 */
export function stageWords(stage) {
  if (!stage) return t("stage.sending");
  if (stage.stage === "queued") return queueWords(stage);
  if (stage.stage === "loading") return withShare(t("stage.loading"), stage.percent);
  if (stage.stage === "reading") return withShare(t("stage.reading"), stage.percent);
  return stage.stage === "thinking" ? t("stage.thinking") : t("stage.writing");
}

/**
 * @param {Stage} stage In the queue.
 * @returns {string} Its place, and the wait where that is known.
 */
function queueWords({ ahead, eta_s: etaS }) {
  const place = ahead ? tCount("stage.queued", ahead) : t("stage.queued_next");
  return etaS ? `${place} (≈ ${duration(etaS)})` : place;
}

/**
 * @param {string} words Words.
 * @param {number | null | undefined} percent 0 to 100.
 * @returns {string} Both, where there is a share.
 */
function withShare(words, percent) {
  return percent === null || percent === undefined ? `${words}…` : `${words} ${share(percent)}`;
}
