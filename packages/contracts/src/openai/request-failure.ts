import type { z } from 'zod'
import { Failure } from '../failures/index.ts'
import { parameterPath } from './parameter-path.ts'
import type { ReservedIssue } from './reserved-parameters.ts'

type Issue = z.core.$ZodIssue

/** What is wrong with a request body, by its first problem, in OpenAI's words: a 400 with the parameter's path. */
export function requestFailure(error: z.ZodError): Failure {
  const [first] = error.issues
  if (first === undefined) return new Failure('invalid_request', 'The request body is not valid.')
  const issue = furthestIssue(first)
  if (issue.code === 'unrecognized_keys') return unrecognized(issue)
  const param = parameterPath(issue.path)
  if (isReserved(issue)) return unsupported(param, issue.params)
  return new Failure('invalid_request', describe(issue, param), param === '' ? {} : { param })
}

/** Of a union's branches the one that got furthest is the one that was meant. */
function furthestIssue(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const candidates = issue.errors.flatMap(([first]) => (first === undefined ? [] : [furthestIssue(first)]))
  const deepest = candidates.reduce<Issue | undefined>(
    (best, candidate) => (best === undefined || candidate.path.length > best.path.length ? candidate : best),
    undefined,
  )
  if (deepest === undefined) return issue
  const path = [...issue.path, ...deepest.path]
  const expected = candidates.flatMap((candidate) => (candidate.code === 'invalid_type' ? [candidate.expected] : []))
  if (deepest.path.length > 0 || expected.length < candidates.length) return { ...deepest, path }
  return { ...deepest, path, message: `expected ${expected.join(' or ')}, ${deepest.message.split(', ')[1]}` }
}

function unrecognized(issue: Extract<Issue, { code: 'unrecognized_keys' }>): Failure {
  const param = parameterPath([...issue.path, ...issue.keys.slice(0, 1)])
  return new Failure('invalid_request', `Unrecognized request argument supplied: ${param}`, { param })
}

function isReserved(issue: Issue): issue is Issue & { params: ReservedIssue } {
  return issue.code === 'custom' && issue.params?.reserved !== undefined
}

function unsupported(param: string, issue: ReservedIssue): Failure {
  const message =
    issue.reserved === 'value'
      ? `Unsupported value: '${param}' does not support '${issue.value}' in this version.`
      : `Unsupported parameter: '${param}' is not supported with this value in this version.`
  return new Failure('unsupported_parameter', message, { param })
}

function describe(issue: Issue, param: string): string {
  const problem = issue.message.replace(/^Invalid (input|option): /, '').replace(/^Too (big|small): /, '')
  if (param === '') return `Invalid request body: ${problem}.`
  if (problem.endsWith('received undefined') || problem === 'it is required') {
    return `Missing required parameter: '${param}'.`
  }
  return `Invalid '${param}': ${problem}.`
}
