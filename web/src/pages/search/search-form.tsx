// What is searched for, and in which files.
import { useQuery } from "@tanstack/react-query";
import { CaseSensitive, Regex, Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { repositories, type SourceQuestion } from "../../api/queries.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { controlClasses, Select } from "../../ui/field.tsx";
import { moveFocus } from "./matches.tsx";

interface Props {
  id: string;
  question: SourceQuestion;
  onAsk: (question: SourceQuestion) => void;
}

export function SearchForm({ id, question, onAsk }: Props) {
  const [q, setQ] = useState(question.q);
  const [path, setPath] = useState(question.path);
  const [language, setLanguage] = useState(question.language);
  const { data } = useQuery(repositories.all);
  const typed = { ...question, q, path: path.trim(), language: language.trim() };
  // A switch or filter searches at once when there is something to search for.
  const change = (part: Partial<SourceQuestion>): void => onAsk({ ...typed, ...part });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (q !== "") onAsk(typed);
  };
  return (
    <form role="search" aria-label="Source text" onSubmit={submit} className="flex flex-col gap-3">
      <div className="flex gap-2">
        <div className="relative min-w-0 flex-1">
          <Search
            size={16}
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-faint"
          />
          <input
            id={id}
            aria-label="Text to find"
            value={q}
            onChange={(event) => setQ(event.target.value)}
            onKeyDown={moveFocus}
            placeholder={question.regex ? "A regular expression…" : "A text, as it stands in the code…"}
            autoFocus={question.q === ""}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={500}
            className={`${controlClasses} h-11 pr-20 pl-9 font-mono`}
          />
          <div className="absolute top-1/2 right-1.5 flex -translate-y-1/2 gap-0.5">
            <IconButton
              label="Mind upper and lower case"
              pressed={question.caseSensitive}
              onClick={() => change({ caseSensitive: !question.caseSensitive })}
              type="button"
            >
              <CaseSensitive size={17} aria-hidden />
            </IconButton>
            <IconButton
              label="Regular expression"
              pressed={question.regex}
              onClick={() => change({ regex: !question.regex })}
              type="button"
            >
              <Regex size={15} aria-hidden />
            </IconButton>
          </div>
        </div>
        <Button type="submit" look="primary" disabled={q === ""} className="h-11">
          Search
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Select
          label="Repository"
          value={question.repository ?? ""}
          onChange={(event) => change({ repository: event.target.value || null })}
        >
          <option value="">all</option>
          {data?.repositories.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </Select>
        <Narrow label="Below" value={path} onChange={setPath} placeholder="src/api" />
        <Narrow label="Language" value={language} onChange={setLanguage} placeholder="any" />
      </div>
    </form>
  );
}

interface NarrowProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder: string;
}

function Narrow({ label, value, onChange, placeholder }: NarrowProps) {
  return (
    <label className="inline-flex items-center gap-2 text-sm text-muted">
      {label}
      <input
        value={value}
        onChange={(event) => onChange(event.target.value)}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        className={`${controlClasses} h-8 w-36 px-2 font-mono text-sm`}
      />
    </label>
  );
}
