import { type Context, context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activeTracer } from '../../src/actors/tracer.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'

const exporter = new InMemorySpanExporter()
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
let user: Tracer

/** Registers the SDK as a program would; `manage: false` leaves the context manager out. */
function register({ manage = true } = {}): void {
  if (manage) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  user = trace.getTracer('user')
}

/** Calls it within a span of the user. */
function within<T>(name: string, fn: () => T): T {
  return user.startActiveSpan(name, (span) => {
    try {
      return fn()
    } finally {
      span.end()
    }
  })
}

const named = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name)
function only(name: string): ReadableSpan {
  const [span, ...more] = named(name)
  if (span === undefined || more.length > 0) throw new Error(`${name}: ${more.length + 1} spans`)
  return span
}
const idOf = (span: ReadableSpan): string => span.spanContext().spanId
const linked = (span: ReadableSpan): (string | undefined)[] => span.links.map(({ context: to }) => to.spanId)

beforeEach(() => register())
afterEach(() => {
  trace.disable()
  context.disable()
  exporter.reset()
})

describe('an attempt', () => {
  it('is a span that says which task it was, and ends with it', async () => {
    const { runner, clock } = testRunner()
    await clock.until(runner.submit(async () => 'done', { id: 'one', name: 'research' }).wait())
    const span = only('offstage.task research')
    expect(span.kind).toBe(SpanKind.CONSUMER)
    expect(span.attributes).toEqual({
      'offstage.task.id': 'one',
      'offstage.task.name': 'research',
      'offstage.attempt': 1,
      'offstage.outcome': 'completed',
    })
    expect([span.status, span.ended, span.parentSpanContext, span.links]).toEqual([
      { code: SpanStatusCode.OK },
      true,
      undefined,
      [],
    ])
    await runner.stop()
  })

  it('is a trace of its own, linked to the span that was active at the submit', async () => {
    const runner = new BackgroundRunner()
    const task = within('request', () => runner.submit(() => 'done', { name: 'work' }))
    await task.wait()
    const [request, span] = [only('request'), only('offstage.task work')]
    expect(linked(span)).toEqual([idOf(request)])
    expect(span.links[0]?.context).toMatchObject({ traceId: request.spanContext().traceId, isRemote: true })
    expect([span.parentSpanContext, span.spanContext().traceId === request.spanContext().traceId]).toEqual([
      undefined,
      false,
    ])
    await runner.stop()
  })

  it('is active while the handler runs, so that spans of the handler nest in it', async () => {
    const runner = new BackgroundRunner()
    const work = async (): Promise<void> => {
      within('early', () => {})
      await new Promise(setImmediate)
      within('late', () => {})
    }
    await Promise.all(['a', 'b'].map((name) => runner.submit(work, { name }).wait()))
    const parents = new Set(['a', 'b'].map((name) => idOf(only(`offstage.task ${name}`))))
    for (const name of ['early', 'late']) {
      expect(new Set(named(name).map((span) => span.parentSpanContext?.spanId))).toEqual(parents)
    }
    await runner.stop()
  })

  it('is never inside the context of another, however its slot became free', async () => {
    const runner = new BackgroundRunner({ maxConcurrentTasks: 1 })
    const key = Symbol('of the request')
    const seen: unknown[] = []
    const look = (): void => void seen.push(context.active().getValue(key))
    const of = (value: string): Context => ROOT_CONTEXT.setValue(key, value)
    const tasks = ['a', 'b'].map((name) => context.with(of(name), () => runner.submit(look, { name })))
    await Promise.all(tasks.map((task) => task.wait()))
    expect(seen).toEqual([undefined, undefined])
    await runner.stop()
  })

  it('that fails has the code of its failure, and the next has a span of its own', async () => {
    const { runner, clock } = testRunner()
    const work = ({ attempt }: { attempt: number }): string => {
      if (attempt === 1) throw Object.assign(new Error('my secret'), { code: 'OVERLOADED' })
      return 'my secret'
    }
    const task = within('request', () => runner.submit(work, { name: 'work', retry: { attempts: 2 } }))
    await clock.until(task.wait())
    const [first, second] = named('offstage.task work')
    expect(first?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'OVERLOADED' })
    expect(first?.attributes).toMatchObject({
      'offstage.attempt': 1,
      'offstage.outcome': 'failed',
      'error.type': 'OVERLOADED',
    })
    expect(second?.attributes).toMatchObject({ 'offstage.attempt': 2, 'offstage.outcome': 'completed' })
    expect(first && second && [linked(first), linked(second)]).toEqual([
      [idOf(only('request'))],
      [idOf(only('request'))],
    ])
    await runner.stop()
  })

  it('that was cancelled is no error, one that ran out of time is', async () => {
    const { runner, clock } = testRunner()
    const cancelled = runner.submit(({ sleep }) => sleep('1h'), { name: 'cancelled' })
    const slow = runner.submit(({ sleep }) => sleep('1h'), { name: 'slow', timeout: '1s' })
    await clock.advance(0)
    await cancelled.cancel()
    await clock.until(slow.settled())
    expect(only('offstage.task cancelled')).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: { 'offstage.outcome': 'cancelled' },
    })
    expect(only('offstage.task slow')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'offstage.outcome': 'failed', 'error.type': 'TIMEOUT' },
    })
    await runner.stop()
  })

  it('that will not stop ends its span when it ends', async () => {
    const { runner, clock } = testRunner({ gracePeriod: '1s', logger: silent })
    let free = (): void => {}
    const task = runner.submit(() => new Promise<void>((resolve) => (free = resolve)), { name: 'stubborn' })
    await clock.advance(0)
    await task.cancel()
    await clock.advance('1s')
    expect([task.status, named('offstage.task stubborn')]).toEqual(['cancelled', []])
    free()
    await clock.until(runner.onIdle())
    expect(only('offstage.task stubborn').attributes).toMatchObject({ 'offstage.outcome': 'cancelled' })
    await runner.stop()
  })

  it('carries no input, result, message or output', async () => {
    const recipe = defineRecipe({
      name: 'ask',
      run: async ({ prompt }: { prompt: string }, ctx) => {
        ctx.progress(0.5, `thinking of ${prompt}`)
        ctx.write(prompt)
        ctx.log(prompt)
        if (ctx.attempt === 1) throw new Error(prompt)
        return prompt
      },
      retry: { attempts: 2 },
    })
    const { runner, clock } = testRunner({ recipes: [recipe] })
    const task = await runner.submitRecipe(
      recipe,
      { prompt: 'my secret' },
      { metadata: { note: 'my secret' }, owner: 'secret@example.com' },
    )
    await clock.until(task.wait())
    const told = named('offstage.task ask').map(({ name, attributes, events, status }) => ({
      name,
      attributes,
      events,
      status,
    }))
    expect(told).toHaveLength(2)
    expect(told[0]?.attributes).toMatchObject({ 'offstage.recipe': 'ask' })
    expect(JSON.stringify(told)).not.toContain('secret')
    await runner.stop()
  })
})

