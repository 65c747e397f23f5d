/** Handing a file to the person, where the browser puts downloads. */

const KEPT_MS = 60_000;

/**
 * Saves what the box has sent.
 *
 * @param {Response} response Its body is the file, its headers may name it.
 * @param {string} fallback The name if they do not.
 */
export async function saveResponse(response, fallback) {
  const name = nameIn(response.headers.get("content-disposition") ?? "") || fallback;
  saveFile(await response.blob(), name);
}

/**
 * Saves what this page has made.
 *
 * @param {Blob} content What is in it.
 * @param {string} name What it is called.
 */
export function saveFile(content, name) {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Browsers read it a moment after the click.
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

/**
 * Returns the name of an attachment (RFC 6266).
 *
 * @param {string} header Value of `Content-Disposition`.
 * @returns {string} The name; empty if there is none.
 */
export function nameIn(header) {
  const extended = /filename\*=UTF-8''([^;]+)/iu.exec(header)?.[1];
  if (extended) return decoded(extended);
  return /filename="([^"]*)"/iu.exec(header)?.[1] ?? "";
}

/**
 * @param {string} text As it travels.
 * @returns {string} As people write it; empty if it is broken.
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return "";
    throw error;
  }
}
