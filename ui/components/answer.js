/** An answer: its stages, its text as it grows, and how it ended. */

import { button, fill, h, icon, on, setAttribute } from "../lib/elements.js";
import { timeOfDay } from "../lib/formats.js";
import { wordsFor } from "../lib/problems.js";
import { stageLine } from "../lib/stages.js";
import { t } from "../lib/texts.js";
import { createAnswerDetails } from "./answer-details.js";
import { createAnswerText } from "./answer-text.js";
import { createCopyButton } from "./copy-button.js";
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
  const stage = h("p", { class: "stage", hidden: true });
  const text = createAnswerText();
  const ending = h("div", { class: "ending", hidden: true });
  const versions = createVersions(actions.onVersion);
  const details = createAnswerDetails();
  const retry = retryButton(() => state && actions.onRetry(state.message));
  const copy = createCopyButton({ label: t("message.copy"), textOf: () => state?.message.content ?? "" });
  const row = h("div", { class: "message-row" }, versions.element, copy, retry, details.element);
  const element = h("article", { class: "answer" }, stage, text.element, ending, row);
  let shown = { content: "", isLive: false, endingKey: "" };
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
      if (shown.content !== message.content || shown.isLive !== isLive) text.update(message.content, isLive);
      drawStage(stage, next);
      const endingKey = JSON.stringify([message.state, message.error, message.finish_reason, isLive, next.canRetry, next.canContinue]);
      if (endingKey !== shown.endingKey) drawEnding(ending, next, actions);
      shown = { content: message.content, isLive, endingKey };
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
 * @param {HTMLElement} element The line.
 * @param {AnswerState} state What is going on.
 */
function drawStage(element, { isLive, stage, elapsedS, message }) {
  const isWaiting = isLive && !message.content;
  setAttribute(element, "hidden", !isWaiting);
  if (!isWaiting) return;
  const words = stageLine(stage, elapsedS);
  const share = stage?.percent ?? null;
  if (!element.firstChild) fill(element, h("span", { class: "stage-mark", "aria-hidden": "true" }), h("span", { class: "stage-words" }), h("progress", { class: "stage-share", max: 100, hidden: true, "aria-label": t("stage.share") }));
  const [, line, bar] = element.children;
  if (line && line.textContent !== words) line.textContent = words;
  if (!(bar instanceof HTMLProgressElement)) return;
  setAttribute(bar, "hidden", share === null);
  if (share !== null) bar.value = share;
}

/**
 * @param {HTMLElement} element The box.
 * @param {AnswerState} state How it ended.
 * @param {AnswerActions} actions What can be done about it.
 */
function drawEnding(element, state, actions) {
  const notice = state.isLive ? null : noticeOf(state.message);
  setAttribute(element, "hidden", notice === null);
  if (!notice) return;
  element.dataset["kind"] = notice.kind;
  const lines = h("div", { class: "ending-lines" }, h("p", { class: "ending-what" }, notice.what));
  if (notice.hint) lines.append(h("p", { class: "ending-hint" }, notice.hint));
  if (notice.support) lines.append(h("p", { class: "ending-support" }, t("problem.support", { code: notice.support })));
  const canAct = notice.action === "continue" ? state.canContinue : state.canRetry;
  const act = notice.action === "continue" ? actions.onContinue : () => actions.onRetry(state.message);
  const label = notice.action === "continue" ? t("answer.continue") : t("answer.again");
  fill(element, icon(notice.kind === "calm" ? "pause" : "warning"), lines, canAct && button(label, act, { kind: "plain" }));
}

/**
 * @param {Message} message A finished answer.
 * @returns {{ kind: "calm" | "bad", what: string, hint: string, support: string, action: "retry" | "continue" } | null}
 *   What is to be said about its end; null if it is simply complete.
 */
function noticeOf({ state, error, finish_reason: reason, content }) {
  if (state === "failed") {
    const words = wordsFor(error ?? { code: "unknown" });
    return { kind: "bad", ...words, action: "retry" };
  }
  if (state === "interrupted") {
    return { kind: "bad", what: t("answer.interrupted"), hint: t("answer.interrupted_hint"), support: "", action: "retry" };
  }
  if (state === "stopped") return { kind: "calm", what: t("answer.stopped"), hint: "", support: "", action: content ? "continue" : "retry" };
  if (state === "done" && reason === "length") return { kind: "calm", what: t("answer.cut"), hint: "", support: "", action: "continue" };
  return state === "done" && !content ? { kind: "calm", what: t("answer.empty"), hint: "", support: "", action: "retry" } : null;
}
