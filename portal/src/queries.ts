import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError, hasCode } from './api/errors'

/** The key of the session. */
export const SESSION = ['session'] as const

/** The session may be over, or in another directory since another tab has switched: look again. */
function look(error: Error) {
  if ((error instanceof ApiError && error.status === 401) || hasCode(error, 'SessionChanged')) {
    queries.invalidateQueries({ queryKey: SESSION })
  }
}

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: look }),
  mutationCache: new MutationCache({ onError: look }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What was refused will be refused again; what did not arrive may arrive.
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
})
