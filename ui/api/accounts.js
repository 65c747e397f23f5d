/** Set-up, sign-in, coming in by a code: everything before the pages. */

/**
 * @typedef {import("./types.js").SignIn} SignIn
 * @typedef {import("./types.js").User} User
 * @typedef {import("./types.js").SetupState} SetupState
 * @typedef {import("./people-types.js").EntryOptions} EntryOptions
 * @typedef {import("./people-types.js").JoinOffer} JoinOffer
 * @typedef {import("./client.js").Client} Client
 */

const headers = { "X-Nodo-Client": "ui" };

/**
 * Returns the requests of somebody who comes in.
 *
 * @param {Client} client Sends them.
 */
export function makeAccounts(client) {
  /**
   * @param {string} path Where.
   * @param {object} body What.
   * @returns {Promise<User>} The person, signed in.
   */
  const enter = async (path, body) => {
    /** @type {SignIn} */
    const signIn = await client.json({ method: "POST", path, body, headers, isPublic: true });
    client.signedIn(signIn);
    return signIn.user;
  };
  return {
    /** @returns {Promise<SetupState>} Whether this box still needs its owner. */
    setupState: () => client.json({ method: "GET", path: "/setup", isPublic: true }),

    /** @returns {Promise<EntryOptions>} Whether one may register, and which accounts are for trying out. */
    options: () => client.json({ method: "GET", path: "/auth/options", isPublic: true }),

    /** @param {{ code: string, email: string, name: string, password: string, language: string }} body The owner. */
    setUp: (body) => enter("/setup", body),

    /** @param {{ email: string, password: string }} body Who. A problem `mfa_required` asks for the second factor. */
    logIn: (body) => enter("/auth/login", body),

    /** @param {{ mfa_token: string, code: string }} body The second factor: a code of the app, or a recovery code. */
    verify: (body) => enter("/auth/mfa/verify", body),

    /** @param {{ email: string, recovery_code: string, password: string, code?: string }} body The owner, who forgot the password. */
    recover: (body) => enter("/auth/recover", body),

    /** @param {{ code: string, email?: string, name?: string, password: string, language?: string }} body Who comes in by a code. */
    join: (body) => enter("/auth/join", body),

    /**
     * @param {string} code Of an invitation, a new account or a forgotten password.
     * @returns {Promise<JoinOffer>} What it opens.
     */
    checkCode: (code) => client.json({ method: "POST", path: "/auth/join/check", body: { code }, isPublic: true }),

    /**
     * @param {{ email: string, name: string, password: string, language: string }} body Who would like an account.
     * @returns {Promise<{ state: string }>} It waits for an administrator.
     */
    register: (body) => client.json({ method: "POST", path: "/auth/register", body, isPublic: true }),

    /** @returns {Promise<User>} Who is signed in, by the cookie. */
    resume: async () => (await client.refresh()).user,

    /** Ends the session on the box, by its cookie, and here. */
    logOut: async () => {
      await client.json({ method: "POST", path: "/auth/logout", body: {}, headers, isPublic: true });
      client.signedOut();
    },

    /**
     * @param {{ name?: string, language?: string, preferences?: import("./types.js").Preferences }} body What changes.
     * @returns {Promise<User>} The person as now known.
     */
    change: (body) => client.json({ method: "PATCH", path: "/auth/me", body }),
  };
}

/** @typedef {ReturnType<typeof makeAccounts>} Accounts */
