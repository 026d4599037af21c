// The real program with its demo, for all tests: `PAL` names it.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** What `pal dev` writes for scripts. */
export interface Demo {
  url: string
  program: string
  data: string
}

declare module 'vitest' {
  interface ProvidedContext {
    demo: Demo
  }
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })

/** Starts a service of its own; `extra` are more arguments of `pal dev`. */
export async function startService(extra: string[] = [], env: Record<string, string> = {}) {
  const program = process.env.PAL
  if (!program) throw new Error('PAL must name the program: use `cargo xtask portal test`')
  const data = mkdtempSync(join(tmpdir(), 'openpal-portal-'))
  const listen = `127.0.0.1:${await freePort()}`
  const args = ['dev', '--data-dir', data, '--listen', listen, ...extra]
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const heard = (bytes: Buffer) => {
      said += bytes
      if (said.includes('serving url=') || said.includes('ready')) resolve()
    }
    child.stdout.on('data', heard)
    child.stderr.on('data', heard)
    child.on('exit', (code) => reject(new Error(`pal dev ended with ${code}: ${said}`)))
  })
  const { url } = JSON.parse(readFileSync(join(data, 'dev.json'), 'utf8'))
  const demo: Demo = { url, program, data }
  const stop = async () => {
    child.removeAllListeners('exit')
    const ended = new Promise((resolve) => child.on('exit', resolve))
    child.kill('SIGINT')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
  return { demo, stop }
}

export default async function setup(project: TestProject) {
  const { demo, stop } = await startService()
  project.provide('demo', demo)
  return stop
}
