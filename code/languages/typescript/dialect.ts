// Which of the two languages that this folder reads a file is in.
export const dialectOf = (path: string): "typescript" | "javascript" =>
  /\.(?:[cm]?ts|tsx)$/i.test(path) ? "typescript" : "javascript";
