/** What the engine is doing: told by the box, and asked again and again while no news come. */

import { isAbort } from "./failures.js";

/** @typedef {import("./types.js").Engine} Engine */

const CALM_MS = 15_000;
const BUSY_MS = 2000;

/** Asks for the engine's state and tells who listens. */
export class EngineWatch {
  #engine;
  #life;
  /** @type {{ engine: Engine | null, hasAsked: boolean }} */
  #state = { engine: null, hasAsked: false };
  /** @type {Set<(engine: Engine | null) => void>} */
  #listeners = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Pick<import("./live.js").Live, "isOpen">} */
  #live = { isOpen: false };

  /**
   * @param {import("./engine.js").EngineApi} engine Asks the box.
   * @param {AbortSignal} life Ends the asking.
   */
  constructor(engine, life) {
    this.#engine = engine;
    this.#life = life;
    life.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /**
   * Calls a listener with the state, now if it is known and at each answer. Null: the box does not answer.
   *
   * @param {(engine: Engine | null) => void} listener Gets the state.
   * @param {AbortSignal} signal Ends it.
   */
  subscribe(listener, signal) {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
    if (this.#state.hasAsked) listener(this.#state.engine);
  }

  /**
   * Lets the box tell, and does not ask by the clock any more.
   *
   * @param {import("./live.js").Live} live Where the news come from.
   */
  hearFrom(live) {
    this.#live = live;
    live.on("engine", (/** @type {Engine} */ engine) => this.#tell(engine), this.#life);
    live.on("open", () => void this.refresh(), this.#life);
    live.on("lost", () => void this.refresh(), this.#life);
  }

  /** Asks now, and from then on by itself. */
  async refresh() {
    clearTimeout(this.#timer);
    try {
      this.#tell(await this.#engine.state(this.#life));
    } catch (error) {
      if (isAbort(error)) return;
      this.#tell(null);
    }
    if (!this.#life.aborted) this.#planNext();
  }

  /** @param {Engine | null} engine What the box said. */
  #tell(engine) {
    this.#state = { engine, hasAsked: true };
    for (const listener of this.#listeners) listener(engine);
  }

  #planNext() {
    const { engine } = this.#state;
    if (this.#live.isOpen) return;
    const isCalm = engine !== null && ["ready", "no_model"].includes(engine.status) && engine.running + engine.waiting === 0;
    clearTimeout(this.#timer);
    const onTimer = () => (document.hidden ? this.#planNext() : void this.refresh());
    this.#timer = setTimeout(onTimer, isCalm ? CALM_MS : BUSY_MS);
  }
}
