/** @module The options of a file store: what users write, and what the store works with. */
import { type Clock, SystemClock } from '../../clock.ts'
import { type Duration, parseDuration } from '../../duration.ts'
import { ValidationError } from '../../errors.ts'
import { type Random, SystemRandom } from '../../random.ts'
import { checkBoolean, checkInteger, checkOneOf, checkOptions } from '../../validate.ts'
import type { Disk } from './disk.ts'
import { NodeDisk } from './node-disk.ts'
import { storeFolder } from './where.ts'

/** Options of a {@link FileStore}. */
export interface FileStoreOptions {
  /**
   * The folder. `@default` OFFSTAGE_DIR, else `.offstage` beside the nearest `offstage.config.*`, else the nearest
   * `.offstage`, else `.offstage` in the working directory
   */
  readonly dir?: string
  /** What acknowledged means: on the medium, or with the operating system only. @default 'fsync' */
  readonly durability?: 'fsync' | 'os'
  /** A worker whose heart has not beaten for so long is dead. The same for all processes of a store. @default '15s' */
  readonly lease?: Duration
  /** A worker whose event loop has not turned for so long is dead, though its heart beats. @default '5m' */
  readonly blockedAfter?: Duration
  /** How long journals are kept that a snapshot has replaced: how far back replay reaches. @default '1h' */
  readonly historyFor?: Duration
  /** How many bytes of them are kept at most. @default 268_435_456 */
  readonly historyBytes?: number
  /** A segment of the journal is followed by a new one when it has so many bytes. @default 8_388_608 */
  readonly segmentBytes?: number
  /** Or so many records. @default 50_000 */
  readonly segmentEvents?: number
  /** Never writes: for tools that look. @default false */
  readonly readOnly?: boolean
  /** Opens folders on file systems that are not safe to share: NFS, SMB, FUSE. @default false */
  readonly force?: boolean
  /** Whether the system is asked to tell of changes; without it the store polls. OFFSTAGE_NO_WATCH=1 forbids it. @default true */
  readonly watch?: boolean
  /** Where time comes from. `@default` the machine */
  readonly clock?: Clock
  /** Where ids come from. `@default` the machine */
  readonly random?: Random
  /** Where files are. `@default` the machine's */
  readonly disk?: Disk
}

/** What is set, checked and filled in. */
export interface FileSettings {
  readonly dir: string
  readonly durability: 'fsync' | 'os'
  readonly lease: number
  readonly blockedAfter: number
  readonly historyFor: number
  readonly historyBytes: number
  readonly segmentBytes: number
  readonly segmentEvents: number
  readonly readOnly: boolean
  readonly force: boolean
  readonly watch: boolean
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  /** Whether threads may touch the files, too. */
  readonly threads: boolean
}

const known = new Set([
  'dir',
  'durability',
  'lease',
  'blockedAfter',
  'historyFor',
  'historyBytes',
  'segmentBytes',
  'segmentEvents',
  'readOnly',
  'force',
  'watch',
  'clock',
  'random',
  'disk',
])

/** @throws {ValidationError} INVALID_OPTION or UNKNOWN_OPTION. */
export function readFileOptions(given: string | FileStoreOptions): FileSettings {
  const options: FileStoreOptions = typeof given === 'string' ? { dir: given } : given
  checkOptions(options, known, 'the file store')
  const { dir = storeFolder(), durability = 'fsync', clock = new SystemClock(), random = new SystemRandom() } = options
  if (typeof dir !== 'string' || dir === '' || dir.includes('\0')) throw new ValidationError('dir', 'a path', dir)
  return {
    dir,
    durability: checkOneOf(durability, 'durability', ['fsync', 'os']),
    lease: parseDuration(options.lease ?? '15s', 'lease', { min: 200 }),
    blockedAfter: parseDuration(options.blockedAfter ?? '5m', 'blockedAfter', { min: 200 }),
    historyFor: parseDuration(options.historyFor ?? '1h', 'historyFor', { min: 0 }),
    historyBytes: checkInteger(options.historyBytes ?? 256 * 1024 ** 2, 'historyBytes', 0, Number.MAX_SAFE_INTEGER),
    segmentBytes: checkInteger(options.segmentBytes ?? 8 * 1024 ** 2, 'segmentBytes', 1_024, 1024 ** 3),
    segmentEvents: checkInteger(options.segmentEvents ?? 50_000, 'segmentEvents', 10, 10_000_000),
    readOnly: checkBoolean(options.readOnly ?? false, 'readOnly'),
    force: checkBoolean(options.force ?? false, 'force'),
    watch:
      checkBoolean(options.watch ?? true, 'watch') &&
      process.env['OFFSTAGE_NO_WATCH'] !== '1' &&
      options.disk === undefined,
    clock,
    random,
    disk: options.disk ?? new NodeDisk(),
    threads: options.disk === undefined,
  }
}
