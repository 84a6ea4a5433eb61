/** What went wrong, and what to do about it where the server knows. */
export class ApiError extends Error {
  readonly hint: string | null;
  /** 0 where no answer came at all. */
  readonly status: number;

  constructor(message: string, hint: string | null, status: number) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
}

/** Any thrown thing as an error that can be shown. */
export function asApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError(thrown instanceof Error ? thrown.message : String(thrown), null, 0);
}
