import { useState } from 'react'

const KEPT = 'openpal.entry'

/** What was typed and not sent, and for which directory. */
interface Entry {
  text: string
  tenantId: string
}

function kept(): Entry | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null')
  } catch {
    return null
  }
}

/**
 * The partner ID that is being typed. It outlives the page: the end of the session, and a change of
 * directory, lose nothing (and the page says where it was typed).
 */
export function useEntry(tenantId: string) {
  const [entry, setEntry] = useState<Entry>(() => kept() ?? { text: '', tenantId })
  const set = (text: string) => {
    const next = { text, tenantId }
    if (text) sessionStorage.setItem(KEPT, JSON.stringify(next))
    else sessionStorage.removeItem(KEPT)
    setEntry(next)
  }
  const isFromElsewhere = entry.text !== '' && entry.tenantId !== tenantId
  return { text: entry.text, set, typedIn: isFromElsewhere ? entry.tenantId : null }
}

/** As people paste it: ` 5 127 255 `, without the blanks. */
export const cleaned = (text: string) => text.replace(/[\s\u00a0\u202f]+/g, '')
