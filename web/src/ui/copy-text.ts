// Puts a text on the clipboard, also where the browser keeps its clipboard API for itself: on plain http, off localhost.

/** False when the browser lets the page copy by no means. */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused, e.g. by a permission: the old way may still be open.
  }
  return copyBySelection(text);
}

/** The browser's own copy of a selection, which asks no permission during a click. */
function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.setAttribute("aria-hidden", "true");
  area.style.cssText = "position:fixed;inset:0 auto auto 0;opacity:0";
  // Inside of an open dialog, which keeps the focus to itself.
  (before?.closest("[role=dialog]") ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  }
}
