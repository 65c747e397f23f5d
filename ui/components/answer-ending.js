/** How an answer ended, where that is not simply well: in words, with what can be done. */

import { button, fill, h, icon, setAttribute } from "../lib/elements.js";
import { wordsFor } from "../lib/problems.js";
import { t } from "../lib/texts.js";

/**
 * @typedef {import("../api/types.js").Message} Message
 * @typedef {{ kind: "calm" | "bad", what: string, hint: string, support: string, action: "retry" | "continue" }} Notice
 * @typedef {{ message: Message, isLive: boolean, canContinue: boolean }} EndingState
 * @typedef {{ onContinue: () => void, onRetry: () => void }} EndingActions
 */

/**
 * Returns the box; hidden while there is nothing to say.
 *
 * @param {EndingActions} actions What its button does.
 */
export function createAnswerEnding(actions) {
  const element = h("div", { class: "ending", hidden: true });
  let drawnKey = "";
  return {
    element,

    /** @param {EndingState} state How it ended, and what is possible now. */
    update(state) {
      const notice = state.isLive ? null : noticeOf(state.message);
      const key = JSON.stringify([notice, state.canContinue]);
      if (key === drawnKey) return;
      drawnKey = key;
      setAttribute(element, "hidden", notice === null);
      if (notice) draw(element, notice, buttonFor(notice, state, actions));
    },
  };
}

/**
 * @param {HTMLElement} element The box.
 * @param {Notice} notice What to say.
 * @param {HTMLButtonElement | null} act What can be done.
 */
function draw(element, notice, act) {
  const hint = notice.hint && h("p", { class: "ending-hint" }, notice.hint);
  const support = notice.support && h("p", { class: "ending-support" }, t("problem.support", { code: notice.support }));
  const lines = h("div", { class: "ending-lines" }, h("p", { class: "ending-what" }, notice.what), hint, support);
  element.dataset["kind"] = notice.kind;
  fill(element, icon(notice.kind === "calm" ? "pause" : "warning"), lines, act);
}

/**
 * @param {Notice} notice What is said.
 * @param {EndingState} state What is possible now.
 * @param {EndingActions} actions What the button does.
 * @returns {HTMLButtonElement | null} The button, where it can be used.
 */
function buttonFor({ action }, { canContinue }, { onContinue, onRetry }) {
  if (action === "continue") return canContinue ? button(t("answer.continue"), onContinue) : null;
  return button(t("answer.again"), onRetry);
}

/**
 * @param {Message} message A finished answer.
 * @returns {Notice | null} What is to be said about its end; null if it is simply complete.
 */
function noticeOf({ state, error, finish_reason: reason, content }) {
  switch (state) {
    case "failed":
      return { kind: "bad", ...wordsFor(error ?? { code: "unknown" }), action: "retry" };
    case "interrupted":
      return { kind: "bad", what: t("answer.interrupted"), hint: t("answer.interrupted_hint"), support: "", action: actionFor(content) };
    case "stopped":
      return calm(t("answer.stopped"), actionFor(content));
    default:
      if (reason === "length") return calm(t("answer.cut"), "continue");
      return content ? null : calm(t("answer.empty"), "retry");
  }
}

/**
 * @param {string} what What to say.
 * @param {"retry" | "continue"} action What can be done.
 * @returns {Notice} A notice without alarm.
 */
function calm(what, action) {
  return { kind: "calm", what, hint: "", support: "", action };
}

/**
 * @param {string} content What there is of an answer.
 * @returns {"retry" | "continue"} What helps: an answer without a word begins again.
 */
function actionFor(content) {
  return content ? "continue" : "retry";
}
