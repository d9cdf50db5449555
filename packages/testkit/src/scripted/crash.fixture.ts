import { obeyCommands } from './obey-commands.ts'

obeyCommands(['a prompt with [crash] in it'])
