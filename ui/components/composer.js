/** Where questions are written, and files are put beside them. */

import { fill, h, icon, on, setAttribute } from "../lib/elements.js";
import { number } from "../lib/formats.js";
import { t } from "../lib/texts.js";
import { createAttachMenu } from "./attach-menu.js";
import { createFileChips } from "./file-chips.js";

export const LONGEST_MESSAGE = 100_000;
const COUNTED_FROM = 90_000;
// A longer paste becomes a file: the field stays something that one can read.
const LONGEST_PASTE = 4000;

/**
 * @typedef {object} ComposerActions
 * @property {(text: string) => void} onSend Called with a question.
 * @property {() => void} onStop Asked to end the answer.
 * @property {(text: string) => void} onInput Called at each change of the text.
 * @property {() => void} onEditLast Asked to edit the last question (arrow up in an empty field).
 * @property {(files: File[]) => void} onFiles Called with files that were chosen or pasted.
 * @property {(key: string) => void} onRemoveFile Asked to take a file out.
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
 * @param {import("./attach-menu.js").FileLimits} limits Which files may be added.
 * @param {AbortSignal} signal Ends it.
 */
export function createComposer(actions, limits, signal) {
  const field = h("textarea", { class: "composer-field", rows: 1, "aria-label": t("composer.label"), placeholder: t("composer.placeholder"), enterkeyhint: isTouchOnly() ? "enter" : "send", "data-ref": "composer" });
  const act = h("button", { type: "button", class: "composer-act" });
  const count = h("p", { class: "composer-count", hidden: true });
  const reason = h("p", { class: "composer-reason", role: "status" });
  const chips = createFileChips(actions.onRemoveFile);
  const attach = createAttachMenu({ limits, onFiles: actions.onFiles }, signal);
  const element = h("div", { class: "composer" }, chips.element, reason, h("div", { class: "composer-line" }, attach, field, act));
  const now = { isAnswering: false, obstacle: "" };
  const isTooLong = () => [...field.value].length > LONGEST_MESSAGE;
  const canSend = () => field.value.trim() !== "" && !isTooLong() && now.obstacle === "";
  const draw = () => {
    const length = [...field.value].length;
    drawAct(act, { isAnswering: now.isAnswering, canSend: canSend() });
    // Said once there is something to send: until then the files themselves tell how they are.
    const told = field.value.trim() === "" ? "" : now.obstacle;
    if (reason.textContent !== told) reason.textContent = told;
    setAttribute(count, "hidden", length < COUNTED_FROM);
    count.textContent = t("composer.count", { n: number(length), most: number(LONGEST_MESSAGE) });
    setAttribute(field, "aria-invalid", isTooLong() ? "true" : null);
    fit(field);
  };
  const send = () => {
    if (now.isAnswering || !canSend()) return;
    actions.onSend(field.value.trim());
    if (isTouchOnly()) field.blur();
  };
  on(act, { click: () => (now.isAnswering ? actions.onStop() : send()) });
  on(field, {
    input: () => {
      draw();
      actions.onInput(field.value);
    },
    keydown: (event) => onKey(event, { field, send, isAnswering: () => now.isAnswering, actions }),
    paste: (event) => onPaste(event, actions.onFiles),
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

    /** @param {boolean} isAnswering Whether an answer is being written: then the button stops it. */
    setAnswering(isAnswering) {
      if (isAnswering === now.isAnswering) return;
      now.isAnswering = isAnswering;
      draw();
    },

    /**
     * @param {readonly import("./file-chips.js").Chip[]} files Those that go with the question.
     */
    setFiles(files) {
      chips.update(files);
      now.obstacle = obstacleOf(files);
      draw();
    },

    /** Measures the field again, once it is in the page. */
    fit: () => fit(field),
  };
}

/**
 * @param {readonly import("./file-chips.js").Chip[]} files Those that go with the question.
 * @returns {string} Why they keep it from being sent, in words; empty if they do not.
 */
function obstacleOf(files) {
  if (files.some(({ phase }) => phase === "failed")) return t("composer.files_failed");
  return files.every(({ phase }) => phase === "ready") ? "" : t("composer.files_first");
}

/** @param {HTMLTextAreaElement} field It becomes as high as its text; the styles bound it. */
function fit(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

/**
 * @param {ClipboardEvent} event Something is pasted.
 * @param {(files: File[]) => void} onFiles Gets files, and long texts as files.
 */
function onPaste(event, onFiles) {
  const files = [...(event.clipboardData?.files ?? [])];
  const text = event.clipboardData?.getData("text/plain") ?? "";
  // Some programs put a picture of a text beside it: the text counts.
  const pasted = text ? longTextAsFile(text) : files;
  if (pasted.length === 0) return;
  event.preventDefault();
  onFiles(pasted);
}

/**
 * @param {string} text What is pasted.
 * @returns {File[]} It as a file, if it is long.
 */
function longTextAsFile(text) {
  return text.length > LONGEST_PASTE ? [new File([text], t("files.pasted_name"), { type: "text/plain" })] : [];
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
