/** Round values for an axis that shows all from `low` to `high`, and zero. */
export function ticks(low: number, high: number, about = 4): number[] {
  const [bottom, top] = [Math.min(0, low), Math.max(0, high)]
  if (bottom === top) return [0, 1]
  const rough = (top - bottom) / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((size) => size * power >= rough) ?? 10)
  const [first, last] = [Math.floor(bottom / step), Math.ceil(top / step)]
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}
