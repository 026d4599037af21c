import { useSyncExternalStore } from 'react'

/** Something that was done, in words. */
export interface Notice {
  id: number
  text: string
  at: Date
}

let notices: Notice[] = []
let seen = 0
const readers = new Set<() => void>()

const tell = () => {
  for (const reader of readers) reader()
}

const subscribe = (reader: () => void) => {
  readers.add(reader)
  return () => readers.delete(reader)
}

/** Says something politely, once, and keeps it in the list behind the bell. */
export function notify(text: string) {
  notices = [{ id: notices.length + 1, text, at: new Date() }, ...notices].slice(0, 50)
  tell()
}

export function markSeen() {
  seen = notices[0]?.id ?? 0
  tell()
}

export const useNotices = () => useSyncExternalStore(subscribe, () => notices)
export const useUnseen = () =>
  useSyncExternalStore(subscribe, () => notices.filter((notice) => notice.id > seen).length)
