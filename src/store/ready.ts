/**
 * @module The tasks that may start, in the order in which they do: higher priority first; then round robin over
 * concurrency keys, tasks without one being one key; then as they entered.
 */
import { type Linked, LinkedList } from '../linked-list.ts'
import { fullKey } from '../machines/keys.ts'
import { keysOf, type StoredTask, type StoreState } from '../machines/store-state.ts'

/** Says which tasks a worker takes. */
export interface Taker {
  takes(recipe: string | undefined): boolean
  fits(task: StoredTask): boolean
}

/** How many tasks of one recipe are looked at when the first ones do not fit. */
const lookAhead = 64
/** Marks the key that a user gave, among a task's keys. */
export const userKey = 'key:'

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

/** All tasks of one priority that take turns as one: those of a key, those without, or the children of one parent. */
class Group implements Linked<Group> {
  previous: Group | undefined = undefined
  next: Group | undefined = undefined
  list: LinkedList<Group> | undefined = undefined
  readonly name: string
  readonly level: Level
  readonly lanes = new Map<string | undefined, Lane>()

  constructor(level: Level, name: string) {
    this.level = level
    this.name = name
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
    const group = this.#group(this.#level(task.spec.priority ?? 0), this.#groupName(task))
    const lane = group.lanes.get(task.spec.recipe) ?? new Lane(group, task.spec.recipe)
    group.lanes.set(task.spec.recipe, lane)
    lane.push(task)
  }

  remove(task: StoredTask): void {
    const lane = task.list
    if (!(lane instanceof Lane)) return
    lane.remove(task)
    if (lane.size > 0) return
    const { group } = lane
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
      if (group?.list === level.parked) level.turns.push(group)
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
    for (const lane of group.lanes.values()) {
      if (!taker.takes(lane.recipe)) continue
      let task = lane.first
      for (let looked = 0; task !== undefined && looked < lookAhead; looked += 1) {
        if (best !== undefined && task.entered > best.entered) break
        const full = fullKey(this.#state, task)
        if (full?.key === group.name) {
          group.level.parked.push(group)
          return undefined
        }
        if (full !== undefined) break
        if (taker.fits(task)) {
          best = task
          break
        }
        task = task.next
      }
    }
    return best
  }

  #groupName(task: StoredTask): string {
    const keys = keysOf(task)
    if (keys.length === 0) return ''
    const parent = task.spec.parent === undefined ? undefined : this.#state.tasks.get(task.spec.parent.task)
    // the parent may lend its key to this child, past others that wait for the same key
    if (parent !== undefined && keysOf(parent).some(({ key }) => keys.some((own) => own.key === key))) {
      return `children of ${parent.id}`
    }
    return keys.find(({ key }) => key.startsWith(userKey))?.key ?? ''
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
