import type { components } from './schema'

/** Why a request was not done, as the service says it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** By which the operator finds the request. */
    readonly requestId: string | null,
  ) {
    super(message)
  }
}

/** The service did not answer at all. */
export class Unreachable extends Error {}

export const hasCode = (error: unknown, code: string) =>
  error instanceof ApiError && error.code === code

/** The error that an answer stands for. */
export async function refused(response: Response): Promise<ApiError> {
  const request = response.headers.get('x-ms-request-id')
  try {
    const { error }: components['schemas']['Error'] = await response.json()
    return new ApiError(response.status, error.code, error.message, request)
  } catch {
    return new ApiError(response.status, `HTTP ${response.status}`, response.statusText, request)
  }
}
