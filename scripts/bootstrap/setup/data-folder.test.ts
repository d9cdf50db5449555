import { readSettings } from '@millrace/runtime/settings'
import { expect, test } from 'vitest'
import { dataFolder } from './data-folder.mjs'

test.each([
  {},
  { DATA_DIR: '  ' },
  { DATA_DIR: 'else/where' },
  { DATA_DIR: '/absolute' },
  { DATA_DIR: 'x', INIT_CWD: '/called/here' },
  { INIT_CWD: '/called/here' },
])('the folder that is looked at before anything is installed is the one of the settings: %j', (env) => {
  expect(dataFolder(env)).toBe(readSettings(env).dataDir)
})
