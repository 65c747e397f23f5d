/** Files that go with questions: sent with their progress, read by the box, fetched again. */

import { ProblemError, UnreachableError } from "./failures.js";

/**
 * @typedef {import("./types.js").AttachedFile} AttachedFile
 * @typedef {import("./client.js").Client} Client
 */

/**
 * Returns the requests about files.
 *
 * @param {Client} client Signs and sends them.
 */
export function makeFiles(client) {
  return {
    /**
     * @param {File} file What to send.
     * @param {{ onProgress: (sentBytes: number) => void, signal: AbortSignal }} how Told of its progress; ends it.
     * @returns {Promise<AttachedFile>} As the box knows it; its text is being read.
     */
    async send(file, how) {
      const reply = await sent(file, await client.authorization({ isRefused: false }), how);
      const last = reply.status === 401 ? await sent(file, await client.authorization({ isRefused: true }), how) : reply;
      return fileIn(last);
    },

    /**
     * @param {string} id Which.
     * @param {AbortSignal} signal Ends it.
     * @returns {Promise<AttachedFile>} How far its text has been read.
     */
    find: (id, signal) => client.json({ method: "GET", path: filePath(id), signal }),

    /**
     * @param {string} id Which; only one that no question uses.
     * @returns {Promise<void>} When it is gone.
     */
    remove: (id) => client.json({ method: "DELETE", path: filePath(id) }),

    /**
     * @param {string} id Which.
     * @returns {Promise<Response>} Its content, as it was sent.
     */
    content: (id) => client.open({ method: "GET", path: `${filePath(id)}/content` }),
  };
}

/** @typedef {ReturnType<typeof makeFiles>} Files */

/**
 * @param {string} id Which file.
 * @returns {string} Its path.
 */
function filePath(id) {
  return `/files/${encodeURIComponent(id)}`;
}

/**
 * Sends a file. By XMLHttpRequest: `fetch` does not tell how much of a body has left.
 *
 * @param {File} file What to send.
 * @param {string} authorization Who sends it.
 * @param {{ onProgress: (sentBytes: number) => void, signal: AbortSignal }} how Told of its progress; ends it.
 * @returns {Promise<{ status: number, text: string }>} What the box answers.
 */
function sent(file, authorization, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", "/files");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Authorization", authorization);
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    request.addEventListener("load", () => resolve({ status: request.status, text: request.responseText }));
    request.addEventListener("error", () => reject(new UnreachableError("upload")));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/**
 * @param {{ status: number, text: string }} reply What the box answered.
 * @returns {AttachedFile} The file.
 * @throws {ProblemError} If it was refused.
 */
function fileIn({ status, text }) {
  const body = parsed(text);
  if (status >= 200 && status < 300) return /** @type {AttachedFile} */ (body);
  throw new ProblemError({ status, code: `http_${status}`, ...body });
}

/**
 * @param {string} text JSON, if the box itself answered.
 * @returns {Record<string, unknown>} Its values; none of something else.
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
