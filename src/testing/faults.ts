/** @module Which operation of a disk fails, and how. */
import { ValidationError } from '../errors.ts'
import type { Disk } from '../store/file/disk.ts'
import { checkInteger } from '../validate.ts'

/**
 * How an operation fails. The errors are the system's; of an append, any part may have been written.
 * `short`: an append writes a part, and returns as if it had written all.
 * `split`: an append writes a part, others get a turn, and it writes the rest.
 */
export type Fault = 'ENOSPC' | 'EIO' | 'EROFS' | 'EMFILE' | 'EACCES' | 'short' | 'split'

/** Options of {@link FaultyDisk.failAt}. */
export interface FaultOptions {
  /** Whether all operations after it fail, too. @default false */
  readonly forever?: boolean
  /** What others do between the two parts of a `split` append. @default nothing */
  readonly between?: () => void
}

/** An operation of a disk that may fail. */
export type Operation = Exclude<keyof Disk, 'close' | 'fileSystem'>

const opening: readonly Operation[] = ['create', 'openAppend', 'openRead', 'list', 'syncFolder']
const growing: readonly Operation[] = ['create', 'append', 'sync', 'link', 'rename', 'makeFolder']
const writing: readonly Operation[] = [...growing, 'openAppend', 'remove', 'touch']
const naming: readonly Operation[] = [
  ...opening,
  'lstat',
  'link',
  'rename',
  'remove',
  'makeFolder',
  'touch',
  'realpath',
]

/** What can fail so; EIO is possible everywhere. */
const possible: ReadonlyMap<Fault, ReadonlySet<Operation>> = new Map<Fault, ReadonlySet<Operation>>([
  ['ENOSPC', new Set(growing)],
  ['EROFS', new Set(writing)],
  ['EMFILE', new Set(opening)],
  ['EACCES', new Set(naming)],
  ['short', new Set<Operation>(['append'])],
  ['split', new Set<Operation>(['append'])],
])
const known = new Set<string>([...possible.keys(), 'EIO'])

/** A fault that is due. */
export interface DueFault extends Required<Pick<FaultOptions, 'between'>> {
  readonly fault: Fault
}

/** The faults of one process, or of a whole disk. */
export class Faults {
  /** How many operations there were. */
  operations = 0
  #due: (FaultOptions & { readonly fault: Fault; readonly at: number }) | undefined
  #kill = Number.POSITIVE_INFINITY
  #isBetween = false

  failAt(n: number, fault: Fault, options: FaultOptions = {}): void {
    if (!known.has(fault)) throw new ValidationError('fault', `one of ${[...known].join(', ')}`, fault)
    this.#due = { ...options, fault, at: this.operations + checkInteger(n, 'n', 1, Number.MAX_SAFE_INTEGER) }
  }

  killAt(n: number): void {
    this.#kill = this.operations + checkInteger(n, 'n', 1, Number.MAX_SAFE_INTEGER)
  }

  heal(): void {
    this.#due = undefined
    this.#kill = Number.POSITIVE_INFINITY
  }

  /** Counts an operation, and tells what becomes of it. */
  next(operation: Operation): DueFault | 'kill' | undefined {
    this.operations += 1
    if (this.operations >= this.#kill) {
      this.#kill = Number.POSITIVE_INFINITY
      return 'kill'
    }
    const due = this.#due
    if (due === undefined || this.operations < due.at || this.#isBetween) return undefined
    if (possible.get(due.fault)?.has(operation) === false) return undefined
    if (!due.forever) this.#due = undefined
    return { ...due, between: () => this.#between(due) }
  }

  /** What is done between the parts of an append must not be split by the same fault. */
  #between({ between }: FaultOptions): void {
    this.#isBetween = true
    try {
      between?.()
    } finally {
      this.#isBetween = false
    }
  }
}
