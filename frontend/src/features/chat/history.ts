/** A stored session as turns: questions in their order, each with the versions of its answer. */
import { newAnswer, type Answer, type Ending, type Turn } from "@/features/chat/conversation";
import type { AnswerMetadata, Message } from "@/shared/types";

/** The questions of the branch that was spoken in last, oldest first: from the last message from parent to parent. */
function newestBranch(messages: readonly Message[]): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const questions: Message[] = [];
  for (let message = messages.at(-1); message !== undefined; message = byId.get(message.parentId ?? "")) {
    if (message.role === "user") questions.push(message);
  }
  return questions.reverse();
}

/** A question that has no answer yet waits for it when it is the last; an older one ended without. */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const questions = newestBranch(messages);
  const answersTo = new Map<string, Message[]>(questions.map((question) => [question.id, []]));
  for (const message of messages)
    if (message.role === "assistant") answersTo.get(message.parentId ?? "")?.push(message);
  const last = questions.at(-1);
  return questions.map((question) => {
    const stored = (answersTo.get(question.id) ?? [])
      .sort((one, other) => one.version - other.version)
      .map(storedAnswer);
    const answers =
      stored.length > 0 ? stored : [question === last ? newAnswer(question.id, null) : unanswered(question)];
    return { id: question.id, text: question.content, askedAt: question.createdAt, answers, shown: answers.length - 1 };
  });
}

function storedAnswer(message: Message): Answer {
  const metadata: Partial<AnswerMetadata> & { stopReason?: Ending["stopReason"] } = message.metadata;
  return {
    ...newAnswer(message.id, null),
    phase: "final",
    text: message.content,
    ending: { answerId: message.id, stopReason: metadata.stopReason ?? "end", metadata },
  };
}

function unanswered(question: Message): Answer {
  return {
    ...newAnswer(question.id, null),
    phase: "failed",
    error: {
      code: "internal",
      content: "This question has no answer. It is kept; ask for the answer again.",
      retryable: true,
      messageId: question.id,
    },
  };
}
