/**
 * @module The tasks that may start, in the order in which they do: higher priority first; then round robin over
 * concurrency keys, tasks without one being one key; then as they entered.
 */
import { type Linked, LinkedList } from '../linked-list.ts'
import { fullKey, scheduleKey, userKey } from '../machines/keys.ts'
import { keysOf, type StoredTask, type StoreState } from '../machines/store-state.ts'

/** Says which tasks a worker takes. */
export interface Taker {
  takes(recipe: string | undefined): boolean
  fits(task: StoredTask): boolean
}

/** How many tasks of one recipe are looked at when the first ones do not fit. */
const lookAhead = 64
/** Marks the group of those to whom a task may lend a key. */
const familyName = 'waited for by '

/** Tasks of one recipe within a group, as they entered. */
class Lane extends LinkedList<StoredTask> {
  readonly recipe: string | undefined
  readonly group: Group

  constructor(group: Group, recipe: string | undefined) {
    super()
    this.group = group
    this.recipe = recipe
  }
}

/** All tasks of one priority that take turns as one: those of a key, those without, or those with one lender of a key. */
class Group implements Linked<Group> {
  previous: Group | undefined = undefined
  next: Group | undefined = undefined
  list: LinkedList<Group> | undefined = undefined
  readonly name: string
  readonly level: Level
  /** Its tasks need not have the same keys, nor need the first of them be the first with room. */
  readonly family: boolean
  readonly lanes = new Map<string | undefined, Lane>()

  constructor(level: Level, name: string) {
    this.level = level
    this.name = name
    this.family = name.startsWith(familyName)
  }
}

/** One priority: groups whose turn comes round, and groups that wait for their key. */
class Level {
  readonly priority: number
  readonly groups = new Map<string, Group>()
  readonly turns = new LinkedList<Group>()
  readonly parked = new LinkedList<Group>()

  constructor(priority: number) {
    this.priority = priority
  }
}

/** The ready queue of a store. Every operation costs O(1), or O(groups that are held back) for {@link take}. */
export class ReadyQueue {
  readonly #state: StoreState
  /** Highest priority first. */
  readonly #levels: Level[] = []
  #entered = 0

  constructor(state: StoreState) {
    this.#state = state
  }

  add(task: StoredTask): void {
    task.entered = ++this.#entered
    const lane = this.#lane(task)
    lane.push(task)
    // a newcomer of another recipe may come with a larger limit
    if (lane.size === 1) unpark(lane.group)
  }

  /** Puts a task back in front that was taken out to be claimed, and was not won. */
  restore(task: StoredTask): void {
    const lane = this.#lane(task)
    lane.unshift(task)
    unpark(lane.group)
  }

  remove(task: StoredTask): void {
    const lane = task.list
    if (!(lane instanceof Lane)) return
    lane.remove(task)
    const { group } = lane
    // the one behind it may have come with a larger limit
    unpark(group)
    if (lane.size > 0) return
    group.lanes.delete(lane.recipe)
    if (group.lanes.size > 0) return
    group.list?.remove(group)
    group.level.groups.delete(group.name)
    if (group.level.groups.size === 0) this.#levels.splice(this.#levels.indexOf(group.level), 1)
  }

  /** The key may have room again. */
  wake(key: string): void {
    for (const level of this.#levels) {
      const group = level.groups.get(key)
      if (group !== undefined) unpark(group)
    }
  }

  /** Somebody waits for this task, or for one that waits in turn: with a lent key they need not queue behind others. */
  lend(id: string): void {
    const waited = new Set([id])
    // the set grows while it is read
    for (const each of waited) {
      const task = this.#state.tasks.get(each)
      if (task === undefined) continue
      if (task.list instanceof Lane && task.list.group.name !== this.#groupName(task)) {
        this.remove(task)
        this.add(task)
      }
      for (const { wait } of task.snapshot.context.waits) if (wait.kind === 'child') waited.add(wait.child)
    }
  }

