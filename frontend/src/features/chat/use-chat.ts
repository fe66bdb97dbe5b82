/** One conversation for a page: what the server has of it, what happens in it now, and what may be done. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { ChatClient } from "@/features/chat/chat-client";
import { runningAnswer, type Answer, type Turn } from "@/features/chat/conversation";
import { get } from "@/shared/api";
import { useStore } from "@/shared/store";
import type { RunData, SessionView } from "@/shared/types";

/** What a question goes with: where to look and which model answers. */
export type Choice = Pick<RunData, "workspaceId" | "provider" | "modelName" | "modelKwargs">;

export function useChat(client: ChatClient, sessionId: string, isStored: boolean) {
  const conversation = useStore(client.conversations)[sessionId];
  const session = useQuery({
    queryKey: ["session", sessionId],
    queryFn: () => get<SessionView>(`/api/sessions/${sessionId}`),
    enabled: isStored && !conversation?.born,
  });
  useEffect(() => {
    if (session.data !== undefined) client.loaded(sessionId, session.data.messages);
  }, [client, sessionId, session.data]);
  const actions = useMemo(
    () => ({
      ask: (text: string, choice: Choice) => client.ask({ sessionId, text, ...choice }),
      /** A question that was changed: it stands in the place of the old one, which the server keeps as another branch. */
      edit: (turn: Turn, text: string, choice: Choice) =>
        client.ask({ sessionId, text, ...choice, branchFrom: turn.id }, turn.id),
      /** Another answer; a question that never arrived is sent anew. */
      again: (turn: Turn, answer: Answer, choice: Choice) =>
        answer.accepted
          ? client.ask({ sessionId, text: turn.text, ...choice, regenerateOf: turn.id })
          : client.ask({ sessionId, text: turn.text, ...choice }, turn.id),
      stop: (answer: Answer) => client.askToStop(sessionId, answer.messageId),
      showVersion: (turn: Turn, index: number) => client.showVersion(sessionId, turn.id, index),
    }),
    [client, sessionId],
  );
  return { conversation, session, running: runningAnswer(conversation), ...actions };
}

export type ChatActions = Pick<ReturnType<typeof useChat>, "ask" | "edit" | "again" | "stop" | "showVersion">;
