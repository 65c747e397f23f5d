/** One message in the thread: drawn while it is near the window, else its text alone, as high as it was. */

import { createAnswer, nameOfAnswer } from "../../components/answer.js";
import { createQuestionEditor } from "../../components/question-editor.js";
import { createQuestion, nameOfQuestion } from "../../components/question.js";
import { h, setAttribute } from "../../lib/elements.js";
import { guessedHeightPx } from "../../lib/guessed-heights.js";
import { makeMemo } from "../../lib/memo.js";
import { partsOf } from "../../lib/thinking.js";
import { tCount } from "../../lib/texts.js";

/**
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {import("../../lib/branches.js").Step<Message>} Step
 * @typedef {import("./thread.js").ThreadActions} ThreadActions
 * @typedef {{ showsTokens: boolean }} Look How answers tell their details.
 * @typedef {{ state: import("./conversing.js").ConversingState, elapsedS: number, isLast: boolean }} Scene
 * @typedef {{ nodes: HTMLElement[], draw: (step: Step, scene: Scene) => void }} Drawing
 */

const HEIGHT = "--thread-item-height";

/**
 * Returns the place of a message; its text alone is there until it is shown.
 *
 * @param {Message} message The message.
 * @param {ThreadActions} actions What its buttons do.
 * @param {Look} look How it tells its details.
 * @param {number} columnPx How wide it stands.
 */
export function makeItem({ role }, actions, look, columnPx) {
  const element = h("div", { class: "thread-item" });
  const memo = makeMemo();
  /** @type {[Step, Scene] | null} */
  let latest = null;
  /** @type {Drawing | null} */
  let drawing = null;
  const drawFar = (/** @type {Message} */ message, /** @type {number} */ heightPx) => {
    element.classList.add("is-far");
    element.style.setProperty(HEIGHT, `${heightPx}px`);
    element.replaceChildren(textAlone(message));
  };
  return {
    element,
    /** Whether it stays drawn wherever the reader is. */
    isKept: false,

    /** @returns {boolean} Whether it is drawn. */
    get isDrawn() {
      return drawing !== null;
    },

    /**
     * @param {Step} step What to show.
     * @param {Scene} scene What else it depends on.
     */
    update(step, scene) {
      latest = [step, scene];
      if (drawing) drawing.draw(...latest);
      else memo([step.message], () => drawFar(step.message, guessedHeightPx(step.message.content, columnPx)));
    },

    /** Draws it. */
    show() {
      if (drawing || !latest) return;
      drawing = role === "user" ? drawQuestion(actions) : drawAnswer(actions, look);
      drawing.draw(...latest);
      element.classList.remove("is-far");
      element.replaceChildren(...drawing.nodes);
    },

    /**
     * Leaves its text alone there.
     *
     * @param {number} heightPx How high it was.
     */
    giveBack(heightPx) {
      if (!drawing || !latest) return;
      drawing = null;
      drawFar(latest[0].message, heightPx);
    },
  };
}

/**
 * @param {Message} message A message.
 * @returns {HTMLElement} Its text as it was written: for who searches the page, or has it read.
 */
function textAlone(message) {
  const isQuestion = message.role === "user";
  const attributes = { class: isQuestion ? "question" : "answer", "aria-label": isQuestion ? nameOfQuestion(message) : nameOfAnswer(message) };
  return h("article", { ...attributes, "data-id": message.id }, partsOf(message.content).text);
}

/**
 * @param {ThreadActions} actions What its buttons do.
 * @returns {Drawing} A question; while it is edited, its editor.
 */
function drawQuestion(actions) {
  const box = h("div");
  const finish = () => {
    box.replaceChildren(question.element);
    const edit = question.element.querySelector("[data-ref=edit]");
    if (edit instanceof HTMLElement) edit.focus();
  };
  const question = createQuestion({
    onVersion: actions.onVersion,
    onDownload: actions.onDownload,
    onEdit: (message) => {
      const onSend = (/** @type {string} */ text) => {
        finish();
        actions.onResend(message, text);
      };
      const editor = createQuestionEditor({ text: message.content, onSend, onCancel: finish });
      box.replaceChildren(editor.element);
      editor.focus();
    },
  });
  box.append(question.element);
  const memo = makeMemo();
  const draw = (/** @type {Step} */ step) => {
    memo([step.message, step.index, step.versions.length], () => question.update(step));
  };
  return { nodes: [box], draw };
}

/**
 * @param {ThreadActions} actions What its buttons do.
 * @param {Look} look How it tells its details.
 * @returns {Drawing} An answer, with a line above it where older messages were left out.
 */
function drawAnswer(actions, look) {
  const answer = createAnswer(actions, look);
  const note = h("p", { class: "thread-dropped", hidden: true });
  const memo = makeMemo();
  return {
    nodes: [note, answer.element],
    draw: (step, { state, elapsedS, isLast }) => {
      const { live } = state;
      const isLive = live?.messageId === step.message.id;
      // Once the box says from where the model read, the line across the messages tells it.
      const dropped = step.message.read_from ? 0 : (state.dropped.get(step.message.id) ?? 0);
      setAttribute(note, "hidden", dropped === 0);
      note.textContent = dropped ? tCount("chat.dropped", dropped) : "";
      const stage = isLive ? live.stage : null;
      const seconds = isLive ? Math.floor(elapsedS) : 0;
      const facts = [step.message, step.index, step.versions.length, isLive, stage, seconds, isLast];
      memo(facts, () => answer.update({ ...step, isLive, stage, elapsedS, canContinue: isLast }));
    },
  };
}
