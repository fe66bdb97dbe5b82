/** After a thumb: a word of one's own, if one likes. */
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import { useState, type FormEvent } from "react";

export function FeedbackNote({ score, onSend }: { score: 1 | -1; onSend: (comment: string) => void }) {
  const [comment, setComment] = useState("");
  const [sent, setSent] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (comment.trim() === "") return;
    onSend(comment.trim());
    setSent(true);
  };
  if (sent) {
    return (
      <p className="feedback-note" role="status">
        Your comment is kept.
      </p>
    );
  }
  return (
    <form className="feedback-note" onSubmit={submit}>
      <Input
        value={comment}
        ariaLabel="Your comment"
        placeholder={score === 1 ? "What was good? (optional)" : "What was wrong? (optional)"}
        onChange={({ detail }) => setComment(detail.value)}
      />
      <Button disabled={comment.trim() === ""}>Send comment</Button>
    </form>
  );
}
