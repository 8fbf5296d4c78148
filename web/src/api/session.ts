// Whether this tab is signed in. People are by a cookie that scripts can't read; an API key lives in sessionStorage, gone with the tab.
const storageKey = "opentrace.key";
let key: string | null = read();
let signInNeeded = false;
/** Counts up whenever who is signed in may be another one. */
let generation = 0;
const listeners = new Set<() => void>();

function read(): string | null {
  try {
    return sessionStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function changed(): void {
  generation++;
  tell();
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
    changed();
  },
  /** The browser has a session now. */
  begun(): void {
    signInNeeded = false;
    this.forgetKey();
    changed();
  },
  forgetKey(): void {
    key = null;
    try {
      sessionStorage.removeItem(storageKey);
    } catch {
      // Nothing was stored.
    }
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
  generation: (): number => generation,
};
