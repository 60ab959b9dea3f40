// The job manager answers at once when work is quick, and with a job's id when it is not: what a tool of an agent needs.
// Jobs are then asked about by id.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { BackgroundJobManager, JobStatus } from 'offstage'

const manager = new BackgroundJobManager({ autoBackgroundThreshold: '50ms' })

const quick = await manager.run(() => 6 * 7)
console.log(quick)
assert.deepEqual(quick, { status: 'completed', result: 42 })

const slow = await manager.run(() => pause(150, 'worth waiting for'), { name: 'slow' })
assert(slow.status === 'running')
assert.equal(manager.getStatus(slow.jobId), JobStatus.RUNNING)

const endless = manager.startJob(({ sleep }) => sleep('1h'), { name: 'endless' })
await manager.cancelJob(endless)

while (manager.getStatus(slow.jobId) === JobStatus.RUNNING) await pause(10)
console.log(manager.getResult(slow.jobId))
assert.equal(manager.getResult(slow.jobId), 'worth waiting for')

for (const [jobId, { name, status }] of manager.listJobs()) console.log(`${jobId} ${name}: ${status}`)
assert.deepEqual(
  [...manager.listJobs().values()].map(({ status }) => status),
  [JobStatus.COMPLETED, JobStatus.CANCELLED],
)
await manager.stop()
