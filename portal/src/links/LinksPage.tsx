import { Page } from '../parts/Page'

export function LinksPage() {
  return <Page title="Links">…</Page>
}
