import { defineConfig } from 'vitest/config'

// One service and one browser at a time: the machine that runs this is small, and the tests change links.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.spec.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: './service.ts',
  },
})
