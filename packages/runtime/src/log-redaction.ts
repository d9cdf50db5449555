const secretNames = [
  'authorization',
  'Authorization',
  'apiKey',
  'api_key',
  '["x-api-key"]',
  'allowedKeys',
  'hfToken',
  'password',
  'redisUrl',
]

/** ioredis puts a failed command's arguments, and with them prompts and completions, on its errors. */
const commandArguments = ['err.command.args', 'err.cause.command.args', 'error.command.args']

/** Paths (of pino's `redact`) whose values never reach a log, down to the third level of the logged object. */
export const redaction = {
  paths: [
    ...['', '*.', '*.*.'].flatMap((parent) => secretNames.map((name) => join(parent, name))),
    ...commandArguments,
  ],
  censor: '[redacted]',
}

/** A name in brackets follows its parent without a dot. */
function join(parent: string, name: string): string {
  return name.startsWith('[') ? parent.replace(/\.$/, '') + name : parent + name
}
