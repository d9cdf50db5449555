import { startRedis, type TestRedis } from '@millrace/testkit'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { TestCluster } from './test-cluster.ts'

/** Gives every test of a file a cluster of its own, on one Redis, and closes it after the test. */
export function eachTestCluster(use: (cluster: TestCluster) => void): void {
  let server: TestRedis
  let cluster: TestCluster
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    cluster = new TestCluster(server)
    use(cluster)
  })
  afterEach(() => cluster.close())
}
