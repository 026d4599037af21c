import { type Cause, type Check, firstFailure, type PartnerPart } from '../explain/answer'

/** What comes of a partner here: the sentence at the top. */
export interface Headline {
  kind: 'missing' | 'below' | 'credited' | 'but' | 'holds'
  /** Of `not_credited`. */
  reason?: Cause
  /** The first cause that fails. */
  cause?: Check
}

/**
 * Credit that is earned further below is credit, and a partner for which everything holds may
 * still have nothing to be credited with, or nobody who may see it.
 */
export function headlineOf(
  { credited, missing, amounts }: PartnerPart,
  checks?: Check[] | null,
): Headline {
  const cause = firstFailure(checks)
  if (missing) {
    const kind = amounts.length > 0 ? 'below' : 'missing'
    return { kind, reason: missing.reason, cause }
  }
  if (amounts.length > 0) return { kind: credited ? 'credited' : 'below', cause }
  return cause ? { kind: 'but', cause } : { kind: 'holds' }
}
