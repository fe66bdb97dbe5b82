/**
 * The nouns of the wire, in the shape that openapi-typescript writes.
 * Made by `npm run types` from the server's OpenAPI; not edited by hand.
 */

export interface components {
  schemas: {
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
      instance?: string;
      errors?: { path: string; message: string }[];
    };
    User: { id: string; name: string; roles: ("admin" | "manager" | "user")[] };
    UserAccount: { userName: string; roles: ("admin" | "manager" | "user")[]; id?: string; createdAt?: string };
    Member: { userName: string; grant: "owner" | "editor" | "viewer" };
    Model: {
      provider: string;
      name: string;
      label: string;
      streaming: boolean;
      contextTokens: number;
      maxOutputTokens: number;
      available: boolean;
      reason?: string | null;
      priceInputPerMillion?: number | null;
      priceOutputPerMillion?: number | null;
    };
    EmbeddingModel: { provider: string; name: string; dimensions?: number; available?: boolean };
    ChunkOptions: { parentSize?: number | null; childSize?: number | null; breakpointPercentile?: number | null };
    RetrievalOptions: { topK?: number; threshold?: number | null; vectorWeight?: number; rerank?: boolean };
    Workspace: {
      id: string;
      name: string;
      engine: string;
      status: "submitted" | "creating" | "ready" | "deleting" | "error";
      statusReason?: string | null;
      languages: string[];
      embeddingsModelProvider: string;
      embeddingsModelName: string;
      embeddingsModelDimensions: number;
      crossEncoderModelProvider?: string | null;
      crossEncoderModelName?: string | null;
      metric: "cosine" | "l2" | "inner";
      index: boolean;
      hybridSearch: boolean;
      chunkingStrategy: "recursive" | "token" | "heading" | "sentence" | "semantic" | "parent-child";
      chunkSize: number;
      chunkOverlap: number;
      chunkOptions?: components["schemas"]["ChunkOptions"] | null;
      emptyRetrieval: "refuse" | "converse";
      retrieval?: components["schemas"]["RetrievalOptions"];
      documents: number;
      vectors: number;
      sizeInBytes: number;
      createdAt: string;
      updatedAt: string;
      grant?: "owner" | "editor" | "viewer" | null;
    };
    WorkspaceSettings: {
      name: string;
      languages?: string[];
      metric?: "cosine" | "l2" | "inner";
      index?: boolean;
      hybridSearch?: boolean;
      chunkingStrategy?: "recursive" | "token" | "heading" | "sentence" | "semantic" | "parent-child";
      chunkSize?: number;
      chunkOverlap?: number;
      chunkOptions?: components["schemas"]["ChunkOptions"] | null;
      emptyRetrieval?: "refuse" | "converse";
      retrieval?: components["schemas"]["RetrievalOptions"];
    };
    DocumentError: { code: string; message: string; retryable: boolean };
    Document: {
      id: string;
      workspaceId: string;
      parentId?: string | null;
      type: "file" | "text" | "qna" | "website" | "rssfeed";
      title: string;
      path: string;
      contentType: string;
      status: "awaiting" | "submitted" | "processing" | "processed" | "error" | "cancelled";
      stage?: string | null;
      progress: number;
      error?: components["schemas"]["DocumentError"] | null;
      warnings: string[];
      vectors: number;
      subDocuments: number;
      sizeInBytes: number;
      createdAt: string;
      updatedAt: string;
    };
    Ticket: { method: "POST" | "PUT"; url: string; headers: Record<string, string>; fields: Record<string, string> };
    Chunk: {
      chunkId: string;
      index: number;
      content: string;
      contentComplement?: string | null;
      page?: number | null;
      heading?: string | null;
      enabled: boolean;
    };
    Hit: {
      chunkId: string;
      documentId: string;
      documentType: "file" | "text" | "qna" | "website" | "rssfeed";
      title: string;
      path: string;
      page?: number | null;
      heading?: string | null;
      content: string;
      contentComplement?: string | null;
      score: number;
    };
    Session: { id: string; title: string; workspaceId?: string | null; createdAt: string; updatedAt: string };
    SessionView: components["schemas"]["Session"] & { messages: components["schemas"]["Message"][] };
    Message: {
      id: string;
      parentId?: string | null;
      role: "user" | "assistant";
      version?: number;
      content: string;
      createdAt: string;
      metadata: Record<string, unknown>;
    };
    FeedbackData: {
      sessionId: string;
      messageId: string;
      answerId?: string;
      score: 1 | -1;
      categories?: string[];
      comment?: string;
    };
    ModelKwargs: { streaming?: boolean; maxTokens?: number; temperature?: number; topP?: number };
    RunData: {
      sessionId: string;
      messageId: string;
      text: string;
      mode: "chain";
      workspaceId?: string | null;
      provider?: string | null;
      modelName?: string | null;
      modelKwargs?: components["schemas"]["ModelKwargs"];
      regenerateOf?: string | null;
      branchFrom?: string | null;
    };
    StopData: { sessionId: string; messageId: string };
    ResumeData: { sessionId: string; messageId: string; afterSequence: number };
    AuthorizeData: { token: string };
    AcceptedData: { sessionId: string; messageId: string };
    ThinkingData: { sessionId: string; messageId: string; name: string; detail?: string | null };
    Token: { runId: string; sequenceNumber: number; value: string };
    TokenData: { sessionId: string; messageId: string; token: components["schemas"]["Token"] };
    Citation: {
      marker: number;
      chunkId: string;
      documentId: string;
      title: string;
      page?: number | null;
      quote: string;
    };
    Usage: { inputTokens?: number; outputTokens?: number; costUsd?: number | null };
    Timings: {
      queue?: number;
      history?: number;
      embed?: number;
      search?: number;
      rerank?: number;
      firstToken?: number;
      total?: number;
    };
    AnswerMetadata: {
      provider: string;
      modelId: string;
      modelKwargs: components["schemas"]["ModelKwargs"];
      mode: string;
      sessionId: string;
      userId: string;
      workspaceId?: string | null;
      degraded: boolean;
      cached: boolean;
      documents: components["schemas"]["Hit"][];
      citations: components["schemas"]["Citation"][];
      usage: components["schemas"]["Usage"];
      timingsMs: components["schemas"]["Timings"];
      traceId: string;
    };
    FinalData: {
      sessionId: string;
      messageId: string;
      answerId: string;
      content: string;
      stopReason: "end" | "length" | "stopped" | "refused" | "error";
      metadata: components["schemas"]["AnswerMetadata"];
    };
    ErrorData: {
      sessionId?: string | null;
      messageId?: string | null;
      code:
        | "bad_request"
        | "unauthorized"
        | "not_found"
        | "quota_exceeded"
        | "rate_limited"
        | "model_unavailable"
        | "too_long"
        | "internal";
      content: string;
      retryable: boolean;
      retryAfterMs?: number | null;
    };
  };
}
