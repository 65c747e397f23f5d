/** Where questions are written. */

import { fill, h, icon, on, setAttribute } from "../lib/elements.js";
import { number } from "../lib/formats.js";
import { t } from "../lib/texts.js";

export const LONGEST_MESSAGE = 100_000;
const COUNTED_FROM = 90_000;

/**
 * @typedef {object} ComposerActions
 * @property {(text: string) => void} onSend Called with a question.
 * @property {() => void} onStop Asked to end the answer.
 * @property {(text: string) => void} onInput Called at each change of the text.
 * @property {() => void} onEditLast Asked to edit the last question (arrow up in an empty field).
 */

/** @typedef {ReturnType<typeof createComposer>} Composer */

/**
 * Tells whether Return is a new line: on devices with nothing but a finger.
 *
 * @returns {boolean} Whether there is neither mouse nor keyboard.
 */
function isTouchOnly() {
  return matchMedia("(any-hover: none) and (any-pointer: coarse)").matches;
}

/**
 * Returns the composer.
 *
 * @param {ComposerActions} actions What happens.
 */
export function createComposer(actions) {
  const field = h("textarea", { class: "composer-field", rows: 1, "aria-label": t("composer.label"), placeholder: t("composer.placeholder"), enterkeyhint: isTouchOnly() ? "enter" : "send", "data-ref": "composer" });
  const act = h("button", { type: "button", class: "composer-act" });
  const count = h("p", { class: "composer-count", hidden: true });
  const element = h("div", { class: "composer" }, field, act);
  let isAnswering = false;
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  const draw = () => {
    const length = [...field.value].length;
    const isTooLong = length > LONGEST_MESSAGE;
    drawAct(act, { isAnswering, canSend: field.value.trim() !== "" && !isTooLong });
    setAttribute(count, "hidden", length < COUNTED_FROM);
    count.textContent = t("composer.count", { n: number(length), most: number(LONGEST_MESSAGE) });
    setAttribute(field, "aria-invalid", isTooLong ? "true" : null);
    fit();
  };
  const send = () => {
    const text = field.value.trim();
    if (isAnswering || !text || [...text].length > LONGEST_MESSAGE) return;
    actions.onSend(text);
    if (isTouchOnly()) field.blur();
  };
  on(act, { click: () => (isAnswering ? actions.onStop() : send()) });
  on(field, {
    input: () => {
      draw();
      actions.onInput(field.value);
    },
    keydown: (event) => onKey(event, { field, send, isAnswering: () => isAnswering, actions }),
  });
  draw();
  return {
    element,
    count,
    focus: () => field.focus(),
    get text() {
      return field.value;
    },

    /** @param {string} text What the field holds now. */
    setText(text) {
      field.value = text;
      draw();
    },

    /** @param {boolean} isNow Whether an answer is being written: then the button stops it. */
    setAnswering(isNow) {
      if (isNow === isAnswering) return;
      isAnswering = isNow;
      draw();
    },

    /** Measures the field again, once it is in the page. */
    fit,
  };
}

/**
 * @param {HTMLButtonElement} element The button.
 * @param {{ isAnswering: boolean, canSend: boolean }} state What it does now.
 */
function drawAct(element, { isAnswering, canSend }) {
  const label = isAnswering ? t("composer.stop") : t("composer.send");
  const symbol = isAnswering ? "stop" : "send";
  if (element.dataset["symbol"] !== symbol) fill(element, icon(symbol));
  element.dataset["symbol"] = symbol;
  element.setAttribute("aria-label", label);
  element.title = label;
  setAttribute(element, "aria-disabled", isAnswering || canSend ? null : "true");
}

/**
 * @param {KeyboardEvent} event A key in the field.
 * @param {{ field: HTMLTextAreaElement, send: () => void, isAnswering: () => boolean, actions: ComposerActions }} composer The composer.
 */
function onKey(event, { field, send, isAnswering, actions }) {
  const isBusy = isAnswering();
  if (isBusy && event.key === "Escape" && !event.shiftKey) actions.onStop();
  else if (!isBusy && event.key === "ArrowUp" && field.value === "") actions.onEditLast();
  else if (isSending(event)) send();
  else return;
  event.preventDefault();
}

/**
 * @param {KeyboardEvent} event A key in the field.
 * @returns {boolean} Whether it sends: a plain Enter that no input method needs, where there is a keyboard.
 */
function isSending(event) {
  const isPlain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
  // 229: an input method is still composing (Safari ends the composition before this event).
  const isComposing = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && isPlain && !isComposing && !isTouchOnly();
}
