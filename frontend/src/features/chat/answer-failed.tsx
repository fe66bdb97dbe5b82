/** An answer that did not come: what happened, what is kept, and how to go on. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { Answer } from "@/features/chat/conversation";
import type { ErrorData } from "@/shared/types";

const HEADINGS: Readonly<Record<ErrorData["code"], string>> = {
  bad_request: "The question could not be taken",
  unauthorized: "You are signed out",
  not_found: "Something this question needs is gone",
  quota_exceeded: "Your quota is used up",
  rate_limited: "Too many questions at once",
  model_unavailable: "The model does not answer",
  too_long: "The question is too long",
  internal: "The answer failed",
};

function kept(answer: Answer): string {
  if (!answer.accepted) return "Your question is still here; it was not saved.";
  return answer.text === "" ? "Your question is saved." : "Your question and the text so far are kept.";
}

export function AnswerFailed({
  answer,
  mayAgain,
  onAgain,
  onEdit,
}: {
  answer: Answer;
  mayAgain: boolean;
  onAgain: () => void;
  onEdit: () => void;
}) {
  const { error } = answer;
  const way = error?.retryable ? (
    <Button onClick={onAgain}>Try again</Button>
  ) : (
    <Button onClick={onEdit}>Edit question</Button>
  );
  return (
    <Alert type="error" header={error ? HEADINGS[error.code] : "The answer failed"} action={mayAgain && way}>
      {error?.content} {kept(answer)}
    </Alert>
  );
}
