/** How answers are to be written: what this person chose, remembered in the account. */

import { isAbort, problemIn } from "../../api/failures.js";
import { loadPageTexts } from "../../lib/more-texts.js";

/**
 * @typedef {import("../../api/types.js").AnswerOptions} AnswerOptions
 * @typedef {import("../../components/options-panel.js").OptionName} OptionName
 */

/** @type {readonly OptionName[]} */
const NAMES = ["temperature", "top_p", "max_tokens"];

/** The options of one person, with the panel that changes them; it is loaded when somebody wants it. */
export class Options {
  #habits;
  #onProblem;
  #root;
  /** @type {ReturnType<typeof import("../../components/options-panel.js").createOptionsPanel> | null} */
  #panel = null;

  /**
   * @param {HTMLElement} root Where the panel goes.
   * @param {import("../../api/habits.js").Habits} habits Where they are kept.
   * @param {(problem: import("../../api/types.js").Problem) => void} onProblem Called if they cannot be kept.
   */
  constructor(root, habits, onProblem) {
    this.#root = root;
    this.#habits = habits;
    this.#onProblem = onProblem;
  }

  /** @returns {AnswerOptions} What was chosen; the rest is left to the engine. */
  get chosen() {
    const { current } = this.#habits;
    return Object.fromEntries(NAMES.flatMap((name) => (typeof current[name] === "number" ? [[name, current[name]]] : [])));
  }

  /** Shows the panel, or puts it away. */
  async toggle() {
    const panel = this.#panel ?? (await this.#load());
    panel.update(this.chosen);
    panel.toggle();
  }

  async #load() {
    const [{ createOptionsPanel }] = await Promise.all([import("../../components/options-panel.js"), loadPageTexts()]);
    const panel = createOptionsPanel({ onChange: (name, value) => void this.#change({ [name]: value }), onReset: () => void this.#reset() });
    this.#panel = panel;
    this.#root.append(panel.element);
    return panel;
  }

  async #reset() {
    await this.#change(Object.fromEntries(NAMES.map((name) => [name, null])));
    this.#panel?.update(this.chosen);
  }

  /** @param {Record<string, number | null>} part What is new. */
  async #change(part) {
    try {
      await this.#habits.change(part);
    } catch (error) {
      if (!isAbort(error)) this.#onProblem(problemIn(error));
    }
  }
}
