/** The files that will go with the next question: sent, read by the box, taken out again. Knows no elements. */

import { isAbort, problemIn } from "../../api/failures.js";
import { FILE_LIMITS } from "../../lib/file-limits.js";

/**
 * @typedef {import("../../api/types.js").AttachedFile} AttachedFile
 * @typedef {import("../../components/file-chips.js").Chip} Chip
 * @typedef {Chip & { file: AttachedFile | null, life: AbortController }} Item
 *
 * @typedef {object} AttachingNeeds
 * @property {import("../../api/files.js").Files} files Asks the box.
 * @property {(signal: AbortSignal) => Promise<void>} wait Waits before it is asked again how far a file has been read.
 * @property {(chips: readonly Chip[]) => void} onChange Called at each change.
 * @property {(chip: Chip) => void} onSettled Called when a file is ready or has failed.
 * @property {(code: "files_too_many" | "file_too_large" | "file_empty", name: string) => void} onRefused Called with a file that is not sent at all.
 */

/** Holds the files of one composer. */
export class Attaching {
  #needs;
  /** @type {Item[]} */
  #items = [];
  #count = 0;

  /** @param {AttachingNeeds} needs What it needs. */
  constructor(needs) {
    this.#needs = needs;
  }

  /** @returns {boolean} Whether nothing stands in the way of asking: all files are ready, or there are none. */
  get isReady() {
    return this.#items.every(({ phase }) => phase === "ready");
  }

  /**
   * Begins to send files.
   *
   * @param {readonly File[]} files Which.
   */
  add(files) {
    for (const file of files) {
      const refusal = this.#refusalOf(file);
      if (refusal) this.#needs.onRefused(refusal, file.name);
      else void this.#send(file);
    }
  }

  /**
   * Takes a file out; one that is on its way stops.
   *
   * @param {string} key Which.
   */
  remove(key) {
    const item = this.#items.find((one) => one.key === key);
    if (!item) return;
    item.life.abort();
    this.#items = this.#items.filter((one) => one !== item);
    this.#tell();
    // The box drops unused files by itself after a day.
    if (item.file) this.#needs.files.remove(item.file.id).catch(problemIn);
  }

  /**
   * Hands the files over to a question.
   *
   * @returns {AttachedFile[]} Those that are ready.
   */
  take() {
    const files = this.#items.flatMap(({ file, phase }) => (file && phase === "ready" ? [file] : []));
    this.#items = [];
    this.#tell();
    return files;
  }

  /**
   * Takes files back whose question the box has not taken.
   *
   * @param {readonly AttachedFile[]} files Which.
   */
  putBack(files) {
    this.#items = [...files.map((file) => ({ ...this.#makeItem(file.name, file.size_bytes), ...factsOf(file) })), ...this.#items];
    this.#tell();
  }

  /** Ends everything that is on its way. */
  leave() {
    for (const { life } of this.#items) life.abort();
  }

  /**
   * @param {File} file What is to be sent.
   * @returns {"files_too_many" | "file_too_large" | "file_empty" | null} Why it is not, if so.
   */
  #refusalOf({ size }) {
    if (this.#items.length >= FILE_LIMITS.most) return "files_too_many";
    if (size === 0) return "file_empty";
    return size > FILE_LIMITS.mostBytes ? "file_too_large" : null;
  }

  /** @param {File} file What to send. */
  async #send(file) {
    const item = this.#makeItem(file.name, file.size);
    this.#items = [...this.#items, item];
    this.#tell();
    const { signal } = item.life;
    const { key } = item;
    try {
      const onProgress = (/** @type {number} */ sentBytes) => this.#change(key, { sentBytes });
      let known = await this.#needs.files.send(file, { onProgress, signal });
      this.#change(key, factsOf(known));
      while (known.state === "extracting") {
        await this.#needs.wait(signal);
        known = await this.#needs.files.find(known.id, signal);
        this.#change(key, factsOf(known));
      }
    } catch (error) {
      if (isAbort(error)) return;
      this.#change(key, { phase: "failed", problem: problemIn(error) });
    }
    const settled = this.#items.find((one) => one.key === key);
    if (settled) this.#needs.onSettled(settled);
  }

  /**
   * @param {string} name Name of the file.
   * @param {number} sizeBytes Its size.
   * @returns {Item} One that has not been sent yet.
   */
  #makeItem(name, sizeBytes) {
    this.#count += 1;
    const key = `file-${this.#count}`;
    const nothing = { sentBytes: 0, pages: null, pagesDone: 0, tokens: null, isEstimated: false, problem: null, file: null };
    return { key, name, sizeBytes, phase: "sending", life: new AbortController(), ...nothing };
  }

  /**
   * @param {string} key Which file.
   * @param {Partial<Item>} part What is new.
   */
  #change(key, part) {
    this.#items = this.#items.map((item) => (item.key === key ? { ...item, ...part } : item));
    this.#tell();
  }

  #tell() {
    this.#needs.onChange(this.#items);
  }
}

/**
 * @param {AttachedFile} file As the box knows it.
 * @returns {Pick<Item, "file" | "phase" | "pages" | "pagesDone" | "tokens" | "isEstimated" | "problem">} The same in our words.
 */
function factsOf(file) {
  return {
    file,
    phase: file.state,
    pages: file.pages ?? null,
    pagesDone: file.pages_done ?? 0,
    tokens: file.tokens ?? null,
    isEstimated: file.tokens_estimated ?? false,
    problem: file.error ?? null,
  };
}
