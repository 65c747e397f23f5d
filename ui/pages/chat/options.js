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
  staysHere = false;
  #client;
  #conversationId;
  #habits;
  #onProblem;
  #root;
  /** @type {ReturnType<typeof import("../../components/options-panel.js").createOptionsPanel> | null} */
  #panel = null;

  /**
   * @param {HTMLElement} root Where the panel goes.
   * @param {import("../context.js").PageContext} context Where they are kept, and asked for.
   * @param {() => string | null} conversationId Which conversation is open; null before it begins.
   * @param {(problem: import("../../api/types.js").Problem) => void} onProblem Called if they cannot be kept.
   */
  constructor(root, { habits, client }, conversationId, onProblem) {
    this.#root = root;
    this.#client = client;
    this.#conversationId = conversationId;
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
    const { showHouseOnly } = await import("./house-only.js");
    await showHouseOnly(panel.place, {
      client: this.#client,
      id: this.#conversationId(),
      isKept: this.staysHere,
      onNew: (isKept) => (this.staysHere = isKept),
      onProblem: (error) => isAbort(error) || this.#onProblem(problemIn(error)),
    });
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
