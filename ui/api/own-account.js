/** One's own account: password, e-mail, sessions, second factor, recovery codes, API keys. */

/**
 * @typedef {import("./types.js").User} User
 * @typedef {import("./people-types.js").Session} Session
 * @typedef {import("./people-types.js").SecondFactorState} SecondFactorState
 * @typedef {import("./people-types.js").SecondFactorStart} SecondFactorStart
 * @typedef {import("./people-types.js").RecoveryState} RecoveryState
 * @typedef {import("./people-types.js").ApiKey} ApiKey
 * @typedef {import("./people-types.js").NewApiKey} NewApiKey
 * @typedef {import("./people-types.js").KeyScope} KeyScope
 */

const headers = { "X-Nodo-Client": "ui" };

/**
 * Returns the requests about one's own account.
 *
 * @param {import("./client.js").Client} client Sends them.
 */
export function makeOwnAccount(client) {
  return {
    /** @returns {Promise<User>} The person as the box knows them now. */
    me: () => client.json({ method: "GET", path: "/auth/me" }),

    /**
     * @param {string} email The new address.
     * @returns {Promise<User>} The person as now known.
     */
    changeEmail: (email) => client.json({ method: "POST", path: "/auth/email", body: { email } }),

    /** @param {{ current_password: string, new_password: string }} body All other sessions end. */
    changePassword: async (body) => {
      client.signedIn(await client.json({ method: "POST", path: "/auth/password", body, headers }));
    },

    /** @returns {Promise<{ items: Session[] }>} Where this person is signed in. */
    sessions: () => client.json({ method: "GET", path: "/auth/sessions" }),

    /**
     * @param {string} id Which.
     * @returns {Promise<void>} When it has ended.
     */
    endSession: (id) => client.json({ method: "DELETE", path: `/auth/sessions/${encodeURIComponent(id)}` }),

    /** @returns {Promise<void>} When all but this one have ended. */
    endOtherSessions: () => client.json({ method: "DELETE", path: "/auth/sessions" }),

    /**
     * @param {{ password: string, code?: string }} body Proof that it is still the same person.
     * @returns {Promise<void>} When the box believes it.
     */
    confirm: (body) => client.json({ method: "POST", path: "/auth/confirm", body }),

    /** @returns {Promise<SecondFactorState>} Whether sign-in asks for a second factor. */
    secondFactor: () => client.json({ method: "GET", path: "/auth/mfa" }),

    /** @returns {Promise<SecondFactorStart>} What an authenticator app needs; not yet in force. */
    startSecondFactor: () => client.json({ method: "POST", path: "/auth/mfa/start" }),

    /**
     * @param {string} code That the app shows.
     * @returns {Promise<{ recovery_codes: string[] }>} From now on in force; the codes are shown once.
     */
    confirmSecondFactor: (code) => client.json({ method: "POST", path: "/auth/mfa/confirm", body: { code } }),

    /** @returns {Promise<void>} When the password is enough again. */
    disableSecondFactor: () => client.json({ method: "POST", path: "/auth/mfa/disable" }),

    /** @returns {Promise<RecoveryState>} How many recovery codes are left. */
    recovery: () => client.json({ method: "GET", path: "/auth/recovery" }),

    /** @returns {Promise<{ codes: string[] }>} New recovery codes, shown once; the old ones are void. */
    newRecoveryCodes: () => client.json({ method: "POST", path: "/auth/recovery" }),

    /** @returns {Promise<{ items: ApiKey[] }>} The keys of this person's programs. */
    keys: () => client.json({ method: "GET", path: "/auth/keys" }),

    /**
     * @param {{ name: string, scopes: KeyScope[], expires_in_days?: number }} body What it is for.
     * @returns {Promise<NewApiKey>} The key itself is shown this once.
     */
    createKey: (body) => client.json({ method: "POST", path: "/auth/keys", body }),

    /**
     * @param {string} id Which.
     * @returns {Promise<void>} When it is dead.
     */
    revokeKey: (id) => client.json({ method: "DELETE", path: `/auth/keys/${encodeURIComponent(id)}` }),
  };
}

/** @typedef {ReturnType<typeof makeOwnAccount>} OwnAccount */
