/** Set-up, sign-in and one's own account. */

/**
 * @typedef {import("./types.js").SignIn} SignIn
 * @typedef {import("./types.js").User} User
 * @typedef {import("./types.js").SetupState} SetupState
 * @typedef {import("./client.js").Client} Client
 */

const headers = { "X-Nodo-Client": "ui" };

/**
 * Returns the account's requests.
 *
 * @param {Client} client Sends them.
 */
export function makeAccounts(client) {
  /** @param {SignIn} signIn A new one. */
  const entered = (signIn) => {
    client.signedIn(signIn);
    return signIn.user;
  };
  return {
    /** @returns {Promise<SetupState>} Whether this box still needs its owner. */
    setupState: () => client.json({ method: "GET", path: "/setup", isPublic: true }),

    /**
     * @param {{ code: string, email: string, name: string, password: string, language: string }} body The owner.
     * @returns {Promise<User>} The owner, signed in.
     */
    setUp: async (body) => entered(await client.json({ method: "POST", path: "/setup", body, headers, isPublic: true })),

    /**
     * @param {{ email: string, password: string }} body Who.
     * @returns {Promise<User>} The person, signed in.
     */
    logIn: async (body) => entered(await client.json({ method: "POST", path: "/auth/login", body, headers, isPublic: true })),

    /** @returns {Promise<User>} Who is signed in, by the cookie. */
    resume: async () => (await client.refresh()).user,

    /** Ends the session on the box, by its cookie, and here. */
    logOut: async () => {
      await client.json({ method: "POST", path: "/auth/logout", body: {}, headers, isPublic: true });
      client.signedOut();
    },

    /**
     * @param {{ name?: string, language?: string }} body What changes.
     * @returns {Promise<User>} The person as now known.
     */
    change: (body) => client.json({ method: "PATCH", path: "/auth/me", body }),
  };
}

/** @typedef {ReturnType<typeof makeAccounts>} Accounts */
