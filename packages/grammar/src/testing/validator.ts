import { Ajv2020 } from 'ajv/dist/2020.js'
import { formats } from '../pattern/formats.ts'

/** Of RFC 3339 and its kin only what tells our own formats from nonsense: days of months, fields of times. */
const isDate = (text: string) => {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
const isInstant = (text: string) => !Number.isNaN(new Date(text).getTime())

const hostOf = (text: string) => URL.parse(`http://${text}/`)?.hostname

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => isInstant(`2020-01-01T${text}`),
  'date-time': (text) => isDate(text.slice(0, 10)) && isInstant(text),
  uri: URL.canParse,
  ipv6: (text) => URL.canParse(`http://[${text}]/`),
  ipv4: (text) => hostOf(text) === text,
  hostname: (text) => hostOf(text) === text.toLowerCase(),
}

/** A validator that knows the standard's formats and refuses keywords that it does not know. */
export function validator(schema: object) {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  for (const name of Object.keys(formats)) ajv.addFormat(name, checks[name] ?? true)
  return ajv.compile(schema)
}
