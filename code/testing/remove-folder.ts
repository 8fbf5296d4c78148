// The end of a test's folder.
import { rmSync } from "node:fs";

/**
 * Removes a folder and all in it. What a killed process had started may write into the folder for a moment more,
 * so this tries again for up to ten seconds.
 */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
