/** The only place that sends requests: signs them, refreshes the sign-in, names failures. */

import { isAbort, ProblemError, problemOf, UnreachableError } from "./failures.js";

/** @typedef {import("./types.js").SignIn} SignIn */

/**
 * @typedef {object} Surroundings
 * @property {typeof fetch} fetch Sends a request.
 * @property {() => number} nowMs Milliseconds of any clock that only grows.
 * @property {Pick<LockManager, "request"> | undefined} locks Locks between tabs; undefined over plain HTTP.
 * @property {(problem: import("./types.js").Problem) => void} onSessionEnded Called once when the sign-in has ended, with what
 *   the box says of it; requests wait until `signedIn`.
 * @property {() => Promise<boolean>} confirm Lets the person confirm that it is them; false if they would rather not.
 * @property {() => void} onOtherPerson Called when somebody else has signed in, here or in another tab: what is on
 *   the page is not theirs.
 *
 * @typedef {object} Request
 * @property {string} method HTTP method.
 * @property {string} path From the root.
 * @property {unknown} [body] Sent as JSON.
 * @property {Record<string, string>} [headers] Further headers.
 * @property {AbortSignal | undefined} [signal] Ends it.
 * @property {boolean} [isPublic] Needs no sign-in.
 */

const REFRESH_EARLY_MS = 60_000;
const CLIENT_HEADER = { "X-Nodo-Client": "ui" };
// Said of what was typed, not of the token: a new one would not help.
const WRONG_INPUT = /^(?:wrong_|mfa_|recovery_)/u;

/** Speaks with the box on behalf of one tab; holds the access token, in memory only. */
export class Client {
  #outside;
  /** @type {{ token: string, expiresMs: number } | null} */
  #access = null;
  /** @type {Promise<SignIn> | null} */
  #refreshing = null;
  /** @type {Promise<boolean> | null} */
  #confirming = null;
  /** @type {{ promise: Promise<void>, resolve: () => void, reject: (reason: unknown) => void } | null} */
  #ended = null;
  /** @type {string | null} */
  #userId = null;

  /** @param {Surroundings} outside What it needs. */
  constructor(outside) {
    this.#outside = outside;
  }

  /**
   * Takes a new sign-in; requests that waited for one go on, unless they are somebody else's.
   *
   * @param {SignIn} signIn From log-in, set-up or refresh.
   */
  signedIn({ access_token: token, expires_in: lifeS, user }) {
    const isOther = this.#userId !== null && this.#userId !== user.id;
    if (isOther) this.signedOut();
    this.#userId = user.id;
    this.#access = { token, expiresMs: this.#outside.nowMs() + lifeS * 1000 };
    this.#ended?.resolve();
    this.#ended = null;
    if (isOther) this.#outside.onOtherPerson();
  }

  /** Forgets the sign-in; requests that waited for another one end. */
  signedOut() {
    this.#userId = null;
    this.#access = null;
    this.#ended?.reject(abandoned());
    this.#ended = null;
  }

  /**
   * Sends a request and returns its JSON.
   *
   * @template T
   * @param {Request} request What to send.
   * @returns {Promise<T>} The body; undefined for an empty answer.
   * @throws {import("./failures.js").ProblemError} If the box refuses.
   * @throws {UnreachableError} If it cannot be reached.
   */
  async json(request) {
    const response = await this.open(request);
    const text = await response.text().catch((error) => rethrown(error));
    return /** @type {T} */ (text ? JSON.parse(text) : undefined);
  }

  /**
   * Sends a request and returns its answer, to be read piece by piece.
   *
   * @param {Request} request What to send.
   * @returns {Promise<Response>} A success.
   */
  async open(request) {
    try {
      return await this.#openSigned(request);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== "confirmation_needed") throw error;
      await this.#haveConfirmation();
      return await this.#openSigned(request);
    }
  }

