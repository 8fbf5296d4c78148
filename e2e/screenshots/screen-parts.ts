// What the invented screens are made of: a page with its look, charts, and marks of what each text means.
import type { Content } from "./invented-content.ts";

export interface Look {
  dark: boolean;
  font: string;
  mono: string;
  /** px */
  size: number;
  accent: string;
}

interface Screen {
  kind: "dashboard" | "error_screen" | "terminal" | "unknown";
  html: string;
}

export type Template = (content: Content, look: Look) => Screen;

export const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c);

/** What the text means, for the truth beside the picture (render-corpus.ts reads it from the page, where it shows). */
export const is = (what: "title" | "panel" | "error" | "range" | "service", text: string): string =>
  `<span data-is="${what}">${text}</span>`;

/** Lines of a failure with its message marked wherever it stands. */
export const failureLine = (line: string, message: string, wrap = (text: string) => text): string =>
  escape(line).replace(escape(message), () => wrap(is("error", escape(message))));

/** A figure, with the label that a person would give it. */
export const figure = (label: string, text: string): string =>
  `<span data-is="value" data-of="${label}">${text}</span>`;

export function frame(look: Look, css: string, body: string): string {
  const [ground, ink] = look.dark ? ["#111217", "#d8d9da"] : ["#f4f5f5", "#24292e"];
  return `<!doctype html><meta charset="utf-8"><style>
    *{box-sizing:border-box} body{margin:0;background:${ground};color:${ink};font:${look.size}px/1.4 ${look.font};min-height:100vh}
    pre,code,.mono{font-family:${look.mono}} pre{margin:0;white-space:pre-wrap} table{border-collapse:collapse;width:100%}
    td,th{text-align:left;padding:5px 10px;border-bottom:1px solid ${look.dark ? "#2c3235" : "#dcdfe3"}} ${css}</style>${body}`;
}

/** Lines of a chart with its axes, as dashboards draw them. */
export function chart(
  content: Content,
  look: Look,
  series: readonly string[],
  unit: (value: number) => string,
): string {
  const [width, height, left, bottom] = [400, 150, 52, 22];
  const colors = ["#73bf69", "#f2495c", "#5794f2", "#ff9830"];
  const grid = look.dark ? "#2c3235" : "#e3e5e8";
  const ink = look.dark ? "#9fa7b3" : "#6b7280";
  const small = Math.max(10, look.size - 2);
  let body = "";
  for (let row = 0; row < 4; row++) {
    const y = 8 + (row * (height - bottom - 12)) / 3;
    body += `<path d="M${left} ${y}H${width}" stroke="${grid}"/><text x="${left - 6}" y="${y + 4}" text-anchor="end" font-size="${small}" fill="${ink}" data-is="tick">${unit(3 - row)}</text>`;
  }
  const hour = content.whole(1, 20);
  for (let column = 0; column < 4; column++)
    body += `<text x="${left + 10 + (column * (width - left - 60)) / 3}" y="${height - 4}" font-size="${small}" fill="${ink}" data-is="tick">${String(hour + column).padStart(2, "0")}:00</text>`;
  series.forEach((_name, index) => {
    let level = 40 + content.random() * 60;
    let path = "";
    for (let x = left; x <= width; x += 6) {
      level = Math.min(height - bottom - 6, Math.max(10, level + (content.random() - 0.5) * 18));
      path += `${path === "" ? "M" : "L"}${x} ${level.toFixed(1)}`;
    }
    body += `<path d="${path}" fill="none" stroke="${colors[index % 4] ?? "#888"}" stroke-width="1.5"/>`;
  });
  const legend = series
    .map(
      (name, index) =>
        `<span style="margin-right:12px;font-size:${small}px"><i style="display:inline-block;width:14px;height:3px;background:${colors[index % 4] ?? "#888"};margin-right:5px;vertical-align:middle"></i>${is("service", escape(name))}</span>`,
    )
    .join("");
  return `<svg viewBox="0 0 ${width} ${height}" width="100%" style="display:block">${body}</svg><div>${legend}</div>`;
}

export const distinct = <T>(count: number, make: () => T, key: (item: T) => string): T[] => {
  const found = new Map<string, T>();
  for (let tries = 0; found.size < count && tries < 200; tries++) {
    const item = make();
    if (!found.has(key(item))) found.set(key(item), item);
  }
  return [...found.values()];
};
