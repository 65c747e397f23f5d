/** Whether a question has arrived although its answer never began: else it would be asked twice. */

import { UnreachableError } from "../../api/failures.js";

/**
 * @typedef {object} Sought
 * @property {string} text The question.
 * @property {string | null} conversationId Where it was asked; null for a new conversation.
 * @property {ReadonlySet<string>} known Ids of the messages before it.
 * @property {number} earliestMs A conversation that began before cannot be its own.
 *
 * @typedef {object} Seeking
 * @property {import("../../api/chats.js").Chats} chats Asks the box.
 * @property {(attempt: number, signal: AbortSignal) => Promise<void>} wait Waits before another try.
 * @property {() => boolean} isWanted False once nobody wants to know any more.
 * @property {AbortSignal} signal Ends it.
 */

/**
 * Looks until the box answers.
 *
 * @param {Sought} sought What to look for.
 * @param {Seeking} seeking How.
 * @returns {Promise<string | null>} Its conversation; null if it has not arrived.
 */
export async function findArrived(sought, { chats, wait, isWanted, signal }) {
  for (let attempt = 0; isWanted(); attempt += 1) {
    await wait(attempt, signal);
    try {
      return await findAsked(sought, chats, signal);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
    }
  }
  return null;
}

/**
 * @param {Sought} sought What to look for.
 * @param {import("../../api/chats.js").Chats} chats Asks the box.
 * @param {AbortSignal} signal Ends it.
 * @returns {Promise<string | null>} The conversation that has the question by now.
 */
async function findAsked({ text, conversationId, known, earliestMs }, chats, signal) {
  const id = conversationId ?? (await findNewborn(earliestMs, chats, signal));
  if (!id) return null;
  const { items } = await chats.messages(id, { signal });
  const hasArrived = items.some((message) => message.role === "user" && !known.has(message.id) && message.content === text);
  return hasArrived ? id : null;
}

/**
 * @param {number} earliestMs When it can have begun, at the earliest.
 * @param {import("../../api/chats.js").Chats} chats Asks the box.
 * @param {AbortSignal} signal Ends it.
 * @returns {Promise<string | null>} The conversation that began with the question on its way, if there is one.
 */
async function findNewborn(earliestMs, chats, signal) {
  const { items } = await chats.list({ signal });
  const newest = items.reduce((/** @type {typeof items[number] | undefined} */ best, item) => (best && best.created_at > item.created_at ? best : item), undefined);
  return newest && Date.parse(newest.created_at) >= earliestMs ? newest.id : null;
}
