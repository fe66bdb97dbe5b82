/** What a reader may do with an answer. */
import type { Answer, Turn } from "@/features/chat/conversation";
import type { Source } from "@/features/chat/sources";
import type { Hit } from "@/shared/types";

/** The source that was asked for, the passages of its answer, and the workspace they are in. */
export type Cited = { source: Source; hits: readonly Hit[]; workspaceId: string | null };

export type AnswerHandlers = {
  onCite: (cited: Cited) => void;
  onAgain: (turn: Turn, answer: Answer) => void;
  onShowVersion: (turn: Turn, index: number) => void;
  onScore: (turn: Turn, answer: Answer, score: 1 | -1, comment?: string) => void;
  onEdit: (turn: Turn) => void;
};
