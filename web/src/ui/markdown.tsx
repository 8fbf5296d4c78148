// Renders the Markdown of answers, runbooks, postmortems and what people write.
import { useMemo } from "react";
import { type Block, blocksOf, type Inline } from "./markdown-blocks.ts";

interface Props {
  text: string;
  /** Of the outermost heading in it: one below the heading that it stands under. */
  top?: 2 | 3;
}

export function Markdown({ text, top = 2 }: Props) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className="flex min-w-0 flex-col gap-3 text-base leading-6">
      <Blocks blocks={blocks} top={top} />
    </div>
  );
}

function Blocks({ blocks, top }: { blocks: readonly Block[]; top: number }) {
  return blocks.map((block, index) => <OneBlock key={index} block={block} top={top} />);
}

function OneBlock({ block, top }: { block: Block; top: number }) {
  if (block.is === "code")
    return (
      <pre tabIndex={0} className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-sm">
        {block.text}
      </pre>
    );
  if (block.is === "heading") {
    const Heading = (["h2", "h3", "h4", "h5", "h6"] as const)[Math.min(4, block.level + top - 3)] ?? "h6";
    return (
      <Heading className={block.level === 1 ? "mt-2 text-lg font-semibold first:mt-0" : "mt-1 font-semibold"}>
        <Parts inline={block.inline} />
      </Heading>
    );
  }
  if (block.is === "paragraph")
    return (
      <p className="break-words">
        <Parts inline={block.inline} />
      </p>
    );
  if (block.is === "rule") return <hr className="border-line" />;
  if (block.is === "quote")
    return (
      <blockquote className="flex flex-col gap-2 border-l-2 border-line-strong pl-3 text-muted">
        <Blocks blocks={block.blocks} top={top} />
      </blockquote>
    );
  if (block.is === "table")
    return (
      <div tabIndex={0} role="group" aria-label="Table" className="overflow-x-auto">
        <table className="border-collapse text-sm">
          {block.head.some((cell) => cell.length > 0) ? (
            <thead>
              <tr>
                {block.head.map((cell, at) => {
                  const Cell = cell.length > 0 ? "th" : "td";
                  return (
                    <Cell
                      key={at}
                      {...(cell.length > 0 ? { scope: "col" } : {})}
                      className="border border-line bg-sunken px-2 py-1 text-left font-medium"
                    >
                      <Parts inline={cell} />
                    </Cell>
                  );
                })}
              </tr>
            </thead>
          ) : null}
          <tbody>
            {block.rows.map((row, line) => (
              <tr key={line}>
                {row.map((cell, at) => (
                  <td key={at} className="border border-line px-2 py-1 align-top">
                    <Parts inline={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    );
  const List = block.ordered ? "ol" : "ul";
  return (
    <List
      {...(block.ordered && block.start !== 1 ? { start: block.start } : {})}
      className={`flex flex-col gap-1 pl-6 ${block.ordered ? "list-decimal" : "list-disc"} marker:text-faint`}
    >
      {block.items.map(({ depth, done, inline }, at) => (
        <li key={at} className={`break-words ${done === null ? "" : "list-none"}`} style={{ marginLeft: depth * 16 }}>
          {done === null ? null : (
            <span role="img" aria-label={done ? "done" : "to do"} className="mr-1.5 -ml-5 inline-block text-muted">
              {done ? "☑" : "☐"}
            </span>
          )}
          <Parts inline={inline} />
        </li>
      ))}
    </List>
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
    if (part.is === "struck") return <s key={index}>{part.text}</s>;
    if (part.is === "link")
      return (
        <a
          key={index}
          href={part.href}
          rel="noreferrer noopener"
          className="rounded-sm break-words text-accent-text underline underline-offset-2"
        >
          {part.text}
        </a>
      );
    return part.text;
  });
}
