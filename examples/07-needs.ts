// Tasks that need others start when those have completed, and get their results with their types.
// A need that fails fails what depends on it, all the way down.
import assert from 'node:assert/strict'
import { BackgroundRunner } from 'offstage'

const runner = new BackgroundRunner()

const prices = runner.submit(async () => ({ apple: 3, pear: 4 }), { name: 'prices' })
const stock = runner.submit(
  async () =>
    new Map([
      ['apple', 10],
      ['pear', 5],
    ]),
  { name: 'stock' },
)

const value = runner.submit(
  ({ needs: { prices, stock } }) => prices.apple * (stock.get('apple') ?? 0) + prices.pear * (stock.get('pear') ?? 0),
  { name: 'value', needs: { prices, stock } },
)
const report = runner.submit(({ needs: [sum] }) => `The stock is worth ${sum.toFixed(2)}`, {
  name: 'report',
  needs: [value],
})
assert.equal(report.state, 'pending.blocked')
console.log((await report.explain()).sentence)

console.log(await report.wait())
assert.equal(report.result, 'The stock is worth 50.00')

const broken = runner.submit((): number => {
  throw new Error('the warehouse does not answer')
})
const orphan = runner.submit(({ needs: [n] }) => n + 1, { name: 'orphan', needs: [broken] })
await orphan.settled()
console.log(`${orphan.name}: ${orphan.error?.code}, for ${broken.error?.message}`)
assert.equal(orphan.error?.code, 'DEPENDENCY')
assert.equal(orphan.startedAt, undefined)
