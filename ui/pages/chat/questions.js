/** A question as the box takes it. Pure. */

/**
 * @typedef {{ files?: import("../../api/types.js").AttachedFile[], options?: import("../../api/types.js").AnswerOptions | undefined,
 *   isTemporary?: boolean, staysHere?: boolean }} Extras What goes with a question.
 */

/**
 * Returns what is sent.
 *
 * @param {{ text: string, conversationId: string | null, parentId: string | null }} question Its text and its place; without a conversation it begins one.
 * @param {Extras} extras What goes with it.
 */
export function bodyOf({ text, conversationId, parentId }, { files = [], options, isTemporary = false, staysHere = false }) {
  const place = conversationId === null ? { ...(isTemporary ? { temporary: true } : {}), ...(staysHere ? { local_only: true } : {}) } : { conversation_id: conversationId, parent_id: parentId };
  return {
    message: text,
    ...place,
    ...(files.length > 0 ? { files: files.map(({ id }) => id) } : {}),
    ...chosenIn(options),
  };
}

/**
 * @param {import("../../api/types.js").AnswerOptions | undefined} options What was chosen, if anything.
 * @returns {{ options?: import("../../api/types.js").AnswerOptions }} It, or nothing.
 */
function chosenIn(options) {
  return options && Object.keys(options).length > 0 ? { options } : {};
}
