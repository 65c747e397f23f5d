/** Messages form a tree by their parents; a reader sees one path through it. Pure. */

/**
 * @typedef {{ id: string, parent_id: string | null }} Node
 */

/**
 * @template {Node} M
 * @typedef {{ message: M, versions: string[], index: number }} Step
 */

/**
 * Returns the path that is shown: at every fork the chosen message, else the one that leads to the newest.
 *
 * @template {Node} M
 * @param {readonly M[]} messages Oldest first; the oldest may be missing, with the parents of others.
 * @param {ReadonlyMap<string, string>} chosen Id of the chosen message by id of its parent ("" for roots).
 * @returns {Step<M>[]} Each message with its versions: the ids of those beside it, itself included.
 */
export function pathOf(messages, chosen) {
  const children = groupedByParent(messages);
  const newest = towardsNewest(messages);
  /** @type {Step<M>[]} */
  const path = [];
  let parent = topOf(messages);
  for (let depth = 0; depth < messages.length; depth += 1) {
    const versions = children.get(parent) ?? [];
    const message = versions.find(({ id }) => id === chosen.get(parent)) ?? versions.find(({ id }) => id === newest.get(parent));
    if (!message) break;
    path.push({ message, versions: versions.map(({ id }) => id), index: versions.indexOf(message) });
    parent = message.id;
  }
  return path;
}

/**
 * Returns the choices that lead to a message.
 *
 * @param {readonly Node[]} messages Oldest first.
 * @param {string} messageId Which.
 * @param {ReadonlyMap<string, string>} chosen The choices so far.
 * @returns {Map<string, string>} With those of its ancestors.
 */
export function chosenTo(messages, messageId, chosen) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const leading = new Map(chosen);
  let node = byId.get(messageId);
  for (let depth = 0; node && depth < messages.length; depth += 1) {
    leading.set(parentOf(node), node.id);
    node = byId.get(parentOf(node));
  }
  return leading;
}

/**
 * @param {Node} message A message.
 * @returns {string} Its parent; "" for roots.
 */
function parentOf({ parent_id }) {
  return parent_id ?? "";
}

/**
 * @template {Node} M
 * @param {readonly M[]} messages Oldest first.
 * @returns {Map<string, M[]>} Messages by their parent.
 */
function groupedByParent(messages) {
  /** @type {Map<string, M[]>} */
  const groups = new Map();
  for (const message of messages) groups.set(parentOf(message), [...(groups.get(parentOf(message)) ?? []), message]);
  return groups;
}

/**
 * @param {readonly Node[]} messages Oldest first.
 * @returns {string} The parent under which the shown path starts: above the oldest known ancestor of the newest.
 */
function topOf(messages) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  let top = messages.at(-1);
  for (let depth = 0; top && depth < messages.length; depth += 1) {
    const above = byId.get(parentOf(top));
    if (!above) break;
    top = above;
  }
  return top ? parentOf(top) : "";
}

/**
 * @param {readonly Node[]} messages Oldest first.
 * @returns {Map<string, string>} By parent, the child that leads to the newest message below it.
 */
function towardsNewest(messages) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  /** @type {Map<string, string>} */
  const best = new Map();
  for (const message of [...messages].reverse()) {
    /** @type {Node | undefined} */
    let node = message;
    while (node && !best.has(parentOf(node))) {
      best.set(parentOf(node), node.id);
      node = byId.get(parentOf(node));
    }
  }
  return best;
}