describe('a child', () => {
  it.each([
    ['with', true],
    ['without', false],
  ])('is linked to the attempt that submitted it, %s a context manager', async (_, manage) => {
    trace.disable()
    context.disable()
    register({ manage })
    const child = defineRecipe({ name: 'by-recipe', run: async () => 1 })
    const runner = new BackgroundRunner({ recipes: [child] })
    const parent = runner.submit(
      async (ctx) => {
        await new Promise(setImmediate)
        await ctx.submit(() => 1, { name: 'by-function' }).wait()
        await (await ctx.submitRecipe(child, undefined)).wait()
      },
      { name: 'parent' },
    )
    await parent.wait()
    for (const name of ['by-function', 'by-recipe']) {
      expect(linked(only(`offstage.task ${name}`))).toEqual([idOf(only('offstage.task parent'))])
    }
    await runner.stop()
  })

  it('submitted within a span of the handler is linked to that span', async () => {
    const runner = new BackgroundRunner()
    await runner.submit((ctx) => within('step', () => ctx.submit(() => 1, { name: 'child' })).wait()).wait()
    expect(linked(only('offstage.task child'))).toEqual([idOf(only('step'))])
    await runner.stop()
  })
})

describe('the trace that is kept with a task', () => {
  const recipe = defineRecipe({ name: 'work', run: async () => 1 })

  it('is the traceparent of W3C, and absent outside of any span', async () => {
    const store = new MemoryStore()
    const runner = new BackgroundRunner({ store, recipes: [recipe] })
    const [inside, outside] = await Promise.all([
      within('request', () => runner.submitRecipe(recipe, undefined)),
      runner.submitRecipe(recipe, undefined),
    ])
    const { traceId, spanId } = only('request').spanContext()
    expect(store.get(inside.id)?.spec.trace).toBe(`00-${traceId}-${spanId}-01`)
    expect(store.get(outside.id)?.spec).not.toHaveProperty('trace')
    await runner.stop()
  })

  it.each([
    'nonsense',
    '',
    '00-00000000000000000000000000000000-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    `00-${'a'.repeat(33)}-b7ad6b7169203331-01`,
  ])('is not linked to when it is %j', async (text) => {
    const store = new MemoryStore()
    const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
    store.submit([{ type: 'submit', task: 'one', at: 0, name: 'work', recipe: 'work', limits, trace: text }])
    const runner = new BackgroundRunner({ store, recipes: [recipe] })
    runner.start()
    await (await runner.get('one'))?.wait()
    expect(only('offstage.task work').links).toEqual([])
    await runner.stop()
  })
})

describe('tracing', () => {
  it('begins when a provider is registered, though the runner is older, and ends when it is taken away', async () => {
    trace.disable()
    expect(activeTracer()).toBeUndefined()
    const runner = new BackgroundRunner()
    await runner.submit(() => 1, { name: 'before' }).wait()
    register()
    await runner.submit(() => 1, { name: 'during' }).wait()
    trace.disable()
    await runner.submit(() => 1, { name: 'after' }).wait()
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['offstage.task during'])
    await runner.stop()
  })

  it('ends the spans that it began, though the provider is taken away meanwhile', async () => {
    const runner = new BackgroundRunner()
    await runner.submit(() => trace.disable(), { name: 'last' }).wait()
    expect(only('offstage.task last').ended).toBe(true)
    await runner.stop()
  })

  it.each(['startSpan', 'end', 'setAttribute', 'spanContext'])('that throws in %s harms no task', async (method) => {
    const broken: unknown = new Proxy(() => broken, {
      get: (_, key) => {
        if (key === method) throw new Error('no tracing today')
        return broken
      },
    })
    trace.disable()
    trace.setGlobalTracerProvider(broken as BasicTracerProvider)
    const runner = new BackgroundRunner()
    const task = runner.submit(async ({ submit }) => submit(() => 'done').wait())
    expect(await task.wait()).toBe('done')
    await runner.stop()
  })
})
