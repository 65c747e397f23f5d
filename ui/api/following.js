/** One answer from its first event to its last, across lost lines. */

import { ProblemError, UnreachableError } from "./failures.js";

/** @typedef {import("./event-stream.js").StreamEvent} StreamEvent */

/**
 * Loads what reads streams; a page does it while somebody writes the first question.
 *
 * @returns {Promise<typeof import("./event-stream.js")>} It.
 * @throws {UnreachableError} If the box does not have it any more, or cannot be reached.
 */
export async function loadEventStream() {
  try {
    return await import("./event-stream.js");
  } catch (error) {
    throw new UnreachableError(error);
  }
}

/**
 * @typedef {object} Following
 * @property {(signal: AbortSignal) => Promise<Response>} open Begins the stream.
 * @property {(messageId: string, lastEventId: string, signal: AbortSignal) => Promise<Response>} reopen Takes it up again.
 * @property {(event: StreamEvent) => void} onEvent Called with each event once, in order.
 * @property {(isConnected: boolean) => void} onLine Called when the line is lost and when it is back.
 * @property {(attempt: number, signal: AbortSignal) => Promise<void>} wait Waits before a try.
 * @property {AbortSignal} signal Ends the following, not the answer.
 * @property {string} [messageId] The answer, where it is known before the stream tells it.
 */

/**
 * Follows an answer until its `done` or `error`.
 *
 * @param {Following} following Where and how.
 * @returns {Promise<void>} When the answer has ended.
 * @throws {ProblemError} If the box refuses.
 * @throws {UnreachableError} If the line breaks before the answer is known: then nobody can tell whether the
 *   question has arrived.
 */
export async function follow(following) {
  const { open, onEvent, onLine, signal } = following;
  const seen = { messageId: following.messageId ?? "", lastEventId: "", attempt: 0 };
  let response = await firstResponse(following, open);
  for (;;) {
    const end = await readToEnd(response, seen, onEvent, signal);
    if (end === "over") return;
    if (!seen.messageId) throw new UnreachableError("no answer began");
    // Whose sign-in has ended is asked for it by the next request; the line is well.
    if (end === "cut") onLine(false);
    response = await reopened(following, seen);
    onLine(true);
  }
}

/**
 * @param {Following} following Where and how.
 * @param {(signal: AbortSignal) => Promise<Response>} open Begins the stream.
 * @returns {Promise<Response>} The stream; for an answer that is known, however long it takes.
 */
async function firstResponse(following, open) {
  try {
    return await open(following.signal);
  } catch (error) {
    if (!following.messageId || !isPassing(error)) throw error;
    following.onLine(false);
    const response = await reopened(following, { messageId: following.messageId, lastEventId: "", attempt: 0 });
    following.onLine(true);
    return response;
  }
}

/**
 * @param {Response} response The stream.
 * @param {{ messageId: string, lastEventId: string, attempt: number }} seen What is known; it is updated.
 * @param {(event: StreamEvent) => void} onEvent Told of each event.
 * @param {AbortSignal} signal Ends the reading.
 * @returns {Promise<"over" | "cut" | "refused">} Whether the answer has ended, only the line, or the sign-in.
 */
async function readToEnd(response, seen, onEvent, signal) {
  try {
    const { eventsOf } = await loadEventStream();
    for await (const event of eventsOf(response)) {
      signal.throwIfAborted();
      if (isAccessEnd(event)) return "refused";
      learnFrom(event, seen);
      onEvent(event);
      if (event.event === "done" || event.event === "error") return "over";
    }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
  }
  return "cut";
}

/**
 * @param {StreamEvent} event An event that has come.
 * @param {{ messageId: string, lastEventId: string, attempt: number }} seen What is known; it is updated.
 */
function learnFrom({ id, event, data }, seen) {
  if (id) seen.lastEventId = id;
  if (event === "conversation") seen.messageId = /** @type {{ message_id: string }} */ (data).message_id;
  seen.attempt = 0;
}

/**
 * @param {StreamEvent} event An event.
 * @returns {boolean} Whether it says that this sign-in has ended, and nothing of the answer.
 */
function isAccessEnd({ event, data }) {
  return event === "error" && /** @type {{ code?: string }} */ (data).code === "session_ended";
}

/**
 * @param {Following} following Where and how.
 * @param {{ messageId: string, lastEventId: string, attempt: number }} seen What is known; it is updated.
 * @returns {Promise<Response>} The stream again, however long it takes.
 */
async function reopened({ reopen, wait, signal }, seen) {
  for (;;) {
    await wait(seen.attempt, signal);
    seen.attempt += 1;
    try {
      return await reopen(seen.messageId, seen.lastEventId, signal);
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
  }
}

/**
 * @param {unknown} error Anything thrown.
 * @returns {boolean} Whether trying again makes sense: no line, or a box that starts or is busy.
 */
function isPassing(error) {
  if (error instanceof UnreachableError) return true;
  return error instanceof ProblemError && [429, 502, 503, 504].includes(error.problem.status);
}
