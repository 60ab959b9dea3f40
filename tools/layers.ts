/** @module Who may import whom: the table of the architecture, as data. */

/** What the files of one folder may import besides each other and the shared leaves. */
export interface Layer {
  /** Folders of `src`, a file of it (`inspect/protocol`), or `entries` for the entry files of the package. */
  readonly imports: readonly string[]
  /** Folders whose types may be imported, though nothing that runs. */
  readonly types?: readonly string[]
  /** Packages; without it, all that package.json declares. */
  readonly packages?: readonly string[]
  /** Packages that are built into what is published, so that nobody has to install them. */
  readonly bundled?: readonly string[]
  /** Whether Node's own modules may be imported. */
  readonly node: boolean
}

/** Files directly in `src`: small, shared, without effects. Everybody may import them. */
export const leaf = 'leaf'

const core = ['machines', 'store', 'store/file', 'actors', 'runner', 'schedule']
const outside = ['entries', 'machines']

/** One row for each folder of `src`; the longest name that fits holds. `index.ts` in `src` is the row `face`. */
export const layers: Readonly<Record<string, Layer>> = {
  face: { imports: core, packages: [], node: false },
  [leaf]: { imports: [], packages: ['nanoid'], node: false },
  machines: { imports: [], packages: ['xstate'], node: false },
  store: { imports: ['machines'], packages: [], node: false },
  'store/file': { imports: ['machines', 'store'], packages: ['fs-extra', 'nanoid'], node: true },
  actors: { imports: ['machines'], types: ['store'], node: true },
  runner: { imports: core, node: true },
  schedule: { imports: core, node: true },
  testing: { imports: core, node: true },
  web: { imports: outside, packages: [], node: false },
  inspect: { imports: outside, node: true },
  'inspect/page': { imports: ['machines', 'inspect/protocol'], packages: [], bundled: ['preact'], node: false },
  cli: { imports: [...outside, 'inspect'], node: true },
  engines: { imports: ['machines', 'store'], node: true },
}

/** The row that holds for a file. */
export function layerOf(path: string): string {
  const inside = path.slice('src/'.length)
  if (inside === 'index.ts') return 'face'
  if (!inside.includes('/')) return leaf
  const folders = Object.keys(layers).filter((name) => inside.startsWith(`${name}/`))
  return folders.sort((a, b) => b.length - a.length)[0] ?? inside.slice(0, inside.lastIndexOf('/'))
}
