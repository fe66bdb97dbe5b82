/** A new chat before its first question. */
import Button from "@cloudscape-design/components/button";
import { SAMPLE_NAME } from "@/shared/sample";

const QUESTIONS = [
  "Which files can Kosha read?",
  "What happens when I delete a document?",
  "What does Kosha say when the documents do not hold the answer?",
];

export function Suggestions({
  workspaceName,
  onAsk,
}: {
  workspaceName: string | undefined;
  onAsk: (text: string) => void;
}) {
  return (
    <div className="beginning">
      <h2>{workspaceName === undefined ? "Ask anything" : `Ask about "${workspaceName}"`}</h2>
      <p>
        {workspaceName === undefined
          ? "No workspace is chosen, so nothing is searched."
          : "The answer shows where it comes from: click a number to read the passage."}
      </p>
      {workspaceName === SAMPLE_NAME && (
        <ul className="suggestions" aria-label="Questions to begin with">
          {QUESTIONS.map((question) => (
            <li key={question}>
              <Button onClick={() => onAsk(question)}>{question}</Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
