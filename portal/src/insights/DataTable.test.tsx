// @vitest-environment happy-dom
import { FluentProvider } from '@fluentui/react-components'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { IntlProvider } from 'react-intl'
import { afterEach, expect, test } from 'vitest'
import en from '../../locales/en'
import { DataTable } from './DataTable'
import { byNumber } from './orders'

interface Named {
  name: string
  value: number
}

const columns = [
  { key: 'name', title: 'Name', cell: (row: Named) => row.name, text: (row: Named) => row.name },
  {
    key: 'value',
    title: 'Value',
    cell: (row: Named) => row.value,
    order: byNumber((row: Named) => row.value),
    isNumber: true,
  },
]

const show = (rows: Named[]) =>
  render(
    <IntlProvider locale="en" messages={en}>
      <FluentProvider>
        <DataTable name="Things" rows={rows} columns={columns} rowKey={(row) => row.name} />
      </FluentProvider>
    </IntlProvider>,
  )

const names = () => screen.getAllByRole('rowheader').map((cell) => cell.textContent)

afterEach(cleanup)

test('a column is sorted by its heading, which says so', async () => {
  show([
    { name: 'a', value: 2 },
    { name: 'b', value: 10 },
    { name: 'c', value: 1 },
  ])
  const heading = screen.getByRole('columnheader', { name: 'Value' })
  expect(heading.getAttribute('aria-sort')).toBe('none')
  await userEvent.click(within(heading).getByRole('button'))
  expect(heading.getAttribute('aria-sort')).toBe('descending')
  expect(names()).toEqual(['b', 'a', 'c'])
  await userEvent.click(within(heading).getByRole('button'))
  expect(heading.getAttribute('aria-sort')).toBe('ascending')
  expect(names()).toEqual(['c', 'a', 'b'])
  expect(screen.queryByRole('searchbox')).toBeNull()
})

test('a long table is shown in parts, and searched as a whole', async () => {
  show(Array.from({ length: 230 }, (_, index) => ({ name: `row ${index}`, value: index })))
  expect(names()).toHaveLength(100)
  await userEvent.click(screen.getByRole('button', { name: 'Show 100 more of 230' }))
  expect(names()).toHaveLength(200)
  await userEvent.click(screen.getByRole('button', { name: 'Show 30 more of 230' }))
  expect(names()).toHaveLength(230)
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search in Things' }), 'ROW 22')
  expect(names()).toHaveLength(11)
  expect(screen.getByRole('status').textContent).toBe('11 of 230 rows')
})
