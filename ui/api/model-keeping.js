/** Getting, taking in, loading, trying and removing models. */

/**
 * @typedef {import("./types.js").Problem} Problem
 * @typedef {{ id: string, name: string, title: string, file: string, state: "waiting" | "asking" | "running" | "verifying" | "done" | "stopped" | "failed",
 *   total_bytes: number, done_bytes: number, rate_bytes_per_s: number, remaining_s: number | null,
 *   problem: { code: string, detail: string, hint: string } | null }} Download
 * @typedef {{ id: string, name: string, place: string, size_bytes: number, is_of_ollama: boolean }} FoundModel
 * @typedef {{ name: string, memory_bytes: number, context_tokens: number, expires_at: string | null,
 *   is_for_embeddings: boolean, status: string, load_percent: number }} Resident
 * @typedef {{ items: Resident[], memory_total_bytes: number, memory_available_bytes: number }} Residents
 * @typedef {{ model: string, load_s: number, reading_tokens_per_s: number, writing_tokens_per_s: number, page_s: number,
 *   pace: "faster" | "as_fast" | "slower" | "much_slower", took_s: number }} Speed
 */

/**
 * Returns the requests.
 *
 * @param {import("./client.js").Client} client Sends them.
 * @param {AbortSignal} signal Ends them.
 */
export function makeModelKeeping(client, signal) {
  const send = (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body = undefined) => client.json({ method, path: `/api/${path}`, signal, ...(body === undefined ? {} : { body }) });
  const at = encodeURIComponent;
  return {
    /** @returns {Promise<Residents>} What is in memory. */
    residents: () => send("GET", "engine/residents"),

    /** @returns {Promise<{ items: Download[] }>} Models on their way. */
    downloads: () => send("GET", "models/downloads"),

    /**
     * @param {string} name Of the catalogue or the hub.
     * @param {boolean} [acceptsLicence] Whether somebody has read a licence against work for money.
     * @returns {Promise<Download>} How far it is.
     */
    download: (name, acceptsLicence = false) => send("POST", "models/downloads", { name, accepts_licence: acceptsLicence }),

    /**
     * @param {string} id A download.
     * @returns {Promise<Download>} How far it was.
     */
    stop: (id) => send("POST", `models/downloads/${at(id)}/stop`),

    /**
     * @param {string} id A download.
     * @returns {Promise<void>} When nothing is left of it.
     */
    discard: (id) => send("DELETE", `models/downloads/${at(id)}`),

    /** @returns {Promise<{ items: FoundModel[], inbox: string }>} Models that lie about on the box. */
    found: () => send("GET", "models/found"),

    /**
     * @param {string} id What was found.
     * @returns {Promise<{ name: string, download: Download | null }>} What becomes of it.
     */
    takeIn: (id) => send("POST", `models/found/${at(id)}`),

    /**
     * @param {string} name A model of the box.
     * @returns {Promise<void>} When it is gone.
     */
    remove: (name) => send("DELETE", `models/installed?name=${at(name)}`),

    /**
     * @param {string} name A model of the box.
     * @returns {Promise<Resident>} When it is in memory.
     */
    load: (name) => send("POST", "models/load", { name }),

    /**
     * @param {string} name A model of the box.
     * @returns {Promise<void>} When it has left the memory.
     */
    unload: (name) => send("POST", "models/unload", { name }),

    /**
     * @param {string} name A model of the box.
     * @returns {Promise<Speed>} How quick it is.
     */
    speed: (name) => send("POST", "models/speed", { name }),
  };
}

/** @typedef {ReturnType<typeof makeModelKeeping>} ModelKeeping */
