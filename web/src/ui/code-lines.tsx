// Lines of source with their numbers.
import { useMemo } from "react";
import { highlight, type Token, type TokenKind } from "./highlight.ts";

const tones: Record<TokenKind, string> = {
  plain: "",
  comment: "text-faint italic",
  string: "text-ok",
  number: "text-warn",
  keyword: "text-accent-text",
};

export function CodeTokens({ tokens }: { tokens: readonly Token[] }) {
  return tokens.map((token, index) =>
    token.kind === "plain" ? (
      token.text
    ) : (
      <span key={index} className={tones[token.kind]}>
        {token.text}
      </span>
    ),
  );
}

export function CodeLines({
  lines,
  first,
  language,
}: {
  lines: readonly string[];
  first: number;
  language: string | null;
}) {
  const coloured = useMemo(() => highlight(lines, language), [lines, language]);
  return (
    <pre className="min-w-fit font-mono text-sm">
      {coloured.map((tokens, index) => (
        <div key={index} className="flex">
          <span aria-hidden className="w-12 shrink-0 pr-3 text-right text-faint tabular-nums select-none">
            {first + index}
          </span>
          <code className="pr-4 whitespace-pre">
            <CodeTokens tokens={tokens} />
            {tokens.length === 0 ? "\n" : null}
          </code>
        </div>
      ))}
    </pre>
  );
}
