/** Who else than this box may answer: requests and shapes (docs/providers.md). */

/**
 * @typedef {{ state: "closed" | "open" | "half_open", wait_s: number, running: number, answered: number, failed: number,
 *   last_fault: string }} Standing
 * @typedef {{ id: string, name: string, kind: string, place: "local" | "cloud", addresses: string[], model: string, enabled: boolean,
 *   has_key: boolean, retires_on: string | null, standing: Standing | null }} Provider
 * @typedef {{ items: Provider[], cloud_allowed: boolean }} ProviderList
 * @typedef {{ light: "green" | "amber" | "red", code: string, took_ms: number, models: string[] }} Ping
 * @typedef {{ kind: string, name: string, model: string, key?: string, addresses?: string[] }} NewProvider
 * @typedef {{ cloud: boolean, names: string[] }} InUse
 */

const ALL = "/api/providers";

/**
 * Returns the requests.
 *
 * @param {import("./client.js").Client} client Sends them.
 */
export function makeProviders(client) {
  const path = (/** @type {string} */ id) => `${ALL}/${encodeURIComponent(id)}`;
  return {
    /**
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<ProviderList>} All of them, who is asked first first.
     */
    list: (signal) => client.json({ method: "GET", path: ALL, signal }),

    /** @returns {Promise<InUse>} Whether questions may leave the house. */
    inUse: () => client.json({ method: "GET", path: `${ALL}/in-use` }),

    /**
     * @param {NewProvider} body Who.
     * @returns {Promise<Provider>} The new one.
     */
    add: (body) => client.json({ method: "POST", path: ALL, body }),

    /**
     * @param {string} id Which.
     * @param {{ enabled?: boolean, key?: string, model?: string }} body What changes.
     * @returns {Promise<Provider>} As it is now.
     */
    change: (id, body) => client.json({ method: "PATCH", path: path(id), body }),

    /**
     * @param {string} id Which.
     * @returns {Promise<void>} When it is gone.
     */
    remove: (id) => client.json({ method: "DELETE", path: path(id) }),

    /**
     * @param {string[]} ids All of them, who is asked first first.
     * @returns {Promise<ProviderList>} As it is now.
     */
    order: (ids) => client.json({ method: "PUT", path: `${ALL}/order`, body: { ids } }),

    /**
     * @param {boolean} isAllowed Whether anything may leave the house.
     * @returns {Promise<ProviderList>} As it is now.
     */
    allowCloud: (isAllowed) => client.json({ method: "PUT", path: `${ALL}/policy`, body: { cloud_allowed: isAllowed } }),

    /**
     * @param {string} id Which.
     * @returns {Promise<Provider>} As it is now: asked again at once.
     */
    reset: (id) => client.json({ method: "POST", path: `${path(id)}/reset` }),

    /**
     * @param {string} id Which.
     * @returns {Promise<Ping>} How it is right now.
     */
    ping: (id) => client.json({ method: "GET", path: `${path(id)}/ping` }),

    /**
     * @param {string} id A conversation.
     * @returns {Promise<{ local_only: boolean }>} Whether it stays in the house.
     */
    conversation: (id) => client.json({ method: "GET", path: `/conversations/${encodeURIComponent(id)}` }),

    /**
     * @param {string} id A conversation.
     * @param {boolean} isKept Whether it stays in the house.
     * @returns {Promise<unknown>} The conversation.
     */
    keepInHouse: (id, isKept) => client.json({ method: "PATCH", path: `/conversations/${encodeURIComponent(id)}`, body: { local_only: isKept } }),
  };
}

/** @typedef {ReturnType<typeof makeProviders>} Providers */
