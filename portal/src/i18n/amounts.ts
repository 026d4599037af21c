import type { IntlShape } from 'react-intl'

/** An amount of money as the service writes it: a decimal with at most 18 fraction digits. */
export type Decimal = string

/** In the reader's way, never through a binary number. `digits` = fraction digits at most. */
export function money(intl: IntlShape, amount: Decimal, currency: string, digits = 2): string {
  const options = { minimumFractionDigits: 2, maximumFractionDigits: digits } as const
  const plain = amount as Intl.StringNumericLiteral
  try {
    const style = { style: 'currency', currency, ...options } as const
    return new Intl.NumberFormat(intl.locale, style).format(plain)
  } catch {
    // A currency that is no ISO code, as a cost file may have it.
    return `${new Intl.NumberFormat(intl.locale, options).format(plain)} ${currency}`
  }
}

/** For drawing only: where a point of a chart is. */
export const height = (amount: Decimal) => Number(amount)

const SCALE = 18

/** A decimal as a whole number of 10^-18. */
export function exact(amount: Decimal): bigint {
  const found = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(amount)
  if (!found) throw new Error(`${amount} is not a decimal`)
  const [, sign, whole, fraction = ''] = found
  const value = BigInt(`${whole}${fraction.padEnd(SCALE, '0')}`)
  return sign ? -value : value
}

/** Back to a decimal, with as many fraction digits as needed. */
export function decimal(value: bigint): Decimal {
  const text = (value < 0n ? -value : value).toString().padStart(SCALE + 1, '0')
  const fraction = text.slice(-SCALE).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${text.slice(0, -SCALE)}${fraction && `.${fraction}`}`
}

/** The sum, exactly. */
export const sum = (amounts: Decimal[]): Decimal =>
  decimal(amounts.reduce((total, amount) => total + exact(amount), 0n))

/** By how much an amount differs from one before, 0.083 = 8.3 %, rounded; `null` if that was nothing. */
export function growth(before: Decimal, now: Decimal): number | null {
  const [from, to] = [exact(before), exact(now)]
  if (from === 0n) return null
  const size = from < 0n ? -from : from
  const more = to - from
  const half = more < 0n ? -size : size
  return Number((more * 2000n + half) / (size * 2n)) / 1000
}
