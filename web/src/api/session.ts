// The API key this tab signed in with. Kept in sessionStorage: gone with the tab, never in a cookie, never sent to another origin.
const storageKey = "opentrace.key";
let key: string | null = read();
let signInNeeded = false;
const listeners = new Set<() => void>();

function read(): string | null {
  try {
    return sessionStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function tell(): void {
  for (const listener of listeners) listener();
}

export const session = {
  get key(): string | null {
    return key;
  },
  signIn(next: string): void {
    key = next;
    signInNeeded = false;
    try {
      sessionStorage.setItem(storageKey, next);
    } catch {
      // Without storage the key lives as long as the page.
    }
    tell();
  },
  signOut(): void {
    key = null;
    try {
      sessionStorage.removeItem(storageKey);
    } catch {
      // Nothing was stored.
    }
    tell();
  },
  /** The server answered 401. */
  refused(): void {
    if (signInNeeded) return;
    signInNeeded = true;
    tell();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  needsSignIn: (): boolean => signInNeeded,
  signedIn: (): boolean => key !== null,
};
