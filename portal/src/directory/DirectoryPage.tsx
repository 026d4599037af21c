import { Page } from '../parts/Page'

export function DirectoryPage() {
  return <Page title="Directory">…</Page>
}
