/** A person's word on an answer. */
import type { Answer, Turn } from "@/features/chat/conversation";
import { tell } from "@/shared/api";
import { showFailure } from "@/shared/notices";
import type { Judgement } from "@/shared/types";

export async function sendFeedback(
  sessionId: string,
  turn: Turn,
  answer: Answer,
  score: 1 | -1,
  comment?: string,
): Promise<void> {
  const judgement: Judgement = {
    sessionId,
    messageId: turn.id,
    score,
    comment,
    ...(answer.ending && { answerId: answer.ending.answerId }),
  };
  await tell("POST", "/api/feedback", judgement).catch((error: unknown) => showFailure("keep your score", error));
}
