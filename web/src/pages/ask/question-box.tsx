// The box for a question in plain words.
import { useNavigate } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { controlClasses } from "../../ui/field.tsx";

export function QuestionBox({ initial, autoFocus = false }: { initial: string; autoFocus?: boolean }) {
  const navigate = useNavigate();
  const [question, setQuestion] = useState(initial);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (question.trim()) void navigate({ to: "/ask", search: { q: question.trim() } });
  };
  return (
    <form onSubmit={submit} role="search" aria-label="Ask the graph" className="relative">
      <label htmlFor="question" className="sr-only">
        Question
      </label>
      <input
        id="question"
        autoFocus={autoFocus}
        value={question}
        onChange={(event) => setQuestion(event.target.value)}
        placeholder="Ask: what would be affected if I change …?"
        autoComplete="off"
        className={`${controlClasses} h-12 pr-12 pl-4 text-lg`}
      />
      <button
        type="submit"
        aria-label="Ask"
        disabled={!question.trim()}
        className="absolute top-2 right-2 inline-grid size-8 place-items-center rounded-md bg-accent text-on-accent disabled:bg-sunken disabled:text-faint"
      >
        <ArrowUp size={16} aria-hidden />
      </button>
    </form>
  );
}
