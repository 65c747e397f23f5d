/** Shapes of what the box answers about accounts and their administration (docs/api.md). Types only. */

/**
 * @typedef {import("./types.js").User} User
 * @typedef {User["role"]} Role
 * @typedef {"totp" | "recovery"} SecondFactor
 * @typedef {{ email: string, name: string, role: Role, password: string }} DemoAccount
 * @typedef {{ registration: "closed" | "approval", demo_accounts: DemoAccount[] }} EntryOptions
 * @typedef {{ id: string, created_at: string, last_used_at: string, expires_at: string, device: string,
 *   address: string | null, is_current: boolean }} Session
 * @typedef {{ enabled: boolean, since: string | null, recovery_codes_left: number }} SecondFactorState
 * @typedef {{ secret: string, otpauth_uri: string, qr_svg: string }} SecondFactorStart
 * @typedef {{ left: number, created_at: string | null }} RecoveryState
 * @typedef {"chat" | "models" | "metrics"} KeyScope
 * @typedef {{ id: string, name: string, scopes: KeyScope[], created_at: string, last_used_at: string | null,
 *   expires_at: string | null }} ApiKey
 * @typedef {ApiKey & { key: string }} NewApiKey
 * @typedef {{ role: Role, name: string | null, email: string | null, kind: "invite" | "new" | "reset",
 *   invited_by?: string | null }} JoinOffer
 * @typedef {"active" | "disabled" | "waiting"} PersonState
 * @typedef {{ id: string, email: string, name: string, role: Role, language: "es" | "en", state: PersonState,
 *   is_owner: boolean, mfa_enabled: boolean, created_at: string, last_seen_at: string | null }} Person
 * @typedef {{ code: string, url: string, qr_svg: string, expires_at: string, hint_loopback?: boolean }} EntryCode
 * @typedef {{ id: string, role: Role, name: string | null, state: "open" | "used" | "expired" | "revoked", created_at: string,
 *   expires_at: string, created_by: string, used_at: string | null, used_by: string | null }} Invite
 * @typedef {{ id: string | number, created_at: string, action: string, actor_id: string | null, actor_name: string,
 *   target_kind: string, target_id: string, target_name: string, outcome: "done" | "refused",
 *   address: string | null, details: Record<string, string | number | boolean> }} AuditEntry
 * @typedef {{ ok: boolean, entries: number, first_broken_id?: string | number | null }} AuditCheck
 * @typedef {{ registration: "closed" | "approval", admins_read_conversations: boolean }} BoxSettings
 * @typedef {{ id: string, title: string, updated_at: string, user_id: string }} ReadableConversation
 */

export {};
