/** The files of a chat's composer and questions, with the box behind them. */

import { isAbort, problemIn } from "../../api/failures.js";
import { delayMs, pause } from "../../lib/backoff.js";
import { saveResponse } from "../../lib/saving.js";

/**
 * @typedef {import("../../api/types.js").AttachedFile} AttachedFile
 * @typedef {import("../../api/types.js").Problem} Problem
 * @typedef {import("./attaching.js").Attaching} Attaching
 *
 * @typedef {object} FilingNeeds
 * @property {import("../../api/client.js").Client} client Speaks with the box.
 * @property {(chips: readonly import("./attaching.js").Chip[]) => void} onChange Called when files change.
 * @property {(chip: import("./attaching.js").Chip) => void} onSettled Called when one is ready, or has failed.
 * @property {(problem: Pick<Problem, "code">, lead?: string) => void} onProblem Called when one is not sent, or does not come.
 */

/** The files of one chat; what handles them is loaded with the first one. */
export class Filing {
  #needs;
  /** @type {Promise<{ attaching: Attaching, files: import("../../api/files.js").Files }> | null} */
  #loading = null;
  /** @type {Attaching | null} */
  #attaching = null;

  /** @param {FilingNeeds} needs What it needs. */
  constructor(needs) {
    this.#needs = needs;
  }

  /**
   * Begins to send files.
   *
   * @param {File[]} files Which.
   */
  async add(files) {
    const { attaching } = await this.#load();
    attaching.add(files);
  }

  /** @param {string} key Which file to take out. */
  remove(key) {
    this.#attaching?.remove(key);
  }

  /** @returns {AttachedFile[]} Those that are ready: they go with a question. */
  take() {
    return this.#attaching?.take() ?? [];
  }

  /** @param {AttachedFile[]} files Of a question that the box has not taken. */
  async putBack(files) {
    const { attaching } = await this.#load();
    attaching.putBack(files);
  }

  /** Ends everything that is on its way. */
  leave() {
    this.#attaching?.leave();
  }

  /** @param {AttachedFile} file One of a question, to be saved by the browser. */
  async download({ id, name }) {
    const { files } = await this.#load();
    try {
      await saveResponse(await files.content(id), name);
    } catch (error) {
      if (!isAbort(error)) this.#needs.onProblem(problemIn(error));
    }
  }

  #load() {
    this.#loading ??= this.#begin();
    return this.#loading;
  }

  async #begin() {
    const { client, onChange, onSettled, onProblem } = this.#needs;
    const [{ makeFiles }, module] = await Promise.all([import("../../api/files.js"), import("./attaching.js")]);
    const files = makeFiles(client);
    const attaching = new module.Attaching({
      files,
      wait: (signal) => pause(delayMs(0), signal),
      onChange,
      onSettled,
      onRefused: (code, name) => onProblem({ code }, `${name}:`),
    });
    this.#attaching = attaching;
    return { attaching, files };
  }
}
