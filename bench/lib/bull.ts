/** @module BullMQ with one queue, worker and listener in this process. */
import { type JobsOptions, Queue, QueueEvents, Worker } from 'bullmq'
import { Redis as Client } from 'ioredis'
import { concurrency, kept, type Queueing } from './queueing.ts'

const name = 'noop'

/** @param port Where its Redis listens. */
export async function openBull(port: number): Promise<Queueing> {
  const clients: Client[] = []
  const connect = (): Client => {
    const client = new Client({ host: '127.0.0.1', port, maxRetriesPerRequest: null })
    clients.push(client)
    return client
  }
  const retention: JobsOptions = { removeOnComplete: { count: kept }, removeOnFail: { count: kept } }
  const queue = new Queue<number>(name, { connection: connect(), defaultJobOptions: retention })
  const events = new QueueEvents(name, { connection: connect() })
  // one listener for each that waits is meant
  for (const each of [queue, events]) each.setMaxListeners(0)
  let done = 0
  let wanted = Number.POSITIVE_INFINITY
  let reached = (): void => {}
  const work = async (): Promise<void> => {}
  const worker = new Worker<number>(name, work, { connection: connect(), concurrency, autorun: false })
  worker.on('completed', () => {
    done += 1
    if (done >= wanted) reached()
  })
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()])
  let running: Promise<void> | undefined
  const start = (): void => {
    running ??= worker.run()
  }
  return {
    start,
    async roundTrip(input) {
      const job = await queue.add(name, input)
      await job.waitUntilFinished(events)
    },
    async add(input) {
      await queue.add(name, input)
    },
    async addMany(inputs) {
      await queue.addBulk(inputs.map((data) => ({ name, data })))
    },
    async drained(count) {
      done = 0
      wanted = count
      const all = new Promise<void>((resolve) => {
        reached = resolve
      })
      start()
      worker.resume()
      await all
      wanted = Number.POSITIVE_INFINITY
    },
    pause: () => worker.pause(),
    async close() {
      await worker.close()
      await events.close()
      await queue.close()
      for (const client of clients) client.disconnect()
      await running
    },
  }
}
