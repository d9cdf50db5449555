export { Failure, type FailureOptions, toFailure } from './failure.ts'
export { type FailureCode, type FailureTraits, failureCodes, failureTable } from './failure-table.ts'
