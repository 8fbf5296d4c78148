// Renders the Markdown of answers.
import { useMemo } from "react";
import { blocksOf, type Inline } from "./markdown-blocks.ts";

export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className="flex flex-col gap-3 text-base leading-6">
      {blocks.map((block, index) => {
        if (block.is === "code")
          return (
            <pre key={index} tabIndex={0} className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-sm">
              {block.text}
            </pre>
          );
        if (block.is === "heading")
          return (
            <h2 key={index} className="font-semibold">
              <Parts inline={block.inline} />
            </h2>
          );
        if (block.is === "paragraph")
          return (
            <p key={index} className="break-words">
              <Parts inline={block.inline} />
            </p>
          );
        const List = block.ordered ? "ol" : "ul";
        return (
          <List
            key={index}
            className={`flex flex-col gap-1 pl-5 ${block.ordered ? "list-decimal" : "list-disc"} marker:text-faint`}
          >
            {block.items.map((item, at) => (
              <li key={at} className="break-words" style={{ marginLeft: item.depth * 16 }}>
                <Parts inline={item.inline} />
              </li>
            ))}
          </List>
        );
      })}
    </div>
  );
}

function Parts({ inline }: { inline: readonly Inline[] }) {
  return inline.map((part, index) => {
    if (part.is === "code")
      return (
        <code key={index} className="rounded-sm bg-sunken px-1 py-0.5 font-mono text-sm break-all">
          {part.text}
        </code>
      );
    if (part.is === "strong") return <strong key={index}>{part.text}</strong>;
    if (part.is === "emphasis") return <em key={index}>{part.text}</em>;
    if (part.is === "link")
      return (
        <a
          key={index}
          href={part.href}
          rel="noreferrer noopener"
          className="rounded-sm text-accent-text underline underline-offset-2"
        >
          {part.text}
        </a>
      );
    return part.text;
  });
}
