/** News from the box as they happen: one WebSocket of this tab, opened again whenever it breaks. */

import { isAbort, problemIn } from "./failures.js";

/**
 * @typedef {object} LiveSurroundings
 * @property {() => WebSocket} connect Opens a socket.
 * @property {(last: { isRefused: boolean }) => Promise<string>} authorization Returns `Bearer` and a token that is good for a while.
 * @property {(attempt: number, signal: AbortSignal) => Promise<void>} wait Waits before another try.
 * @property {(signal: AbortSignal) => Promise<void>} whenAwake Waits while nobody can be looking.
 *
 * @typedef {(data: any) => void} NewsListener
 * @typedef {{ code: number, wasOpen: boolean }} End
 */

const BEAT_MS = 45_000;
const ANSWER_MS = 10_000;
const ACCESS_ENDED = 4401;
const TOO_MANY = 4429;
const SLEEPS = 4000;
// Trying again would not help: this page is of another version, or may not listen.
const FINAL = new Set([4400, 4403]);
// From here on the waits are the longest.
const LATE_ATTEMPT = 5;

/**
 * Hands news to who listens. Beside the box's own there are `open` and `lost`, and `reset`: something may have been
 * missed, whoever shows anything asks for it again.
 */
export class Live {
  #outside;
  #life;
  /** @type {Map<string, Set<NewsListener>>} */
  #listeners = new Map();
  /** @type {number | null} */
  #lastId = null;
  #isOpen = false;
  /** @type {(code: number) => void} */
  #end = () => undefined;
  /** @type {() => void} */
  #beat = () => undefined;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;

  /**
   * @param {LiveSurroundings} outside What it needs.
   * @param {AbortSignal} life Ends it.
   */
  constructor(outside, life) {
    this.#outside = outside;
    this.#life = life;
    life.addEventListener("abort", () => this.#end(1000));
  }

  /** @returns {boolean} Whether news arrive. */
  get isOpen() {
    return this.#isOpen;
  }

  /**
   * Calls a listener with the data of each piece of news of one kind.
   *
   * @param {string} event Which kind.
   * @param {NewsListener} listener Gets the data.
   * @param {AbortSignal} signal Ends it.
   */
  on(event, listener, signal) {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(listener));
    signal.addEventListener("abort", () => all.delete(listener));
  }

  /** Listens until its life ends. */
  async run() {
    let [attempt, isRefused] = [0, false];
    while (!this.#life.aborted) {
      const { code, wasOpen } = await this.#once(isRefused);
      if (FINAL.has(code)) return;
      isRefused = code === ACCESS_ENDED;
      attempt = wasOpen ? 0 : attempt + 1;
      if (code === TOO_MANY) attempt = LATE_ATTEMPT;
      // After a line that worked, a newer token or somebody who looks again is all that it takes.
      const isQuick = wasOpen && (isRefused || code === SLEEPS);
      if (!isQuick) await this.#outside.wait(attempt, this.#life).catch(ignoreAbort);
    }
  }

  /** Makes sure that the line is alive: called when a page comes to the front, or the network comes back. */
  check() {
    if (this.#isOpen) this.#beat();
  }

  /** Lets the line go until somebody looks again. */
  sleep() {
    this.#end(SLEEPS);
  }

  /**
   * @param {boolean} isRefused Whether the last token was refused.
   * @returns {Promise<End>} How the line ended.
   */
  async #once(isRefused) {
    try {
      await this.#outside.whenAwake(this.#life);
      const bearer = await this.#outside.authorization({ isRefused });
      if (this.#life.aborted) return { code: 1000, wasOpen: false };
      return await this.#talk(bearer);
    } catch (error) {
      // Another person has signed in, or the box cannot be reached.
      if (!isAbort(error)) problemIn(error);
      return { code: 1006, wasOpen: false };
    }
  }

  /**
   * @param {string} bearer By which it listens.
   * @returns {Promise<End>} How the line ended.
   */
  #talk(bearer) {
    const socket = this.#outside.connect();
    const timer = setInterval(() => this.#beat(), BEAT_MS);
    const say = (/** @type {object} */ word) => socket.send(JSON.stringify(word));
    socket.addEventListener("open", () => say({ type: "hello", access_token: tokenIn(bearer), ...(this.#lastId === null ? {} : { last_event_id: this.#lastId }) }));
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(data)));
    this.#beat = () => void this.#renew(say).catch((error) => isAbort(error) || problemIn(error));
    return new Promise((resolve) => {
      this.#end = (code) => {
        const wasOpen = this.#isOpen;
        this.#isOpen = false;
        this.#end = this.#beat = () => undefined;
        clearInterval(timer);
        clearTimeout(this.#silence);
        // A dead line would take a minute to say that it is closed.
        socket.close();
        if (wasOpen) this.#tell("lost", {});
        resolve({ code, wasOpen });
      };
      const end = this.#end;
      socket.addEventListener("close", ({ code }) => {
        if (this.#end === end) end(code);
      });
    });
  }

  /**
   * Says the present token: the line stays allowed, and its answer shows that it is alive.
   *
   * @param {(word: object) => void} say Says it.
   */
  async #renew(say) {
    const end = this.#end;
    const bearer = await this.#outside.authorization({ isRefused: false });
    if (end !== this.#end || !this.#isOpen) return;
    say({ type: "token", access_token: tokenIn(bearer) });
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => end(1006), ANSWER_MS);
  }

  /** @param {{ type?: string, resumed?: boolean, last_event_id?: number, id?: number, event?: string, data?: unknown }} frame What the box said. */
  #hear({ type, resumed, last_event_id: startId, id, event, data }) {
    clearTimeout(this.#silence);
    if (type === "welcome") {
      this.#isOpen = true;
      this.#tell("open", {});
      if (resumed) return;
      this.#lastId = startId ?? null;
      this.#tell("reset", {});
    } else if (id !== undefined && event && event !== "reset") {
      this.#lastId = id;
      this.#tell(event, data);
    }
  }

  /**
   * @param {string} event What kind.
   * @param {unknown} data Its data.
   */
  #tell(event, data) {
    for (const listener of this.#listeners.get(event) ?? []) listener(data);
  }
}

/**
 * @param {string} bearer `Bearer` and a token.
 * @returns {string} The token.
 */
function tokenIn(bearer) {
  return bearer.replace(/^Bearer /u, "");
}

/** @param {unknown} error What ended a wait. */
function ignoreAbort(error) {
  if (!isAbort(error)) throw error;
}
