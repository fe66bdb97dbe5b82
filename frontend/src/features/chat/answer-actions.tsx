/** Copy, score, ask for another version, and go between versions. */
import Button from "@cloudscape-design/components/button";
import ButtonGroup, { type ButtonGroupProps } from "@cloudscape-design/components/button-group";
import { useState } from "react";
import { FeedbackNote } from "@/features/chat/feedback-note";
import type { AnswerHandlers } from "@/features/chat/answer-handlers";
import type { Answer, Turn } from "@/features/chat/conversation";
import { copy } from "@/shared/clipboard";

type ActionsProps = { turn: Turn; answer: Answer; mayAgain: boolean; handlers: AnswerHandlers };

function items(answer: Answer, score: 1 | -1 | 0, told: string | null, mayAgain: boolean): ButtonGroupProps.Item[] {
  if (answer.ending === null) return [];
  const all: ButtonGroupProps.Item[] = [
    {
      type: "icon-toggle-button",
      id: "up",
      iconName: "thumbs-up",
      pressedIconName: "thumbs-up-filled",
      text: "Good answer",
      pressed: score === 1,
    },
    {
      type: "icon-toggle-button",
      id: "down",
      iconName: "thumbs-down",
      pressedIconName: "thumbs-down-filled",
      text: "Bad answer",
      pressed: score === -1,
    },
    { type: "icon-button", id: "copy", iconName: "copy", text: "Copy answer", popoverFeedback: told },
  ];
  // Only the last answer: the conversation goes on from the newest version, so what follows an older one would be left behind.
  return mayAgain ? [...all, { type: "icon-button", id: "again", iconName: "refresh", text: "Regenerate" }] : all;
}

export function AnswerActions({ turn, answer, mayAgain, handlers }: ActionsProps) {
  const [score, setScore] = useState<1 | -1 | 0>(0);
  const [told, setTold] = useState<string | null>(null);
  const give = (given: 1 | -1): void => {
    if (given === score) return;
    setScore(given);
    handlers.onScore(turn, answer, given);
  };
  const onClick = async (id: string): Promise<void> => {
    if (id === "up") give(1);
    if (id === "down") give(-1);
    if (id === "again") handlers.onAgain(turn, answer);
    if (id === "copy") setTold((await copy(answer.text)) ? "Copied" : "Could not copy: the browser refused");
  };
  return (
    <div className="answer-actions">
      {turn.answers.length > 1 && <Versions turn={turn} onShow={(index) => handlers.onShowVersion(turn, index)} />}
      <ButtonGroup
        variant="icon"
        ariaLabel="Answer"
        items={items(answer, score, told, mayAgain)}
        onItemClick={({ detail }) => void onClick(detail.id)}
      />
      {score !== 0 && (
        <FeedbackNote key={score} score={score} onSend={(comment) => handlers.onScore(turn, answer, score, comment)} />
      )}
    </div>
  );
}

function Versions({ turn, onShow }: { turn: Turn; onShow: (index: number) => void }) {
  const of = turn.answers.length;
  return (
    <span className="versions" role="group" aria-label="Versions of this answer">
      <Button
        variant="icon"
        iconName="angle-left"
        ariaLabel="Previous version"
        disabled={turn.shown === 0}
        onClick={() => onShow(turn.shown - 1)}
      />
      <span>
        {turn.shown + 1} / {of}
      </span>
      <Button
        variant="icon"
        iconName="angle-right"
        ariaLabel="Next version"
        disabled={turn.shown === of - 1}
        onClick={() => onShow(turn.shown + 1)}
      />
    </span>
  );
}
