/** What can go wrong when the box is asked. */

/** @typedef {import("./types.js").Problem} Problem */

/** The box answered with a problem. */
export class ProblemError extends Error {
  /** @param {Problem} problem What it said. */
  constructor(problem) {
    super(problem.detail || problem.title || problem.code);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

/** The box could not be reached, or the line broke. */
export class UnreachableError extends Error {
  /** @param {unknown} cause What the browser said. */
  constructor(cause) {
    super("The box cannot be reached.", { cause });
    this.name = "UnreachableError";
  }
}

/**
 * Returns the problem of an answer that is not a success.
 *
 * @param {Response} response The answer.
 * @returns {Promise<ProblemError>} Its problem; one of our own if the body is something else.
 */
export async function problemOf(response) {
  const isJson = /json/u.test(response.headers.get("content-type") ?? "");
  const fallback = { status: response.status, code: `http_${response.status}`, detail: response.statusText };
  if (!isJson) return new ProblemError(fallback);
  const body = /** @type {Partial<Problem>} */ (await response.json().catch(() => ({})));
  const waitS = Number(response.headers.get("retry-after") ?? "");
  return new ProblemError({ ...fallback, ...(waitS > 0 ? { retry_after_s: waitS } : {}), ...body });
}

/**
 * Tells whether an error is only our own end of a request.
 *
 * @param {unknown} error Anything thrown.
 * @returns {boolean} Whether it was an abort.
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/**
 * Returns what a failed request is about, in one shape.
 *
 * @param {unknown} error Anything thrown.
 * @returns {Problem} The box's problem, or one of our own with the code `unreachable`.
 * @throws {unknown} The error itself, if it is a mistake in this program.
 */
export function problemIn(error) {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof UnreachableError) return { status: 0, code: "unreachable" };
  throw error;
}
