/** The pages before the sign-in, each loaded when it is first shown, with its texts. */

import { loadGateTexts } from "../lib/more-texts.js";

/**
 * @typedef {import("../pages/context.js").GateContext} GateContext
 * @typedef {import("../pages/context.js").GateName} GateName
 * @typedef {(root: HTMLElement, context: GateContext) => void} MountGate
 */

/**
 * One line for each gate; its name stands in `GateName` and in the router.
 *
 * @type {Partial<Record<GateName, () => Promise<MountGate>>>}
 */
const GATES = {
  join: async () => (await import("../pages/join/page.js")).mountJoin,
  recover: async () => (await import("../pages/recover/page.js")).mountRecover,
  register: async () => (await import("../pages/register/page.js")).mountRegister,
};

/**
 * Returns how to show a gate.
 *
 * @param {GateName | null} name Which; null for the ordinary sign-in.
 * @returns {Promise<MountGate>} Shows it.
 */
export async function gateFor(name) {
  const load = name && GATES[name];
  await loadGateTexts();
  return load ? await load() : (await import("../pages/login/page.js")).mountLogin;
}
