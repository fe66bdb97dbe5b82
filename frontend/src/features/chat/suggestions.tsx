/** A new chat before its first question. */
import Button from "@cloudscape-design/components/button";
import { SAMPLE_NAME } from "@/shared/sample";

const QUESTIONS = ["What can Kosha do?", "Which kinds of files can I add?", "How does an answer show its sources?"];

export function Suggestions({ workspaceName, onAsk }: { workspaceName: string | undefined; onAsk: (text: string) => void }) {
  return (
    <div className="beginning">
      <h2>{workspaceName === undefined ? "Ask anything" : `Ask about "${workspaceName}"`}</h2>
      <p>{workspaceName === undefined ? "No workspace is chosen, so nothing is searched." : "The answer shows where it comes from: click a number to read the passage."}</p>
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
