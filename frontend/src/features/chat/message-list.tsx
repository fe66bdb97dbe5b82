/** The conversation: questions and answers, the latest part of it first. */
import Avatar from "@cloudscape-design/chat-components/avatar";
import ChatBubble from "@cloudscape-design/chat-components/chat-bubble";
import Button from "@cloudscape-design/components/button";
import { memo, useState } from "react";
import { AnswerView } from "@/features/chat/answer";
import type { AnswerHandlers } from "@/features/chat/answer-handlers";
import { isRunning, type Turn } from "@/features/chat/conversation";
import { fullTime } from "@/shared/format";
import { useNarrow } from "@/shared/media";

const SHOWN_AT_FIRST = 40; // older turns come on demand: a session of thousands stays smooth

export function MessageList({
  turns,
  userName,
  busy,
  handlers,
}: {
  turns: readonly Turn[];
  userName: string;
  busy: boolean;
  handlers: AnswerHandlers;
}) {
  const [limit, setLimit] = useState(SHOWN_AT_FIRST);
  const hidden = Math.max(0, turns.length - limit);
  return (
    <div className="messages">
      {hidden > 0 && (
        <div className="earlier">
          <Button onClick={() => setLimit(limit + SHOWN_AT_FIRST)}>Show earlier messages</Button>
        </div>
      )}
      <ol aria-label="Conversation">
        {turns.slice(hidden).map((turn) => (
          <TurnView
            key={turn.id}
            turn={turn}
            isLast={turn === turns.at(-1)}
            userName={userName}
            busy={busy}
            handlers={handlers}
          />
        ))}
      </ol>
    </div>
  );
}

const QUESTION = { bubble: { color: "var(--k-text)" } };

const TurnView = memo(function TurnView({
  turn,
  isLast,
  userName,
  busy,
  handlers,
}: {
  turn: Turn;
  isLast: boolean;
  userName: string;
  busy: boolean;
  handlers: AnswerHandlers;
}) {
  const narrow = useNarrow();
  const answer = turn.answers[turn.shown];
  const running = turn.answers.some(isRunning);
  return (
    <li className={running ? "turn" : "turn turn-settled"}>
      <ChatBubble
        type="outgoing"
        ariaLabel={`You, ${fullTime(turn.askedAt)}`}
        style={QUESTION}
        hideAvatar={narrow}
        avatar={<Avatar ariaLabel={userName} initials={userName.slice(0, 2).toUpperCase()} />}
      >
        <div className="question">{turn.text}</div>
      </ChatBubble>
      {answer && (
        <AnswerView
          key={answer.messageId}
          turn={turn}
          answer={answer}
          isLast={isLast}
          narrow={narrow}
          busy={busy}
          handlers={handlers}
        />
      )}
    </li>
  );
});
