// The INI dialect of setup.cfg (Python's configparser): sections, `key = value`, values that go on in indented lines.

interface IniLine {
  text: string;
  line: number;
}

/** A key's value, line by line, without comments and empty lines. */
export interface IniValue {
  line: number;
  lines: IniLine[];
}

export interface Ini {
  sections: Map<string, Map<string, IniValue>>;
  problems: string[];
}

export function parseIni(text: string): Ini {
  const sections: Ini["sections"] = new Map();
  const problems: string[] = [];
  let section: Map<string, IniValue> | null = null;
  let value: IniValue | null = null;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const trimmed = raw.trim();
    if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith(";")) continue;
    if (/^\s/.test(raw) && value !== null) {
      value.lines.push({ text: trimmed, line });
      continue;
    }
    const header = /^\[([^\]]+)\]/.exec(trimmed);
    if (header?.[1] !== undefined) {
      section = sections.get(header[1].trim()) ?? new Map();
      sections.set(header[1].trim(), section);
      value = null;
      continue;
    }
    const separator = /[=:]/.exec(trimmed);
    if (section === null || separator === null) {
      problems.push(`line ${line} is neither a section nor a setting: ${trimmed.slice(0, 60)}`);
      continue;
    }
    const key = trimmed.slice(0, separator.index).trim().toLowerCase();
    const first = trimmed.slice(separator.index + 1).trim();
    value = { line, lines: first === "" ? [] : [{ text: first, line }] };
    section.set(key, value);
  }
  return { sections, problems };
}
