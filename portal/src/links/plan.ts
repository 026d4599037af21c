import type { OwnDirectory } from '../api/client'

/** What somebody wants in the directories that were chosen. */
export type Intent = 'link' | 'change' | 'remove'

/** What comes of it in one of them. */
export const ACTIONS = ['link', 'change', 'remove', 'unchanged', 'cannot'] as const
export type Action = (typeof ACTIONS)[number]

/** One line of a plan. What was found when it was made is in `directory`. */
export interface Step {
  directory: OwnDirectory
  action: Action
  from: string | null
  to: string | null
  /** Why it cannot be done. */
  reason?: 'linkedElsewhere' | 'notLinked'
}

/** What has to be done, directory by directory. `partnerId` = to whom, where that matters. */
export const planFor = (intent: Intent, directories: OwnDirectory[], partnerId: string): Step[] =>
  directories.map((directory) => step(intent, directory, partnerId))

function step(intent: Intent, directory: OwnDirectory, partnerId: string): Step {
  const from = directory.link?.partnerId ?? null
  if (intent === 'remove') {
    return { directory, action: from ? 'remove' : 'unchanged', from, to: null }
  }
  if (from === partnerId) return { directory, action: 'unchanged', from, to: from }
  const asked = { directory, from, to: partnerId }
  if (intent === 'link') {
    return from
      ? { ...asked, action: 'cannot', reason: 'linkedElsewhere' }
      : { ...asked, action: 'link' }
  }
  return from ? { ...asked, action: 'change' } : { ...asked, action: 'cannot', reason: 'notLinked' }
}

export const isChange = ({ action }: Step) =>
  action === 'link' || action === 'change' || action === 'remove'

/** A link that will earn nothing as things are. That is allowed, and said. */
export const hasNoAccess = ({ action, directory }: Step) =>
  (action === 'link' || action === 'change') && directory.access.role === null

/** How many lines there are of each kind. */
export const totals = (steps: Step[]) =>
  Object.fromEntries(
    ACTIONS.map((action) => [action, steps.filter((one) => one.action === action).length]),
  ) as Record<Action, number>