  /**
   * @param {Request} request What to send.
   * @returns {Promise<Response>} A success, with a new token if the old one was refused.
   */
  async #openSigned(request) {
    if (!request.isPublic) await this.#haveFreshToken();
    const used = this.#access?.token;
    const response = await this.#send(request);
    if (response.ok) return response;
    const error = await problemOf(response);
    if (request.isPublic || !isAboutToken(error)) throw error;
    if (used === this.#access?.token) await this.#renew();
    // Something else has found out meanwhile, and may be waiting for the person.
    else await this.#haveFreshToken();
    return await succeeded(await this.#send(request));
  }

  /** Asks once for all requests that wait for it. */
  async #haveConfirmation() {
    this.#confirming ??= this.#outside.confirm().finally(() => {
      this.#confirming = null;
    });
    if (!(await this.#confirming)) throw abandoned();
  }

  /**
   * Returns what signs a request that something else sends, such as an upload that tells its progress.
   *
   * @param {{ isRefused: boolean }} last Whether the last one was refused.
   * @returns {Promise<string>} Value of the header `Authorization`.
   */
  async authorization({ isRefused }) {
    if (isRefused) await this.#renew();
    else await this.#haveFreshToken();
    return `Bearer ${this.#access?.token ?? ""}`;
  }

  /**
   * Asks for a new pair of tokens by the cookie; many callers at once send one request.
   *
   * @returns {Promise<SignIn>} The new sign-in.
   * @throws {import("./failures.js").ProblemError} 401 if the session has ended.
   */
  refresh() {
    this.#refreshing ??= this.#refreshInTurn().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** @returns {Promise<SignIn>} Of one refresh, after those of other tabs: each uses up the cookie that it sends. */
  async #refreshInTurn() {
    const userId = this.#userId;
    const send = async () => {
      /** @type {SignIn} */
      const signIn = await this.json({ method: "POST", path: "/auth/refresh", body: {}, headers: CLIENT_HEADER, isPublic: true });
      this.signedIn(signIn);
      // Another tab has signed somebody else in: their name must not stand under our requests.
      if (userId !== null && userId !== signIn.user.id) throw abandoned();
      return signIn;
    };
    const { locks } = this.#outside;
    return locks ? await locks.request("nodo-refresh", send) : await send();
  }

  async #haveFreshToken() {
    if (this.#ended) await this.#ended.promise;
    const isOld = this.#access && this.#outside.nowMs() > this.#access.expiresMs - REFRESH_EARLY_MS;
    if (isOld) await this.#renew();
  }

  /** Refreshes; if the session has ended, tells it and waits until somebody has signed in again. */
  async #renew() {
    try {
      await this.refresh();
    } catch (error) {
      if (!isSessionEnd(error)) throw error;
      if (!this.#ended) {
        this.#ended = deferred();
        this.#access = null;
        this.#outside.onSessionEnded(error.problem);
      }
      await this.#ended.promise;
    }
  }

  /**
   * @param {Request} request What to send.
   * @returns {Promise<Response>} Whatever the box answers.
   */
  async #send({ method, path, body, headers = {}, signal, isPublic }) {
    /** @type {RequestInit} */
    const init = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin" };
    const sent = /** @type {Record<string, string>} */ (init.headers);
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      sent["Content-Type"] = "application/json";
    }
    if (this.#access && !isPublic) sent["Authorization"] = `Bearer ${this.#access.token}`;
    if (signal) init.signal = signal;
    return await this.#outside.fetch(path, init).catch((error) => rethrown(error));
  }
}

/**
 * @param {ProblemError} error A refusal.
 * @returns {boolean} Whether a new token could help.
 */
function isAboutToken({ problem }) {
  return problem.status === 401 && !WRONG_INPUT.test(problem.code);
}

/**
 * @param {Response} response An answer.
 * @returns {Promise<Response>} The same, if it is a success.
 */
async function succeeded(response) {
  if (response.ok) return response;
  throw await problemOf(response);
}

/**
 * @param {unknown} error From a request.
 * @returns {never} It throws an abort as it is, anything else as a box that cannot be reached.
 */
function rethrown(error) {
  throw isAbort(error) ? error : new UnreachableError(error);
}

/**
 * @param {unknown} error Anything thrown.
 * @returns {error is ProblemError} Whether it says that the sign-in has ended.
 */
function isSessionEnd(error) {
  return error instanceof ProblemError && error.problem.status === 401;
}

/** @returns {DOMException} The end of a request whose person has gone, or would rather not. */
function abandoned() {
  return new DOMException("The person who asked has given it up.", "AbortError");
}

/** @returns {{ promise: Promise<void>, resolve: () => void, reject: (reason: unknown) => void }} A promise and its ends. */
function deferred() {
  let resolve = () => {};
  /** @type {(reason: unknown) => void} */
  let reject = () => {};
  /** @type {Promise<void>} */
  const promise = new Promise((keep, breakIt) => {
    resolve = keep;
    reject = breakIt;
  });
  // Nobody may be waiting when it breaks.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
