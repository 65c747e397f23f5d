/** What administrators do: people, invitations, the audit log, the rules of the box, conversations. */

import { withQuery } from "./queries.js";

/**
 * @typedef {import("./people-types.js").Person} Person
 * @typedef {import("./people-types.js").EntryCode} EntryCode
 * @typedef {import("./people-types.js").Invite} Invite
 * @typedef {import("./people-types.js").AuditEntry} AuditEntry
 * @typedef {import("./people-types.js").AuditCheck} AuditCheck
 * @typedef {import("./people-types.js").BoxSettings} BoxSettings
 * @typedef {import("./people-types.js").ReadableConversation} ReadableConversation
 * @typedef {import("./people-types.js").Role} Role
 * @typedef {import("./types.js").Message} Message
 * @typedef {"disable" | "enable" | "approve" | "reject" | "sign-out" | "reset-code" | "reset-mfa"} PersonAct
 *
 * @typedef {object} AuditFilter
 * @property {string} [actor] Id of who did it, or a part of the name.
 * @property {string} [action] Name of what was done.
 * @property {string} [outcome] `done` or `refused`.
 * @property {string} [since] RFC 3339.
 * @property {string} [until] RFC 3339.
 */

/**
 * @template T
 * @typedef {import("./types.js").Page<T>} Page
 */

const PAGE = 25;

/**
 * Returns the requests of administrators.
 *
 * @param {import("./client.js").Client} client Sends them.
 */
export function makeAdmin(client) {
  return { ...makePeople(client), ...makeInvites(client), ...makeAudit(client), ...makeReading(client) };
}

/** @typedef {ReturnType<typeof makeAdmin>} Admin */

/** @param {import("./client.js").Client} client Sends requests. */
function makePeople(client) {
  const path = (/** @type {string} */ id) => `/admin/users/${encodeURIComponent(id)}`;
  return {
    /**
     * @param {{ query?: string, role?: string, state?: string, limit?: number, cursor?: string | null }} filter Which people.
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<Page<Person>>} They.
     */
    people: (filter, signal) => client.json({ method: "GET", path: withQuery("/admin/users", { limit: PAGE, ...filter }), signal }),

    /**
     * @param {string} id Who.
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<Person>} The person.
     */
    person: (id, signal) => client.json({ method: "GET", path: path(id), signal }),

    /**
     * @param {{ email: string, name: string, role: Role, language: string }} body Who.
     * @returns {Promise<EntryCode & { user: Person }>} With the code by which the person comes in.
     */
    addPerson: (body) => client.json({ method: "POST", path: "/admin/users", body }),

    /**
     * @param {string} id Who.
     * @param {{ name?: string, email?: string, role?: Role }} body What changes.
     * @returns {Promise<Person>} As now known.
     */
    changePerson: (id, body) => client.json({ method: "PATCH", path: path(id), body }),

    /**
     * @param {string} id Who.
     * @param {PersonAct} act What is done to the account.
     * @returns {Promise<Person>} As now known.
     */
    act: (id, act) => client.json({ method: "POST", path: `${path(id)}/${act}` }),

    /**
     * @param {string} id Who forgot the password.
     * @returns {Promise<EntryCode>} A code by which a new one can be set.
     */
    resetCode: (id) => client.json({ method: "POST", path: `${path(id)}/reset-code` }),
  };
}

/** @param {import("./client.js").Client} client Sends requests. */
function makeInvites(client) {
  return {
    /**
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<{ items: Invite[] }>} Those that may still be used.
     */
    invites: (signal) => client.json({ method: "GET", path: "/admin/invites", signal }),

    /**
     * @param {{ role: Role, name?: string, valid_hours: number }} body For whom, and for how long.
     * @returns {Promise<EntryCode & { id: string, role: Role }>} The code is shown this once.
     */
    invite: (body) => client.json({ method: "POST", path: "/admin/invites", body }),

    /**
     * @param {string} id Which.
     * @returns {Promise<void>} When its code opens nothing any more.
     */
    revokeInvite: (id) => client.json({ method: "DELETE", path: `/admin/invites/${encodeURIComponent(id)}` }),
  };
}

/** @param {import("./client.js").Client} client Sends requests. */
function makeAudit(client) {
  return {
    /**
     * @param {AuditFilter & { cursor?: string | null }} filter Which entries.
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<Page<AuditEntry>>} Newest first.
     */
    audit: (filter, signal) => client.json({ method: "GET", path: withQuery("/admin/audit", { limit: PAGE, ...filter }), signal }),

    /** @returns {Promise<AuditCheck>} Whether nobody has changed an entry afterwards. */
    checkAudit: () => client.json({ method: "GET", path: "/admin/audit/check" }),

    /**
     * @param {"csv" | "jsonl"} format Which.
     * @param {AuditFilter} filter Which entries.
     * @returns {Promise<Response>} The file.
     */
    exportAudit: (format, filter) => client.open({ method: "GET", path: withQuery("/admin/audit/export", { format, ...filter }) }),
  };
}

/** @param {import("./client.js").Client} client Sends requests. */
function makeReading(client) {
  return {
    /**
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<BoxSettings>} The rules of the box.
     */
    settings: (signal) => client.json({ method: "GET", path: "/admin/settings", signal }),

    /**
     * @param {Partial<BoxSettings>} body What changes.
     * @returns {Promise<BoxSettings>} The rules as they are now.
     */
    changeSettings: (body) => client.json({ method: "PATCH", path: "/admin/settings", body }),

    /**
     * @param {{ user_id?: string, query?: string, cursor?: string | null }} filter Whose, and part of the title.
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<Page<ReadableConversation>>} Newest first.
     */
    conversations: (filter, signal) => client.json({ method: "GET", path: withQuery("/admin/conversations", { limit: PAGE, ...filter }), signal }),

    /**
     * @param {string} id Which conversation; reading it is written into the audit log.
     * @param {{ cursor?: string | null, signal?: AbortSignal }} [which] Null for the newest page.
     * @returns {Promise<Page<Message>>} Oldest first; the cursor leads to older ones.
     */
    messages: (id, { cursor = null, signal } = {}) =>
      client.json({ method: "GET", path: withQuery(`/admin/conversations/${encodeURIComponent(id)}/messages`, { cursor, limit: 50 }), signal }),
  };
}
