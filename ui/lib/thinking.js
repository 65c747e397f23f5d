/** What a model thought before it answered, told apart from the answer: pure. */

const THOUGHT = /^\s*<think>([\s\S]*?)(?:<\/think>|$)/u;

/**
 * Returns an answer in two parts.
 *
 * @param {string} content As the model wrote it.
 * @returns {{ thought: string, text: string, isThinking: boolean }} `isThinking` while the thought has no end yet.
 */
export function partsOf(content) {
  const found = THOUGHT.exec(content);
  if (!found) return { thought: "", text: content, isThinking: false };
  return { thought: (found[1] ?? "").trim(), text: content.slice(found[0].length).trimStart(), isThinking: !found[0].endsWith("</think>") };
}
