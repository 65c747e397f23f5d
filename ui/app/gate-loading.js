/** The pages before the sign-in, each loaded when it is first shown. */

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
const GATES = {};

/**
 * Returns how to show a gate.
 *
 * @param {GateName | null} name Which; null for the ordinary sign-in.
 * @returns {Promise<MountGate>} Shows it.
 */
export async function gateFor(name) {
  const load = name && GATES[name];
  return load ? await load() : (await import("../pages/login/page.js")).mountLogin;
}
