/** An answer: its stages, its text as it grows, and how it ended. */

import { h, icon, on, setAttribute } from "../lib/elements.js";
import { timeOfDay } from "../lib/formats.js";
import { language, t } from "../lib/texts.js";
import { partsOf } from "../lib/thinking.js";
import { tongueOf } from "../lib/tongue.js";
import { createAnswerDetails } from "./answer-details.js";
import { createAnswerEnding } from "./answer-ending.js";
import { createAnswerText } from "./answer-text.js";
import { createCopyButton } from "./copy-button.js";
import { createFeedback } from "./feedback.js";
import { createStageLine } from "./stage-line.js";
import { createThought } from "./thought.js";
import { createVersions } from "./versions.js";

/**
 * @typedef {import("../api/types.js").Message} Message
 * @typedef {import("../api/types.js").Stage} Stage
 * @typedef {object} AnswerState
 * @property {Message} message As far as it is known.
 * @property {string[]} versions Ids of all answers to the question.
 * @property {number} index Which of them this is.
 * @property {boolean} isLive Whether it is being written.
 * @property {Stage | null} stage What it is doing.
 * @property {number} elapsedS Seconds since it was asked for.
 * @property {boolean} canContinue Whether the conversation goes on from here.
 *
 * @typedef {object} AnswerActions
 * @property {(message: Message) => void} onRetry Asked for another answer.
 * @property {(message: Message) => void} onContinue Asked to go on where it was cut.
 * @property {(message: Message, rating: import("../api/types.js").Rating | null) => void} onRate Told what somebody thinks of it.
 * @property {(messageId: string) => void} onVersion Asked to show another version.
 */

/**
 * Returns an answer.
 *
 * @param {AnswerActions} actions What its buttons do.
 * @param {{ showsTokens: boolean }} look Whether its details count tokens, for those who look after the box, or words.
 */
export function createAnswer(actions, look) {
  /** @type {AnswerState | null} */
  let state = null;
  const withMessage = (/** @type {(message: Message) => void} */ act) => () => state && act(state.message);
  const stage = createStageLine();
  const thought = createThought();
  const text = createAnswerText();
  const ending = createAnswerEnding({ onContinue: withMessage(actions.onContinue), onRetry: withMessage(actions.onRetry) });
  const versions = createVersions(actions.onVersion);
  const details = createAnswerDetails(look);
  const feedback = createFeedback((rating) => state && actions.onRate(state.message, rating));
  const retry = retryButton(withMessage(actions.onRetry));
  const copy = createCopyButton({ label: t("message.copy"), textOf: () => partsOf(state?.message.content ?? "").text });
  const row = h("div", { class: "message-row" }, copy, retry, versions.element, feedback.element, details.element);
  const element = h("article", { class: "answer" }, thought.element, text.element, stage.element, ending.element, row);
  let shown = { content: "", isLive: false };
  const drawText = (/** @type {Message} */ message, /** @type {boolean} */ isLive) => {
    if (shown.content === message.content && shown.isLive === isLive) return;
    shown = { content: message.content, isLive };
    const parts = partsOf(message.content);
    thought.update(parts.thought, isLive && parts.isThinking);
    text.update(parts.text, isLive || isCut(message));
    if (!isLive) setAttribute(text.element, "lang", otherTongue(parts.text));
  };
  return {
    element,

    /** @param {AnswerState} next What to show. */
    update(next) {
      const { message, isLive } = next;
      state = next;
      element.setAttribute("aria-label", nameOfAnswer(message));
      element.setAttribute("aria-busy", String(isLive));
      element.dataset["id"] = message.id;
      setAttribute(row, "hidden", isLive);
      setAttribute(copy, "hidden", !message.content);
      setAttribute(feedback.element, "hidden", !message.content);
      feedback.update(message.feedback ?? null);
      versions.update(next.versions, next.index);
      details.update(message);
      drawText(message, isLive);
      if (isLive && !isWriting(next)) stage.show(next.stage, next.elapsedS);
      else stage.hide();
      ending.update(next);
    },
  };
}

/**
 * Returns what an answer is called.
 *
 * @param {Message} message The answer.
 */
export function nameOfAnswer({ created_at: at }) {
  return t("message.answer", { time: timeOfDay(at) });
}

/**
 * @param {AnswerState} state Of an answer that is not finished.
 * @returns {boolean} Whether its text is growing: then nothing need be said.
 */
function isWriting({ message, stage }) {
  if (stage) return stage.stage === "writing" && message.content !== "";
  return message.content !== "" && message.state !== "queued";
}

/**
 * @param {string} text Of an answer.
 * @returns {string | null} Its language, if it is not that of the page.
 */
function otherTongue(text) {
  const tongue = tongueOf(text);
  return tongue === language() ? null : tongue;
}

/**
 * @param {() => void} act Asks for another answer.
 * @returns {HTMLButtonElement} The button.
 */
function retryButton(act) {
  const label = t("answer.retry");
  return on(h("button", { type: "button", class: "row-action row-ask", title: label }, icon("retry"), h("span", {}, label)), { click: act });
}

/**
 * @param {Message} message A finished answer.
 * @returns {boolean} Whether its text may end in the middle of a sentence, a mark or a table.
 */
function isCut({ state, finish_reason: reason }) {
  return state !== "done" || reason === "length";
}
