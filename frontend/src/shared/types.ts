/** Short names for the nouns of the wire; the shapes themselves come from types.gen.ts, never by hand. */
import type { components } from "@/shared/types.gen";

type Schemas = components["schemas"];

export type Problem = Schemas["Problem"];
export type User = Schemas["User"];
export type Me = Schemas["Me"];
export type UserAccount = Schemas["UserView"];
export type NewUser = Schemas["NewUser"];
export type SignedIn = Schemas["SignedIn"];
export type Role = User["roles"][number];
export type Member = Schemas["Member"];
export type Grant = Member["grant"];
export type Model = Schemas["ModelInfo"];
export type Workspace = Schemas["WorkspaceView"];
export type WorkspaceSettings = Schemas["WorkspaceSettings"];
export type Document = Schemas["Document"];
export type FileUpload = Schemas["FileUpload"];
export type UploadTicket = Schemas["UploadTicket"];
export type Ticket = Schemas["Ticket"];
export type Chunk = Schemas["ChunkView"];
export type ChunkChange = Schemas["ChunkChange"];
export type DocumentChange = Schemas["DocumentChange"];
export type WebsiteUpload = Schemas["WebsiteUpload"];
export type FeedUpload = Schemas["FeedUpload"];
export type PreviewedChunks = Schemas["PreviewedChunks"];
export type WorkspaceVersion = Schemas["WorkspaceVersion"];
export type WorkspaceChange = Schemas["WorkspaceChange"];
export type IndexReport = Schemas["IndexReport"];
export type Source = Schemas["Source"];
export type SourceSettings = Schemas["SourceSettings"];
export type SearchRequest = Schemas["SearchRequest"];
export type Found = Schemas["Found"];
export type Explanation = Schemas["Explanation"];
export type Condition = Schemas["Condition"];
export type EmbeddingModel = Schemas["EmbeddingModel"];
export type Embeddings = Schemas["Embeddings"];
export type CrossEncoderModel = Schemas["CrossEncoderModel"];
export type PassageScores = Schemas["PassageScores"];
export type Hit = Schemas["Hit"];
export type Session = Schemas["Session"];
export type SessionView = Schemas["SessionView"];
export type Message = Schemas["Message"];
export type Judgement = Schemas["Judgement"];
export type ModelKwargs = Schemas["ModelKwargsInput"];
/** A question from here always carries the id that we gave it. */
export type RunData = Schemas["RunData"] & { messageId: string };
export type StopData = Schemas["StopData"];
export type ResumeData = Schemas["ResumeData"];
export type AuthorizeData = Schemas["AuthorizeData"];
export type AcceptedData = Schemas["AcceptedData"];
export type ThinkingData = Schemas["ThinkingData"];
export type TokenData = Schemas["TokenData"];
export type FinalData = Schemas["FinalData"];
export type ErrorData = Schemas["ErrorData"];
export type Citation = Schemas["Citation"];
export type AnswerMetadata = Schemas["AnswerMetadata"];

/** A list's reply. */
export type Page<Item> = { items: Item[]; nextCursor?: string | null };

/** What the server says on the socket. */
export type Frame =
  | { action: "accepted"; data: AcceptedData }
  | { action: "thinking_step"; data: ThinkingData }
  | { action: "llm_new_token"; data: TokenData }
  | { action: "final_response"; data: FinalData }
  | { action: "error"; data: ErrorData }
  | { action: "heartbeat"; data: Record<string, never> };

/** What we say on the socket. */
export type ClientFrame =
  | { action: "run"; data: RunData }
  | { action: "stop"; data: StopData }
  | { action: "resume"; data: ResumeData }
  | { action: "authorize"; data: AuthorizeData }
  | { action: "heartbeat"; data: Record<string, never> };
