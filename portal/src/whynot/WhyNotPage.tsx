import { Page } from '../parts/Page'

export function WhyNotPage() {
  return <Page title="WhyNot">…</Page>
}
