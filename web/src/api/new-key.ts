// A key for a request that must take effect once: the same for every try, another one for the next request.

/** `crypto.randomUUID` is only there on https and localhost. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
