// Judges JSON by the types that the vendors publish in their own libraries: the compiler checks each value as an object literal, so what
// is missing, of another type or not known is told.
import { join } from "node:path";
import ts from "typescript";

const google = "@google/generative-ai";

/** Of each vendor's library: what is sent to it, and what it answers. */
const published = {
  "openai chat request": ["openai/resources/chat/completions", "ChatCompletionCreateParamsNonStreaming"],
  "openai chat answer": ["openai/resources/chat/completions", "ChatCompletion"],
  "openai embeddings request": ["openai/resources/embeddings", "EmbeddingCreateParams"],
  "openai embeddings answer": ["openai/resources/embeddings", "CreateEmbeddingResponse"],
  "openai error": ["openai/resources/shared", "ErrorObject"],
  "anthropic request": ["@anthropic-ai/sdk/resources/messages", "MessageCreateParamsNonStreaming"],
  "anthropic answer": ["@anthropic-ai/sdk/resources/messages", "Message"],
  "anthropic error": ["@anthropic-ai/sdk/resources/shared", "ErrorResponse"],
  // Google's library writes these two itself from what it is given: on the wire instructions have no role, and each text names its model.
  "google request": [google, "GenerateContentRequest", `{ systemInstruction?: { parts: import("${google}").Part[] } }`],
  "google answer": [google, "GenerateContentResponse"],
  "google embeddings request": [
    google,
    "BatchEmbedContentsRequest",
    `{ requests: (import("${google}").EmbedContentRequest & { model: string })[] }`,
  ],
  "google embeddings answer": [google, "BatchEmbedContentsResponse"],
} as const satisfies Record<string, readonly [module: string, type: string, instead?: string]>;

type PublishedType = keyof typeof published;

export interface Judged {
  what: PublishedType;
  json: string;
}

/** Sentences of the compiler, each with what it is about; none = everything fits. */
export function judge(samples: readonly Judged[]): string[] {
  const lines = [
    // Google's libraries write words as enums: on the wire they are their text.
    "type Wire<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;",
    // JSON.parse answers no constructors: each value is one expression a line, so that a line of an error names its sample.
    ...samples.map(({ what, json }, at) => {
      const [module, type, instead = "{}"] = published[what];
      const shape = `Wire<Omit<import("${module}").${type}, keyof (${instead})> & ${instead}>`;
      return `export const sample${at}: ${shape} = ${JSON.stringify(JSON.parse(json))};`;
    }),
  ];
  const name = join(import.meta.dirname, "samples-of-vendors.ts");
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  const text = lines.join("\n");
  host.fileExists = (file) => file === name || fileExists(file);
  host.readFile = (file) => (file === name ? text : readFile(file));
  host.getSourceFile = (file, language, ...more) =>
    file === name ? ts.createSourceFile(file, text, language) : getSourceFile(file, language, ...more);
  const program = ts.createProgram([name], options, host);
  const source = program.getSourceFile(name);
  return [...program.getOptionsDiagnostics(), ...program.getSemanticDiagnostics(source)].map((one) => {
    const line =
      source === undefined || one.start === undefined ? 0 : source.getLineAndCharacterOfPosition(one.start).line;
    const about = samples[line - 1]?.what ?? "the compiler";
    return `${about}: ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`;
  });
}
