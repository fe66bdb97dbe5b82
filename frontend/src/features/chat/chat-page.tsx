/** The conversation page: pickers, messages, composer, and the source beside them. */
import Button from "@cloudscape-design/components/button";
import type { SelectProps } from "@cloudscape-design/components/select";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { Announcer } from "@/features/chat/announcer";
import { prepareMarkdown } from "@/features/chat/answer";
import type { AnswerHandlers, Cited } from "@/features/chat/answer-handlers";
import type { ChatClient } from "@/features/chat/chat-client";
import "@/features/chat/chat.css";
import { ChatToolbar } from "@/features/chat/chat-toolbar";
import { Composer, type ComposerHandle } from "@/features/chat/composer";
import { ComposerHint } from "@/features/chat/composer-hint";
import type { Turn } from "@/features/chat/conversation";
import { MessageList } from "@/features/chat/message-list";
import { placeOf } from "@/features/chat/sources";
import { SourcePanel } from "@/features/chat/source-panel";
import { sendFeedback } from "@/features/chat/feedback";
import { Suggestions } from "@/features/chat/suggestions";
import { useChat } from "@/features/chat/use-chat";
import { useChoice } from "@/features/chat/use-choice";
import { useFollowEnd } from "@/features/chat/use-follow-end";
import { usePageTitle } from "@/shared/page-title";
import { workspacesQuery } from "@/shared/queries";
import { sidePanel } from "@/shared/side-panel";
import { Failed, Waiting } from "@/shared/states";

type ChatPageProps = {
  client: ChatClient;
  sessionId: string;
  /** The server may have this session; otherwise it begins here. */
  isStored: boolean;
  userName: string;
  onStarted: (sessionId: string) => void;
  /** What to show who has no workspace yet. */
  firstRun: ReactNode;
};

export function ChatPage({ client, sessionId, isStored, userName, onStarted, firstRun }: ChatPageProps) {
  const chat = useChat(client, sessionId, isStored);
  const { known, readAgain, workspaces, models, workspace, model, choice } = useChoice();
  const [editing, setEditing] = useState<Turn | null>(null);
  const composer = useRef<ComposerHandle>(null);
  const picker = useRef<SelectProps.Ref>(null);
  const content = useRef<HTMLDivElement>(null);
  const turns = chat.conversation?.turns ?? [];
  const { atEnd, toEnd } = useFollowEnd(content, turns.length > 0); // an empty page keeps its pickers in view
  const busy = chat.running !== undefined;
  const { again, showVersion } = chat;
  usePageTitle(chat.session.data?.title ?? turns[0]?.text.slice(0, 60) ?? "");
  useEffect(prepareMarkdown, []);
  useEffect(() => () => sidePanel.set(null), [sessionId]);

  const edit = useCallback((turn: Turn) => {
    setEditing(turn);
    composer.current?.edit(turn.text);
  }, []);
  const handlers = useMemo<AnswerHandlers>(
    () => ({
      onCite: showSource,
      onAgain: (turn, answer) => again(turn, answer, choice),
      onShowVersion: showVersion,
      onScore: (turn, answer, score, comment) => void sendFeedback(sessionId, turn, answer, score, comment),
      onEdit: edit,
    }),
    [again, showVersion, choice, edit, sessionId],
  );
  const send = (text: string): void => {
    if (editing === null) chat.ask(text, choice);
    else chat.edit(editing, text, choice);
    setEditing(null);
    toEnd();
    if (!isStored) onStarted(sessionId);
  };
  return (
    <div className="chat" ref={content}>
      <h1 className="for-listeners">Chat</h1>
      <ChatToolbar ref={picker} workspaces={workspaces} workspace={workspace} models={models} model={model} />
      <div className={turns.length > 0 ? "chat-messages" : "chat-messages chat-empty"}>
        {turns.length > 0 && <MessageList turns={turns} userName={userName} busy={busy} handlers={handlers} />}
        {turns.length === 0 && (
          <Beginning chat={chat} isStored={isStored} workspaceName={workspace?.name} firstRun={firstRun} onAsk={send} />
        )}
      </div>
      <Announcer answer={turns.at(-1)?.answers.at(-1)} />
      <div className="chat-end">
        {!atEnd && (
          <div className="jump">
            <Button iconName="angle-down" ariaLabel="Jump to end" onClick={toEnd} />
          </div>
        )}
        <Composer
          ref={composer}
          running={busy}
          editing={editing !== null}
          ready={known === "known"}
          onSend={send}
          onStop={() => chat.running && chat.stop(chat.running)}
          onEditLast={() => turns.at(-1) && edit(turns.at(-1) as Turn)}
          onCancelEdit={() => setEditing(null)}
        >
          <ComposerHint
            known={known}
            workspaceName={workspace?.name}
            onChange={() => picker.current?.focus()}
            onRetry={readAgain}
          />
        </Composer>
      </div>
    </div>
  );
}

function showSource(cited: Cited): void {
  sidePanel.set({ id: cited.source.chunkId, title: placeOf(cited.source), content: <SourcePanel {...cited} /> });
}

type BeginningProps = {
  chat: ReturnType<typeof useChat>;
  isStored: boolean;
  workspaceName: string | undefined;
  firstRun: ReactNode;
  onAsk: (text: string) => void;
};

/** A page without messages: still loading, failed, the very first visit, or a new chat. */
function Beginning({ chat, isStored, workspaceName, firstRun, onAsk }: BeginningProps) {
  const workspaces = useQuery(workspacesQuery);
  if (isStored && chat.session.error) {
    return <Failed what="this conversation" error={chat.session.error} onRetry={() => void chat.session.refetch()} />;
  }
  if (isStored && chat.session.isPending) return <Waiting label="Loading the conversation" lines={6} />;
  if (workspaces.isPending) return <Waiting label="Loading" lines={3} />;
  if (workspaces.error && !workspaces.data)
    return <Failed what="your workspaces" error={workspaces.error} onRetry={() => void workspaces.refetch()} />;
  if (workspaces.data?.length === 0) return firstRun;
  return <Suggestions workspaceName={workspaceName} onAsk={onAsk} />;
}
