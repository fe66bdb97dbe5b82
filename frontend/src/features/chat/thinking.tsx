/** What happens while an answer is on its way: said quietly, in one line. */
import type { Answer, Step } from "@/features/chat/conversation";

const STEP_WORDS: Readonly<Record<string, string>> = {
  search: "Searching your documents",
  rewrite: "Reading the question in its context",
  rerank: "Choosing the best passages",
  compress: "Shortening the passages",
  tool: "Using a tool",
  handover: "Handing over",
  "hand-over": "Handing over",
};

const words = (step: Step): string => step.detail ?? STEP_WORDS[step.name] ?? step.name;

export function thought(answer: Answer): string {
  if (answer.stopping) return "Stopping";
  if (answer.phase === "sending") return "Sending your question";
  if (answer.phase === "streaming") return "";
  const step = answer.steps.at(-1);
  return step === undefined ? "Your question is saved, the answer is on its way" : words(step);
}

export function Thinking({ answer }: { answer: Answer }) {
  const text = thought(answer);
  if (text === "") return null;
  return (
    <p className="thinking" role="status">
      {text}
      <span className="thinking-dots" aria-hidden="true" />
    </p>
  );
}
