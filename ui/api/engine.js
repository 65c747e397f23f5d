/** The engine and its models. */

/**
 * @typedef {import("./types.js").Engine} Engine
 * @typedef {import("./types.js").Models} Models
 */

/**
 * Returns the engine's requests.
 *
 * @param {import("./client.js").Client} client Sends them.
 */
export function makeEngine(client) {
  return {
    /**
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<Engine>} What the engine is doing.
     */
    state: (signal) => client.json({ method: "GET", path: "/api/engine", signal }),

    /**
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<Models>} What is installed and what could be.
     */
    models: (signal) => client.json({ method: "GET", path: "/api/models", signal }),

    /**
     * @param {string} name An installed model.
     * @returns {Promise<void>} When the engine has begun to load it.
     */
    use: (name) => client.json({ method: "POST", path: "/api/models/current", body: { name } }),
  };
}

/** @typedef {ReturnType<typeof makeEngine>} EngineApi */
