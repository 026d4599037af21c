import { ApiError } from '../api/errors'
import type { Partner } from './partner'

/** Why an ID cannot be linked, for which the page has words of its own. */
export type Problem =
  | { kind: 'empty' | 'digits' | 'busy' }
  | { kind: 'unknown' | 'inactive'; id: string }
  | { kind: 'global'; partner: Partner }
  | { kind: 'noAccount' | 'gone' }
  | { kind: 'other'; error: unknown }

/** Whether a partner can be linked to. */
export function problemOf(id: string, partner: Partner | null): Problem | null {
  if (!partner) return { kind: 'unknown', id }
  if (partner.type === 'global') return { kind: 'global', partner }
  if (partner.status === 'inactive') return { kind: 'inactive', id }
  return null
}

/** What a refusal means for somebody who links, changes or removes. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof ApiError) {
    if (error.status === 429) return { kind: 'busy' }
    if (error.status === 404) return { kind: 'gone' }
    if (error.status === 403 && error.code !== 'SessionChanged') return { kind: 'noAccount' }
  }
  return { kind: 'other', error }
}

/** Whether the problem is with what was typed, and belongs beside the field. */
export const isOfField = (problem: Problem | null) =>
  problem !== null &&
  ['empty', 'digits', 'unknown', 'inactive', 'global', 'busy'].includes(problem.kind)
