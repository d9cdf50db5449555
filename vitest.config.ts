import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'services/**/*.test.ts', 'scripts/**/*.test.ts'],
    // Real models on a busy machine of two cores: a test that hangs is found all the same.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    restoreMocks: true,
  },
})
