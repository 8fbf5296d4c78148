// Finds languages by folder (`languages/<name>/index.ts`), so that adding one touches one folder. Loads them only when asked for.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Language, Lower } from "./language.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Folder names, sorted. */
function languageNames(): string[] {
  return readdirSync(HERE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`${HERE}${entry.name}/index.ts`))
    .map((entry) => entry.name)
    .sort();
}

async function loadLanguage(name: string): Promise<Language> {
  const loaded: Record<string, unknown> = await import(`./${name}/index.ts`);
  const found = Object.values(loaded)
    .filter(isLanguage)
    .find((language) => language.name === name);
  if (found === undefined) {
    throw new AppError("internal", `languages/${name}/index.ts exports no language named "${name}".`);
  }
  return found;
}

/** The language's parser, without the rest of it. */
export async function loadLower(name: string): Promise<Lower> {
  const loaded: { lower?: Lower } = await import(`./${name}/lower.ts`);
  if (typeof loaded.lower !== "function") {
    throw new AppError("internal", `languages/${name}/lower.ts exports no function "lower".`);
  }
  return loaded.lower;
}

/** All languages by name. */
export async function loadLanguages(): Promise<Map<string, Language>> {
  const languages = new Map<string, Language>();
  for (const name of languageNames()) languages.set(name, await loadLanguage(name));
  return languages;
}

function isLanguage(value: unknown): value is Language {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "extensions" in value &&
    "createImportResolver" in value
  );
}

/** Extension (with the dot, lower case) → language. Two languages that claim one extension are a mistake, told at start. */
export function languagesByExtension(languages: ReadonlyMap<string, Language>): Map<string, Language> {
  const byExtension = new Map<string, Language>();
  for (const language of languages.values()) {
    for (const extension of language.extensions) {
      const other = byExtension.get(extension);
      if (other !== undefined) {
        throw new AppError("internal", `Both ${other.name} and ${language.name} claim the extension ${extension}.`);
      }
      byExtension.set(extension, language);
    }
  }
  return byExtension;
}
