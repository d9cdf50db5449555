import { join, resolve } from 'node:path'

/** DATA_DIR as the settings read it, before anything can be imported that reads settings. */
export function dataFolder(env) {
  const from = env.INIT_CWD?.trim() ? env.INIT_CWD : process.cwd()
  return resolve(from, env.DATA_DIR?.trim() ? env.DATA_DIR : './data')
}

/** Held by the cluster that uses the data folder. */
export function clusterLockFile(dataDir) {
  return join(dataDir, 'cluster.lock')
}

export function runsAlready(dataDir, pid) {
  return (
    `A cluster runs on ${dataDir} already (process ${pid}). ` +
    'Use that one, or stop it first; for a second one beside it set DATA_DIR, PORT and WORKER_PORT.'
  )
}
