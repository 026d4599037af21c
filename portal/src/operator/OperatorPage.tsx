import { Page } from '../parts/Page'

export function OperatorPage() {
  return <Page title="Operator">…</Page>
}
