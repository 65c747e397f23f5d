/** Shapes of what the box answers (docs/api.md). Types only. */

/**
 * @typedef {{ theme?: "system" | "light" | "dark", follow_answer?: boolean, shortcuts?: boolean,
 *   read_answers_aloud_to_screen_reader?: "ends" | "all", temperature?: number | null, top_p?: number | null,
 *   max_tokens?: number | null, model?: string | null }} Preferences
 * @typedef {{ id: string, email: string, name: string, role: "admin" | "supervisor" | "worker",
 *   language: "es" | "en", created_at: string, is_owner?: boolean, mfa_enabled?: boolean,
 *   conversations_may_be_read?: boolean, preferences?: Preferences }} User
 * @typedef {{ access_token: string, refresh_token: string | null, token_type: "bearer", expires_in: number,
 *   user: User }} SignIn
 * @typedef {{ needed: boolean, language: "es" | "en", version: string }} SetupState
 * @typedef {{ type?: string, title?: string, status: number, code: string, detail?: string, hint?: string,
 *   request_id?: string, field?: string, retry_after_s?: number }} Problem
 * @typedef {{ id: string, title: string, created_at: string, updated_at: string, writing: boolean, pinned?: boolean,
 *   unread?: boolean }} Conversation
 * @typedef {"queued" | "writing" | "done" | "stopped" | "failed" | "interrupted"} MessageState
 * @typedef {"stop" | "length" | "cancelled"} FinishReason
 * @typedef {{ prompt_tokens: number | null, completion_tokens: number | null }} Usage
 * @typedef {{ queued_s: number | null, reading_s: number | null, writing_s: number | null,
 *   tokens_per_s: number | null }} Timings
 * @typedef {{ id: string, conversation_id: string, parent_id: string | null, role: "user" | "assistant",
 *   content: string, state: MessageState, finish_reason: FinishReason | null, error: Problem | null,
 *   model: string | null, usage: Usage | null, timings: Timings | null, created_at: string, files?: AttachedFile[],
 *   feedback?: Rating | null, read_from?: string | null, cached?: boolean,
 *   provider?: string | null, provider_name?: string, fallback_reason?: string, cost_eur?: number | null }} Message
 * @typedef {"up" | "down"} Rating
 * @typedef {{ id: string, name: string, media_type: string, size_bytes: number, state: "extracting" | "ready" | "failed",
 *   pages?: number | null, pages_done?: number | null, characters?: number | null, tokens?: number | null,
 *   tokens_estimated?: boolean, error?: Problem | null }} AttachedFile
 * @typedef {{ temperature?: number, top_p?: number, max_tokens?: number }} AnswerOptions
 * @typedef {{ conversation_id: string, conversation_title: string, message_id: string | null, role: "user" | "assistant" | null,
 *   created_at: string, snippet: { text: string, hit: boolean }[] }} Hit
 * @typedef {{ stage: "queued" | "loading" | "reading" | "thinking" | "writing", ahead?: number | null,
 *   percent?: number | null, eta_s?: number | null, prompt_tokens?: number | null,
 *   dropped_turns?: number | null, read_from?: string | null }} Stage
 * @typedef {{ conversation_id: string, title: string, message_id: string, question_id: string }} Head
 * @typedef {{ message_id: string, finish_reason: FinishReason, usage: Usage | null, timings: Timings | null,
 *   provider: string, model: string, cached: boolean, read_from?: string | null, provider_name?: string,
 *   fallback_reason?: string, cost_eur?: number | null }} Done
 * @typedef {{ status: "no_model" | "starting" | "loading" | "ready" | "restarting" | "failed" | "unloaded",
 *   model: string | null, model_title: string | null, is_demo: boolean, detail: string | null, load_percent: number | null,
 *   running: number, waiting: number, context_tokens: number | null, tokens_per_s: number | null,
 *   stays_here?: boolean }} Engine
 * @typedef {{ name: string, title: string, file: string, size_bytes: number, is_demo: boolean,
 *   is_current: boolean, bad_reason: string | null, problem: string, parent_name: string, parameter_size: string, quantization: string,
 *   context_tokens: number, capabilities: string[], licence: string, is_removable: boolean }} InstalledModel
 * @typedef {{ name: string, title: string, parameters_b: number, size_bytes: number, licence: string, licence_text: string,
 *   allows_commercial_use?: boolean, languages: string[], ram_8k_bytes: number | null, fits: boolean, recommended: boolean, repository: string,
 *   file: string, notes: string }} CatalogueModel
 * @typedef {{ installed: InstalledModel[], catalogue: CatalogueModel[], memory_total_bytes: number,
 *   models_folder_hint: string | null }} Models
 */

/**
 * @template T
 * @typedef {{ items: T[], next_cursor: string | null }} Page
 */

export {};
