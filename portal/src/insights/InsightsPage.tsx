import { Page } from '../parts/Page'

export function InsightsPage() {
  return <Page title="Insights">…</Page>
}
