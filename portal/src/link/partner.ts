import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api/client'
import { ApiError } from '../api/errors'
import type { components } from '../api/schema'
import { cleaned } from './entry'

export type Partner = components['schemas']['Partner']

/** How long typing must rest before a name is looked up. Lookups are counted by the service. */
const REST = 500

export const DIGITS = /^\d{1,20}$/

export const partnerQuery = (id: string) => ({
  queryKey: ['partner', id],
  // `null` = there is none.
  queryFn: async (): Promise<Partner | null> => {
    try {
      const found = await api.GET('/api/v1/partners/{id}', { params: { path: { id } } })
      return found.data ?? null
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null
      throw error
    }
  },
  staleTime: 300_000,
})

/** What the ID being typed stands for, once typing rests. */
export function usePartner(text: string) {
  const id = cleaned(text)
  const [rested, setRested] = useState(id)
  useEffect(() => {
    const timer = setTimeout(() => setRested(id), REST)
    return () => clearTimeout(timer)
  }, [id])
  const isAsked = rested === id && DIGITS.test(id)
  const found = useQuery({ ...partnerQuery(id), enabled: isAsked })
  return { id, partner: isAsked ? found.data : undefined, isLooking: isAsked && found.isFetching }
}
