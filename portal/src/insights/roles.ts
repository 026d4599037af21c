import { fold } from '../parts/fold'
import type { Row } from './reports'

const CLASSES = ['Owner', 'Contributor', 'Reader'] as const

export type RoleClass = (typeof CLASSES)[number]
export type Part = 'all' | 'part' | 'none'

/** By which roles credit comes, and for what it is eligible. */
export interface BestRole {
  role: RoleClass | null
  /** The incentive takes credit by Owner and Contributor. */
  incentive: Part
  /** Partner earned credit takes the roles of its own table. */
  pec: Part
}

const part = (rows: Row[], is: (row: Row) => boolean): Part => {
  const many = rows.filter(is).length
  return many === 0 ? 'none' : many === rows.length ? 'all' : 'part'
}

/** Of rows by `admin_type` and `pec_eligible`. */
export function bestRole(rows: Row[]): BestRole {
  return {
    role: CLASSES.find((name) => rows.some((row) => row.admin_type === name)) ?? null,
    incentive: part(rows, (row) => row.admin_type === 'Owner' || row.admin_type === 'Contributor'),
    pec: part(rows, (row) => row.pec_eligible === 1),
  }
}

/** For a column to be sorted by: the lowest class first. */
export const rank = ({ role }: BestRole) => (role ? -CLASSES.indexOf(role) : -CLASSES.length)

/** Rows by a key, for looking up: reports may write an id in two casings, so keys are folded. */
export function index<Of>(rows: Of[], key: (row: Of) => string): Map<string, Of[]> {
  const found = new Map<string, Of[]>()
  for (const row of rows) {
    const at = fold(key(row))
    const there = found.get(at)
    if (there) there.push(row)
    else found.set(at, [row])
  }
  return found
}
