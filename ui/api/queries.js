/** Addresses with a query. */

/**
 * Returns an address with its query.
 *
 * @param {string} path Without a query.
 * @param {Record<string, string | number | boolean | null | undefined>} values Null, undefined and empty ones are left out.
 * @returns {string} With it.
 */
export function withQuery(path, values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  return query.size ? `${path}?${query}` : path;
}
