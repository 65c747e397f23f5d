/** The messages of one conversation as values: what is known, what is pending, what an event changes. Pure. */

/**
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {import("../../api/types.js").Head} Head
 * @typedef {import("../../api/types.js").Done} Done
 * @typedef {import("../../api/types.js").Problem} Problem
 */

export const PENDING_QUESTION = "pending-question";
export const PENDING_ANSWER = "pending-answer";

/**
 * Returns a question that is on its way.
 *
 * @param {{ text: string, parentId: string | null, now: string }} what Its text, what it follows, the present.
 * @returns {Message} The question.
 */
export function pendingQuestion({ text, parentId, now }) {
  return { ...blank(now), id: PENDING_QUESTION, parent_id: parentId, role: "user", content: text, state: "done" };
}

/**
 * Returns an answer that has been asked for.
 *
 * @param {{ questionId: string, now: string }} what The question, the present.
 * @returns {Message} The answer.
 */
export function pendingAnswer({ questionId, now }) {
  return { ...blank(now), id: PENDING_ANSWER, parent_id: questionId, role: "assistant", content: "", state: "queued" };
}

/**
 * @param {string} now The present, RFC 3339.
 * @returns {Omit<Message, "id" | "parent_id" | "role" | "content" | "state">} What all pending messages share.
 */
function blank(now) {
  return { conversation_id: "", finish_reason: null, error: null, model: null, usage: null, timings: null, created_at: now };
}

/**
 * Returns the messages once the box has named the pending ones.
 *
 * @param {readonly Message[]} messages With pending ones.
 * @param {Head} head Their ids.
 * @returns {Message[]} Without.
 */
export function named(messages, head) {
  const ids = new Map([[PENDING_QUESTION, head.question_id], [PENDING_ANSWER, head.message_id]]);
  const renamed = messages.map((message) => {
    const id = ids.get(message.id) ?? message.id;
    const parentId = message.parent_id === null ? null : (ids.get(message.parent_id) ?? message.parent_id);
    return { ...message, id, parent_id: parentId, conversation_id: head.conversation_id };
  });
  // A stream that is taken up again names messages that are known already.
  return renamed.filter((message, at) => renamed.findIndex(({ id }) => id === message.id) === at);
}

/**
 * Returns the messages without the pending ones.
 *
 * @param {readonly Message[]} messages Any.
 * @returns {Message[]} Those that the box has.
 */
export function withoutPending(messages) {
  return messages.filter(({ id }) => id !== PENDING_QUESTION && id !== PENDING_ANSWER);
}

/**
 * Returns the messages with one of them changed.
 *
 * @param {readonly Message[]} messages Any.
 * @param {string} id Which.
 * @param {Partial<Message>} part What is new.
 * @returns {Message[]} All of them.
 */
export function changed(messages, id, part) {
  return messages.map((message) => (message.id === id ? { ...message, ...part } : message));
}

/**
 * Returns what a page of the box changes: its messages replace ours, older ones of ours stay.
 *
 * @param {readonly Message[]} messages Ours, oldest first.
 * @param {readonly Message[]} page The box's, oldest first.
 * @param {boolean} isOlderPage Whether the page goes in front.
 * @returns {Message[]} All of them, oldest first.
 */
export function merged(messages, page, isOlderPage) {
  const fresh = new Set(page.map(({ id }) => id));
  const kept = withoutPending(messages).filter(({ id }) => !fresh.has(id));
  return isOlderPage ? [...page, ...kept] : [...kept, ...page];
}

/**
 * Returns what the end of an answer changes in it.
 *
 * @param {Done} done The event.
 * @returns {Partial<Message>} The change.
 */
export function ended({ finish_reason: reason, usage, timings, model, cached, read_from: readFrom, ...origin }) {
  const { provider, provider_name, fallback_reason, cost_eur } = origin;
  const known = { state: stateAfter(reason), finish_reason: reason, usage, timings, model, cached, ...said({ provider, provider_name, fallback_reason, cost_eur }) };
  return readFrom === undefined ? known : { ...known, read_from: readFrom };
}

/**
 * @template {object} T
 * @param {T} values What may be known.
 * @returns {Partial<T>} What is.
 */
function said(values) {
  return /** @type {Partial<T>} */ (Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));
}

/**
 * @param {import("../../api/types.js").FinishReason} reason Why it ended.
 * @returns {"stopped" | "done"} The state that it has then.
 */
function stateAfter(reason) {
  return reason === "cancelled" ? "stopped" : "done";
}

/**
 * Returns what a problem at its end changes in an answer.
 *
 * @param {Problem} problem The event.
 * @returns {Partial<Message>} The change.
 */
export function failed(problem) {
  return { state: problem.code === "answer_interrupted" ? "interrupted" : "failed", error: problem };
}

/**
 * Returns the newest answer that is being written.
 *
 * @param {readonly Message[]} messages Oldest first.
 * @returns {Message | undefined} It, if there is one.
 */
export function unfinished(messages) {
  return messages.findLast(({ state, role }) => role === "assistant" && (state === "queued" || state === "writing"));
}
