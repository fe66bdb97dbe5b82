/** One answer: what is being done, its text with its sources, how it ended, and what can be done with it. */
import Avatar from "@cloudscape-design/chat-components/avatar";
import ChatBubble from "@cloudscape-design/chat-components/chat-bubble";
import { lazy, memo, Suspense, useMemo } from "react";
import { AnswerActions } from "@/features/chat/answer-actions";
import type { AnswerHandlers } from "@/features/chat/answer-handlers";
import { AnswerFailed } from "@/features/chat/answer-failed";
import { isRunning, type Answer, type Turn } from "@/features/chat/conversation";
import { MetaLine } from "@/features/chat/meta-line";
import { SourcesContext, type Source, type Sources } from "@/features/chat/sources";
import { Thinking } from "@/features/chat/thinking";
import type { Hit } from "@/shared/types";

const loadMarkdown = () => import("@/features/chat/markdown/markdown");
const Markdown = lazy(loadMarkdown);

/** Fetch it while the question is still being written. */
export const prepareMarkdown = (): void => void loadMarkdown();

const BUBBLE = { bubble: { background: "var(--k-shaded)", color: "var(--k-text)" } };
const NO_SOURCES: readonly Source[] = [];
const NO_HITS: readonly Hit[] = [];

type AnswerViewProps = {
  turn: Turn;
  answer: Answer;
  isLast: boolean;
  narrow: boolean;
  busy: boolean;
  handlers: AnswerHandlers;
};

export const AnswerView = memo(function AnswerView({ turn, answer, isLast, narrow, busy, handlers }: AnswerViewProps) {
  const metadata = answer.ending?.metadata;
  const running = isRunning(answer);
  const isFinal = answer.phase === "final";
  const { onCite } = handlers;
  const sources = useMemo<Sources>(() => {
    const hits = metadata?.documents ?? NO_HITS;
    const workspaceId = metadata?.workspaceId ?? null;
    const cite = (source: Source): void => onCite({ source, hits, workspaceId });
    return { citations: metadata?.citations ?? NO_SOURCES, hits, workspaceId, complete: isFinal, onCite: cite };
  }, [metadata, isFinal, onCite]);
  return (
    <ChatBubble
      type="incoming"
      ariaLabel="Kosha"
      style={BUBBLE}
      hideAvatar={narrow}
      avatar={<Avatar color="gen-ai" iconName="gen-ai" ariaLabel="Kosha" loading={running} />}
      actions={
        isFinal || turn.answers.length > 1 ? (
          <AnswerActions turn={turn} answer={answer} mayAgain={isLast && !busy} handlers={handlers} />
        ) : undefined
      }
    >
      {answer.text !== "" && (
        <SourcesContext value={sources}>
          <Suspense fallback={<div className="markdown plain-text">{answer.text}</div>}>
            <Markdown text={answer.text} />
          </Suspense>
        </SourcesContext>
      )}
      {running && <Thinking answer={answer} />}
      {answer.phase === "failed" && (
        <AnswerFailed
          answer={answer}
          mayAgain={isLast && !busy}
          onAgain={() => handlers.onAgain(turn, answer)}
          onEdit={() => handlers.onEdit(turn)}
        />
      )}
      {answer.ending !== null && <MetaLine ending={answer.ending} />}
    </ChatBubble>
  );
});
