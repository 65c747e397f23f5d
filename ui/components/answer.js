/** An answer: its stages, its text as it grows, and how it ended. */

import { h, icon, on, setAttribute } from "../lib/elements.js";
import { timeOfDay } from "../lib/formats.js";
import { t } from "../lib/texts.js";
import { createAnswerDetails } from "./answer-details.js";
import { createAnswerEnding } from "./answer-ending.js";
import { createAnswerText } from "./answer-text.js";
import { createCopyButton } from "./copy-button.js";
import { createStageLine } from "./stage-line.js";
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
 * @property {boolean} canRetry Whether another answer may be asked for now.
 * @property {boolean} canContinue Whether the conversation goes on from here.
 *
 * @typedef {object} AnswerActions
 * @property {(message: Message) => void} onRetry Asked for another answer.
 * @property {() => void} onContinue Asked to go on where it was cut.
 * @property {(messageId: string) => void} onVersion Asked to show another version.
 */

/**
 * Returns an answer.
 *
 * @param {AnswerActions} actions What its buttons do.
 */
export function createAnswer(actions) {
  /** @type {AnswerState | null} */
  let state = null;
  const stage = createStageLine();
  const text = createAnswerText();
  const ending = createAnswerEnding({ onContinue: actions.onContinue, onRetry: () => state && actions.onRetry(state.message) });
  const versions = createVersions(actions.onVersion);
  const details = createAnswerDetails();
  const retry = retryButton(() => state && actions.onRetry(state.message));
  const copy = createCopyButton({ label: t("message.copy"), textOf: () => state?.message.content ?? "" });
  const row = h("div", { class: "message-row" }, versions.element, copy, retry, details.element);
  const element = h("article", { class: "answer" }, stage.element, text.element, ending.element, row);
  let shown = { content: "", isLive: false };
  return {
    element,

    /** @param {AnswerState} next What to show. */
    update(next) {
      const { message, isLive } = next;
      state = next;
      element.setAttribute("aria-label", t("message.answer", { time: timeOfDay(message.created_at) }));
      element.setAttribute("aria-busy", String(isLive));
      setAttribute(row, "hidden", isLive);
      setAttribute(retry, "hidden", !next.canRetry);
      setAttribute(copy, "hidden", !message.content);
      versions.update(next.versions, next.index);
      details.update(message);
      if (shown.content !== message.content || shown.isLive !== isLive) text.update(message.content, isLive || isCut(message));
      if (isLive && !message.content) stage.show(next.stage, next.elapsedS);
      else stage.hide();
      ending.update(next);
      shown = { content: message.content, isLive };
    },
  };
}

/**
 * @param {() => void} act Asks for another answer.
 * @returns {HTMLButtonElement} The button.
 */
function retryButton(act) {
  const label = t("answer.retry");
  return on(h("button", { type: "button", class: "row-action", title: label }, icon("retry"), h("span", {}, label)), { click: act });
}

/**
 * @param {Message} message A finished answer.
 * @returns {boolean} Whether its text may end in the middle of a sentence, a mark or a table.
 */
function isCut({ state, finish_reason: reason }) {
  return state !== "done" || reason === "length";
}
