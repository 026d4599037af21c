import { changeLink, createLink, type LinkResource, readLink, removeLink } from '../api/client'
import { ApiError, hasCode } from '../api/errors'
import { problemFrom } from '../link/problem'
import { isChange, type Step } from './plan'

/** Why a line was not done. */
export type Failure =
  | { kind: 'moved'; to: string | null }
  | { kind: 'conflict' | 'gone' | 'busy' | 'noAccount' | 'signIn' }
  | { kind: 'other'; error: unknown }

/** What became of a line. `left` = not tried. */
export type Outcome =
  | { state: 'waiting' | 'doing' | 'done' | 'left' }
  | { state: 'failed'; why: Failure }

/** By directory. */
export type Outcomes = Record<string, Outcome>

/** The session is over, or elsewhere: nothing more can be done in its name. */
export const isOver = (error: unknown) =>
  hasCode(error, 'SessionChanged') || (error instanceof ApiError && error.status === 401)

/** Whether the link is still the one that the plan was made of. */
function isAsPlanned({ directory }: Step, now: LinkResource | null) {
  return (
    (now?.properties.partnerId ?? null) === (directory.link?.partnerId ?? null) &&
    now?.properties.version === directory.link?.version
  )
}

async function change({ action, from, to, directory }: Step) {
  const { tenantId } = directory
  if (action === 'link' && to) await createLink(to, tenantId)
  if (action === 'change' && to) await changeLink(to, tenantId)
  if (action === 'remove' && from) await removeLink(from, tenantId)
}

/** Does one line, unless somebody has been there since the plan was made. */
async function applied(step: Step): Promise<Outcome> {
  const now = await readLink(step.directory.tenantId)
  if (!isAsPlanned(step, now)) {
    return { state: 'failed', why: { kind: 'moved', to: now?.properties.partnerId ?? null } }
  }
  await change(step)
  return { state: 'done' }
}

function failure(error: unknown): Failure {
  if (hasCode(error, 'SignInRequired')) return { kind: 'signIn' }
  if (hasCode(error, 'Conflict')) return { kind: 'conflict' }
  const problem = problemFrom(error)
  switch (problem.kind) {
    case 'gone':
    case 'busy':
    case 'noAccount':
      return { kind: problem.kind }
    default:
      return { kind: 'other', error }
  }
}

/**
 * Does a plan, line by line, and tells what becomes of each. A line that fails does not stop the rest;
 * `isStopped`, and the end of the session, do. The answer is an error that ended it, if there was one.
 */
export async function apply(
  steps: Step[],
  tell: (tenantId: string, outcome: Outcome) => void,
  isStopped: () => boolean,
): Promise<unknown> {
  let ended: unknown = null
  for (const step of steps.filter(isChange)) {
    const { tenantId } = step.directory
    if (ended || isStopped()) {
      tell(tenantId, { state: 'left' })
      continue
    }
    tell(tenantId, { state: 'doing' })
    try {
      tell(tenantId, await applied(step))
    } catch (error) {
      if (isOver(error)) ended = error
      tell(tenantId, ended ? { state: 'left' } : { state: 'failed', why: failure(error) })
    }
  }
  return ended
}
