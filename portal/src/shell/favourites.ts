import { useState } from 'react'

const KEPT = 'openpal.favourites'

/** Directories that are shown first, kept in this browser. */
export function useFavourites() {
  const [all, setAll] = useState<string[]>(() => {
    try {
      return JSON.parse(localStorage.getItem(KEPT) ?? '[]')
    } catch {
      return []
    }
  })
  return {
    has: (tenantId: string) => all.includes(tenantId),
    toggle: (tenantId: string) => {
      const next = all.includes(tenantId)
        ? all.filter((one) => one !== tenantId)
        : [...all, tenantId]
      localStorage.setItem(KEPT, JSON.stringify(next))
      setAll(next)
    },
  }
}
