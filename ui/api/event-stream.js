/** The events of an answer, read from a response piece by piece. */

import { createParser } from "eventsource-parser";

import { isAbort, UnreachableError } from "./failures.js";

/** @typedef {{ id: string, event: string, data: unknown }} StreamEvent */

// The box sends at least a comment every 10 s; three missing ones are a dead line.
const SILENCE_MS = 35_000;

/**
 * Yields the events of a response as they come.
 *
 * @param {Response} response A `text/event-stream`.
 * @param {number} [silenceMs] After so long without a byte the line counts as broken.
 * @yields {StreamEvent} One event, its data parsed as JSON.
 * @throws {UnreachableError} If the line breaks.
 */
export async function* eventsOf(response, silenceMs = SILENCE_MS) {
  /** @type {StreamEvent[]} */
  const arrived = [];
  const parser = createParser({
    onEvent: ({ id = "", event = "message", data }) => arrived.push({ id, event, data: JSON.parse(data) }),
  });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await readInTime(reader, silenceMs);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    // Cancelling an aborted or broken stream is refused; it has ended in either case.
    reader.cancel().catch(() => undefined);
  }
}

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader Of the body.
 * @param {number} silenceMs The longest wait.
 * @returns {Promise<ReadableStreamReadResult<Uint8Array>>} The next piece.
 */
async function readInTime(reader, silenceMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const silence = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new UnreachableError("silence")), silenceMs);
  });
  try {
    return /** @type {ReadableStreamReadResult<Uint8Array>} */ (await Promise.race([reader.read(), silence]));
  } catch (error) {
    if (isAbort(error) || error instanceof UnreachableError) throw error;
    throw new UnreachableError(error);
  } finally {
    clearTimeout(timer);
  }
}
