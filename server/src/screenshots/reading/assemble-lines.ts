// From the words that text recognition found to lines as they stand on the picture: cells of a row, left to right, rows top to bottom.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface FoundWord extends Box {
  text: string;
  /** 0–1 */
  confidence: number;
  /** Words of one number were found as one piece, so what separates them is a space. */
  piece: number;
}

export interface TextLine extends Box {
  text: string;
  /** 0–1, by letters */
  confidence: number;
  /** Lines side by side have the same row. */
  row: number;
}

const middle = ({ y, height }: Box): number => y + height / 2;

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Specks, icons and borders that were taken for letters. */
function isNoise({ text, confidence }: FoundWord): boolean {
  if (/[\p{L}\p{N}]{3}/u.test(text)) return confidence < 0.1;
  if (confidence < 0.25) return true;
  if (/[\p{L}\p{N}]/u.test(text)) return text.length <= 2 && confidence < 0.45;
  return confidence < 0.6;
}

/** Words of roughly one height whose middles are beside each other. */
function rowsOf(words: readonly FoundWord[]): FoundWord[][] {
  const rows: { words: FoundWord[]; middle: number; height: number }[] = [];
  for (const word of words.toSorted((a, b) => middle(a) - middle(b))) {
    const found = rows
      .slice(-40)
      .findLast((row) => Math.abs(row.middle - middle(word)) < 0.42 * Math.max(row.height, word.height * 0.8));
    if (found === undefined) rows.push({ words: [word], middle: middle(word), height: word.height });
    else {
      found.words.push(word);
      found.height = median(found.words.map(({ height }) => height));
      found.middle = median(found.words.map(middle));
    }
  }
  return rows.map(({ words: inRow }) => inRow.toSorted((a, b) => a.x - b.x));
}

/** "02:49:" and "17." are one word that was taken apart at its dots: so narrow a gap at such a place is no space. */
function joins(left: FoundWord, right: FoundWord, height: number): boolean {
  if (left.piece === right.piece) return false;
  const gap = right.x - (left.x + left.width);
  if (gap > 0.62 * height) return false;
  return (
    /[\p{L}\p{N}][.:,/_@=-]$/u.test(left.text) ||
    /^[.:,/_@=-][\p{L}\p{N}]/u.test(right.text) ||
    (/^\d+$/.test(left.text) && /^\d{2,}$/.test(right.text) && gap < 0.5 * height)
  );
}

/** Letters that stand for others where only the others make sense. */
function mend(text: string): string {
  return text
    .replace(/\/v[1lIi|]+(?=\/)/g, "/v1")
    .replace(/(?<=^|\s)[/f]api(?=\/)/g, "/api")
    .replace(/(?<=\d)[oO](?=\d|\b)/g, "0")
    .replace(/(?<=^|[.\s])0(?=[a-z]*[g-z][a-z]{2})/g, "O")
    .replace(/\b[0O]{2}MKilled/g, "OOMKilled")
    .replace(/\bi\/[0o]\b/g, "i/O")
    .replace(/(?<=\d)\s?(GIB|MIB|KIB|TIB)\b/g, (_, unit: string) => ` ${unit[0] ?? ""}iB`)
    .replace(/(?<=\d\s?)re[qg][g]?[/lI|1]f?s\b/g, "req/s")
    .replace(/(?<=@\S+:~)#%/g, "#")
    .replace(/[“”]/g, '"')
    .replace(/[‘’]/g, "'");
}

function lineOf(words: readonly FoundWord[], height: number, row: number): TextLine {
  let text = "";
  words.forEach((word, index) => {
    const before = words[index - 1];
    text += before === undefined || joins(before, word, height) ? word.text : ` ${word.text}`;
  });
  const letters = words.reduce((sum, word) => sum + word.text.length, 0);
  const x = Math.min(...words.map((word) => word.x));
  const y = Math.min(...words.map((word) => word.y));
  return {
    text: mend(text),
    confidence: words.reduce((sum, word) => sum + word.confidence * word.text.length, 0) / Math.max(1, letters),
    row,
    x,
    y,
    width: Math.max(...words.map((word) => word.x + word.width)) - x,
    height: Math.max(...words.map((word) => word.y + word.height)) - y,
  };
}

export function assembleLines(found: readonly FoundWord[]): TextLine[] {
  const lines: TextLine[] = [];
  rowsOf(found.filter((word) => !isNoise(word))).forEach((words, row) => {
    const height = median(words.map((word) => word.height));
    let cell: FoundWord[] = [];
    for (const word of words) {
      const last = cell.at(-1);
      const gap = last === undefined ? 0 : word.x - (last.x + last.width);
      const goesOn = last?.piece === word.piece ? 2.4 : last?.text.endsWith(":") === true ? 1.8 : 1.1;
      if (last !== undefined && gap > goesOn * height) {
        lines.push(lineOf(cell, height, row));
        cell = [];
      }
      cell.push(word);
    }
    if (cell.length > 0) lines.push(lineOf(cell, height, row));
  });
  return lines;
}

/** The lines as plain text: a row a line, its cells apart. */
export function plainText(lines: readonly TextLine[]): string {
  const rows = new Map<number, string[]>();
  for (const { row, text } of lines) rows.set(row, [...(rows.get(row) ?? []), text]);
  return [...rows.values()].map((cells) => cells.join("   ")).join("\n");
}
