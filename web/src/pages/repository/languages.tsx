// What a repository is written in: the share of each language, by bytes, with its files.
import { useQuery } from "@tanstack/react-query";
import { repositories } from "../../api/queries.ts";
import type { Repository } from "@opentrace/contract/repositories.ts";
import { Card, Section } from "../../ui/page.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { WhenLoaded } from "../../ui/when-loaded.tsx";
import { bytesText, plural } from "../../ui/time-text.ts";

const names: Record<string, string> = { typescript: "TypeScript", javascript: "JavaScript" };
/** As people write it; of a language this page does not know, its name with a capital. */
const nameOf = (language: string | null): string =>
  language === null ? "Not source" : (names[language] ?? language.charAt(0).toUpperCase() + language.slice(1));

function share(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
}

export function Languages({ repository }: { repository: Repository }) {
  const query = useQuery(repositories.languages(repository.id));
  const { data } = query;
  return (
    <Section
      title="Languages"
      aside={
        <span className="text-sm text-faint tabular-nums">
          {data ? `${plural(data.files, "file")}, ${bytesText(data.bytes)}` : ""}
        </span>
      }
    >
      <Card>
        <WhenLoaded query={query} rows={3}>
          {(read) =>
            read.languages.length === 0 ? (
              <EmptyState title="Nothing was read yet" />
            ) : (
              <ul className="flex flex-col px-4 py-2">
                {read.languages.map(({ language, files, bytes }) => (
                  <li
                    key={language ?? ""}
                    className="grid grid-cols-[8rem_minmax(0,1fr)_3rem] items-center gap-x-4 py-1 sm:grid-cols-[12rem_minmax(0,1fr)_3rem_6rem_5rem]"
                  >
                    {language === null ? (
                      <span className="text-muted">{nameOf(language)}</span>
                    ) : (
                      <span>{nameOf(language)}</span>
                    )}
                    <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-sunken">
                      <span
                        className={`block h-full rounded-full ${language === null ? "bg-line-strong" : "bg-accent"}`}
                        style={{ width: `${read.bytes === 0 ? 0 : Math.max(1, (bytes / read.bytes) * 100)}%` }}
                      />
                    </span>
                    <span className="text-right tabular-nums">{share(bytes, read.bytes)}</span>
                    <span className="hidden text-right text-sm text-muted tabular-nums sm:block">
                      {plural(files, "file")}
                    </span>
                    <span className="hidden text-right text-sm text-muted tabular-nums sm:block">
                      {bytesText(bytes)}
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </WhenLoaded>
      </Card>
    </Section>
  );
}
