import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Leaves a `.br` and a `.gz` beside each text file; the service chooses. */
function packed(): Plugin {
  let folder = ''
  return {
    name: 'packed',
    apply: 'build',
    configResolved: (config) => {
      folder = config.build.outDir
    },
    closeBundle: () => {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|svg)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const bytes = readFileSync(path)
        const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 }
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }))
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}

/**
 * The service to which a development server (`npm run dev`) passes what is not a page. Sign in at its own
 * address first: the cookie is for the host, whatever the port.
 */
const service = process.env.OPENPAL_URL ?? 'https://localhost:8443'

export default defineConfig({
  base: '/portal/',
  plugins: [react(), packed()],
  // The service puts a fresh nonce in its place with each page.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: 'dist/pages',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: Object.fromEntries(
      ['api', 'arm', 'auth', 'session'].map((path) => [
        `/portal/${path}`,
        { target: service, secure: false, changeOrigin: true, headers: { origin: service } },
      ]),
    ),
  },
})
