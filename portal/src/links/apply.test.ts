import { afterEach, describe, expect, it, vi } from 'vitest'
import * as client from '../api/client'
import { ApiError } from '../api/errors'
import { apply, type Outcomes } from './apply'
import { planFor } from './plan'

const NAMES = ['a', 'b', 'c']
const directories = NAMES.map(
  (tenantId) => ({ tenantId, link: null, access: {} }) as client.OwnDirectory,
)

async function applied(isStopped = () => false) {
  const outcomes: Outcomes = {}
  const ended = await apply(
    planFor('link', directories, '1'),
    (tenantId, outcome) => {
      outcomes[tenantId] = outcome
    },
    isStopped,
  )
  return { outcomes, ended }
}

const linked = { properties: { partnerId: '2', version: 1 } } as client.LinkResource

describe('applying a plan', () => {
  afterEach(() => vi.restoreAllMocks())

  it('goes on after a line that moved, and after one that failed', async () => {
    vi.spyOn(client, 'readLink').mockImplementation(async (at) => (at === 'a' ? linked : null))
    const create = vi.spyOn(client, 'createLink').mockImplementation(async (_, at) => {
      if (at === 'b') throw new ApiError(409, 'Conflict', 'linked', null)
      return linked
    })
    const { outcomes, ended } = await applied()
    expect(outcomes).toEqual({
      a: { state: 'failed', why: { kind: 'moved', to: '2' } },
      b: { state: 'failed', why: { kind: 'conflict' } },
      c: { state: 'done' },
    })
    expect(create.mock.calls).toEqual([
      ['1', 'b'],
      ['1', 'c'],
    ])
    expect(ended).toBeNull()
  })

  it('stops when told to, and tells what is left', async () => {
    vi.spyOn(client, 'readLink').mockResolvedValue(null)
    const create = vi.spyOn(client, 'createLink').mockResolvedValue(linked)
    const { outcomes } = await applied(() => create.mock.calls.length > 0)
    expect(outcomes).toEqual({
      a: { state: 'done' },
      b: { state: 'left' },
      c: { state: 'left' },
    })
  })

  it('stops when the session is over', async () => {
    const over = new ApiError(401, 'Unauthorized', 'signed out', null)
    vi.spyOn(client, 'readLink').mockRejectedValue(over)
    const { outcomes, ended } = await applied()
    expect(Object.values(outcomes).map((one) => one.state)).toEqual(['left', 'left', 'left'])
    expect(ended).toBe(over)
  })
})
