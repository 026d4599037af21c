import { createDOMRenderer, RendererProvider } from '@fluentui/react-components'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { load, Texts } from './i18n/Texts'
import './page.css'
import { queries } from './queries'
import { router } from './router'
import { Look } from './shell/Look'
import { Signed } from './shell/Signed'

// The address of the original's documents. The server never sees what stands after #.
if (
  /^#(@[^/]*\/)?blade\/Microsoft_Azure_Billing\/managementpartnerblade/i.test(window.location.hash)
) {
  window.history.replaceState(null, '', '/portal/link')
}

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } })
const root = document.getElementById('root')
if (!root) throw new Error('the page has no root')

load().then((first) =>
  createRoot(root).render(
    <RendererProvider renderer={renderer} targetDocument={document}>
      <Texts first={first}>
        <Look>
          <QueryClientProvider client={queries}>
            <Signed>
              <RouterProvider router={router} />
            </Signed>
          </QueryClientProvider>
        </Look>
      </Texts>
    </RendererProvider>,
  ),
)
