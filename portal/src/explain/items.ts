import { fold, isSameName } from '../parts/fold'
import type { Choice, Choices } from './choices'

/** Something to choose. */
export interface Item {
  value: string
  /** What the field shows when it is chosen. */
  text: string
  /** In the list, below the group's name. */
  short?: string
  group?: string
}

/** A list in parts, in the order of their first. */
export function grouped<T>(list: T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one])
  return groups
}

/** What was chosen, or typed; a name that only one has will do. */
export function valueIn(items: Item[], text: string): string {
  const name = text.trim()
  const called = items.filter((item) => item.short && isSameName(item.short, name))
  const found = items.find((item) => item.text === text) ?? (called.length === 1 ? called[0] : null)
  return found?.value ?? text
}

/** How a value is shown: in words if it is one that can be chosen. */
export const textIn = (items: Item[], value: string) =>
  items.find((item) => item.value === value)?.text ?? value

/** Those that have what is typed in their name, their id or their group. */
export function matching(items: Item[], text: string): Item[] {
  const wanted = fold(text.trim())
  return items.filter((item) =>
    [item.text, item.value, item.group].some((part) => part && fold(part).includes(wanted)),
  )
}

/** Subscriptions to choose. Names that several have get the id behind them. */
export function subscriptionItems(choices: Choice[], unnamed: string): Item[] {
  const label = (one: Choice) =>
    [one.name ?? one.subscription, one.customer].filter(Boolean).join(' · ')
  const count = grouped(choices, label)
  return choices
    .map((one) => {
      const isShared = (count.get(label(one))?.length ?? 0) > 1
      const id = isShared ? ` (${one.subscription})` : ''
      return {
        value: `/subscriptions/${one.subscription}`,
        text: label(one) + id,
        short: (one.name ?? one.subscription) + id,
        group: one.customer ?? unnamed,
      }
    })
    .toSorted((one, other) => (one.group + one.text).localeCompare(other.group + other.text))
}

export const partnerItems = ({ partners }: Choices): Item[] =>
  partners.map(({ id, name }) => ({ value: id, text: name ? `${name} (${id})` : id }))
