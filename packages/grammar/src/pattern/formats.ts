const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?'
const host = `(${label}\\.){1,4}[A-Za-z]{2,12}`
/** The 29th of February is left out: a grammar cannot count leap years in few rules. */
const date = '\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))'
const time = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)'
const hex = '[0-9a-fA-F]'

/**
 * JSON Schema's formats as regular expressions. Each describes valid values only, and not all of them: a grammar that
 * writes values need not be able to write every one.
 */
export const formats: Readonly<Record<string, string>> = {
  date: `^${date}$`,
  time: `^${time}$`,
  'date-time': `^${date}T${time}$`,
  duration: '^P((\\d{1,4}W)|\\d{1,4}D(T\\d{1,4}[HMS])?|T\\d{1,4}(H(\\d{1,4}M)?|M|S))$',
  email: `^[A-Za-z0-9_+-]{1,32}(\\.[A-Za-z0-9_+-]{1,32}){0,3}@${host}$`,
  hostname: `^${host}$`,
  ipv4: `^(${octet}\\.){3}${octet}$`,
  ipv6: `^(${hex}{1,4}:){7}${hex}{1,4}$`,
  uri: `^https?://${host}(/[A-Za-z0-9._~-]{1,64}){0,8}/?$`,
  uuid: `^${hex}{8}-${hex}{4}-[1-8]${hex}{3}-[89abAB]${hex}{3}-${hex}{12}$`,
}
