import { Page } from '../parts/Page'

export function ExplainPage() {
  return <Page title="Explain">…</Page>
}
