import type { Roles } from '../api/session'

/** As whom one reads. */
export const READERS = ['operator', 'partner', 'customer'] as const
export type Reader = (typeof READERS)[number]

/** What is asked: the address of the page has all of it. */
export interface Question {
  resource?: string
  month?: string
  partner?: string
  as?: Reader
}

/** As whom somebody with these roles may ask. The first one is what the service takes by itself. */
export function readersOf(roles: Roles): Reader[] {
  const has = { operator: roles.operator, partner: roles.viewer, customer: roles.auditor }
  return READERS.filter((reader) => has[reader])
}

/** As whom is asked: as the address says, if the person has that role. */
export const readerOf = (question: Question, readers: Reader[]): Reader | undefined =>
  readers.find((reader) => reader === question.as) ?? readers[0]

/** `2026-10`, else nothing. */
export const monthOf = (text: string | undefined) =>
  text && /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? text : undefined

/** The month of an instant, or of the last moment before it. */
export function monthBefore(instant: string): string {
  return new Date(Date.parse(instant) - 1).toISOString().slice(0, 7)
}

/** Months to choose from, the newest first: from `now` back to the first with charges, and a year. */
export function monthsBack(now: Date, known: (string | undefined)[]): string[] {
  const wanted = known.filter((month) => monthOf(month)) as string[]
  const current = now.toISOString().slice(0, 7)
  const oldest = [...wanted, back(current, 11)].sort()[0] ?? current
  const newest = [...wanted, current].sort().at(-1) ?? current
  const months: string[] = []
  for (let month = newest; month >= oldest && months.length < 120; month = back(month, 1)) {
    months.push(month)
  }
  return months
}

function back(month: string, count: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number - 1 - count, 15)).toISOString().slice(0, 7)
}