  /** The next task that the taker takes and whose keys have room. It leaves the queue by {@link remove} only. */
  take(taker: Taker): StoredTask | undefined {
    for (const level of this.#levels) {
      let group = level.turns.first
      for (let left = level.turns.size; left > 0 && group !== undefined; left -= 1) {
        const following: Group | undefined = group.next
        const task = this.#first(group, taker)
        if (task !== undefined) {
          level.turns.push(group)
          return task
        }
        group = following
      }
    }
    return undefined
  }

  /** The task of the group that entered first among those that may start. Parks the group when its own key is full. */
  #first(group: Group, taker: Taker): StoredTask | undefined {
    let best: StoredTask | undefined
    let full = 0
    for (const lane of group.lanes.values()) {
      if (this.#isFull(lane.first, group.name)) full += 1
      else if (taker.takes(lane.recipe)) best = this.#firstOf(lane, taker, best) ?? best
    }
    if (full === group.lanes.size) group.level.parked.push(group)
    return best
  }

  #lane(task: StoredTask): Lane {
    const group = this.#group(this.#level(task.spec.priority ?? 0), this.#groupName(task))
    const lane = group.lanes.get(task.spec.recipe) ?? new Lane(group, task.spec.recipe)
    group.lanes.set(task.spec.recipe, lane)
    return lane
  }

  #isFull(task: StoredTask | undefined, key: string): boolean {
    return task !== undefined && fullKey(this.#state, task)?.key === key
  }

  /** The first task of the lane that may start, if it entered before `best`. */
  #firstOf(lane: Lane, taker: Taker, best: StoredTask | undefined): StoredTask | undefined {
    let task = lane.first
    for (let looked = 0; task !== undefined && looked < lookAhead; looked += 1) {
      if (best !== undefined && task.entered > best.entered) return undefined
      if (fullKey(this.#state, task) === undefined) {
        if (taker.fits(task)) return task
      } else if (!lane.group.family) {
        return undefined
      }
      task = task.next
    }
    return undefined
  }

  #groupName(task: StoredTask): string {
    const keys = keysOf(task)
    if (keys.length === 0) return ''
    const lender = this.#lenderOf(task)
    // past others that wait for the same key
    if (lender !== undefined) return familyName + lender.id
    const own = keys.find(({ key }) => key.startsWith(userKey))?.key ?? ''
    // one that waits for its turn in its schedule holds up no other task
    return own + (keys.find(({ key }) => key.startsWith(scheduleKey))?.key ?? '')
  }

  /** An unfinished task that has a key of this one, and made it or waits for it, over any number of steps. */
  #lenderOf(task: StoredTask): StoredTask | undefined {
    const { tasks, waiters } = this.#state
    if (task.spec.parent === undefined && waiters.size === 0) return undefined
    const keys = keysOf(task)
    const above = new Set([task])
    // the set grows while it is read
    for (const each of above) {
      const ids = (waiters.get(each.id) ?? []).map((waiter) => waiter.task)
      if (each.spec.parent !== undefined) ids.push(each.spec.parent.task)
      for (const id of ids) {
        const relative = tasks.get(id)
        if (relative === undefined || relative.settled || above.has(relative)) continue
        if (keysOf(relative).some(({ key }) => keys.some((own) => own.key === key))) return relative
        above.add(relative)
      }
    }
    return undefined
  }

  #group(level: Level, name: string): Group {
    const known = level.groups.get(name)
    if (known !== undefined) return known
    const group = new Group(level, name)
    level.groups.set(name, group)
    level.turns.push(group)
    return group
  }

  #level(priority: number): Level {
    let at = 0
    for (let level = this.#levels[at]; level !== undefined && level.priority >= priority; level = this.#levels[++at]) {
      if (level.priority === priority) return level
    }
    const level = new Level(priority)
    this.#levels.splice(at, 0, level)
    return level
  }
}

/** Lets a group take its turn again. */
function unpark(group: Group): void {
  if (group.list === group.level.parked) group.level.turns.push(group)
}
