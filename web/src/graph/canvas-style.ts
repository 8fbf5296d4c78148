// Colours and label drawing of the canvas, for both themes.
import type { NodeHoverDrawingFunction, NodeLabelDrawingFunction } from "sigma/rendering";

export interface Inks {
  bg: string;
  text: string;
  muted: string;
  line: string;
  faintLine: string;
  accent: string;
}

const light: Inks = {
  bg: "#fafafa",
  text: "#18181b",
  muted: "#52525b",
  line: "#a1a1aa",
  faintLine: "#c2c2cb",
  accent: "#4f46e5",
};
const dark: Inks = {
  bg: "#0d0d10",
  text: "#ededf0",
  muted: "#b0b0ba",
  line: "#5b5b66",
  faintLine: "#42424d",
  accent: "#8f8fff",
};

export const inks = (isDark: boolean): Inks => (isDark ? dark : light);

/** What is inferred with little confidence is drawn fainter. */
export const edgeColor = (ink: Inks, confidence: number): string => (confidence >= 0.8 ? ink.line : ink.faintLine);

/** `part` of the way from one #rrggbb colour to another. */
export function mix(from: string, to: string, part: number): string {
  const channel = (at: number): string =>
    Math.round(parseInt(from.slice(at, at + 2), 16) * (1 - part) + parseInt(to.slice(at, at + 2), 16) * part)
      .toString(16)
      .padStart(2, "0");
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

const longest = 34;
const short = (label: string): string => (label.length > longest ? `${label.slice(0, longest - 1)}…` : label);

/** Below the node, with a halo in the background's colour, so that it stays readable over lines. */
export const drawLabel =
  (ink: Inks): NodeLabelDrawingFunction =>
  (context, data, settings) => {
    if (!data.label) return;
    const text = short(data.label);
    context.font = `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`;
    context.textAlign = "center";
    context.textBaseline = "top";
    const y = data.y + data.size + 3;
    context.lineWidth = 3.5;
    context.lineJoin = "round";
    context.strokeStyle = ink.bg;
    context.strokeText(text, data.x, y);
    context.fillStyle = ink.text;
    context.fillText(text, data.x, y);
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
  };

/** Pointed at: the whole name and the type. */
export const drawHover =
  (ink: Inks): NodeHoverDrawingFunction =>
  (context, data, settings) => {
    if (!data.label) return;
    const kind = "kind" in data && typeof data.kind === "string" ? data.kind : "";
    context.font = `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`;
    const width = Math.max(context.measureText(data.label).width, context.measureText(kind).width) + 16;
    const y = data.y + data.size + 5;
    context.fillStyle = ink.bg;
    context.strokeStyle = ink.line;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(data.x - width / 2, y, width, 38, 6);
    context.fill();
    context.stroke();
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillStyle = ink.text;
    context.fillText(data.label, data.x, y + 6);
    context.fillStyle = ink.muted;
    context.font = `${settings.labelSize - 1}px ${settings.labelFont}`;
    context.fillText(kind, data.x, y + 21);
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
  };
