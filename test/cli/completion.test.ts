import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { commands, globalOptions } from '../../src/cli/commands.ts'
import { completionFor, flagsOf, type Shell } from '../../src/cli/completion.ts'

const has = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined
const script = (shell: Shell): string => completionFor(shell, commands, globalOptions)

function saved(shell: Shell): string {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-completion-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'offstage')
  writeFileSync(path, script(shell))
  return path
}

/** What bash offers for the last of the words. */
function offered(...words: string[]): string[] {
  const line = `source ${saved('bash')}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_offstage; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', line], { encoding: 'utf8' }).trim().split('\n')
}

describe('the script', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('for %s parses, where that shell is there', (shell) => {
    const check = shell === 'fish' ? '--no-execute' : '-n'
    // what is not installed here is checked where it is
    if (has(shell)) execFileSync(shell, [check, saved(shell)])
  })

  it.each(['bash', 'zsh', 'fish'] as const)('for %s names every command and option that works', (shell) => {
    const text = script(shell)
    const all = commands.flatMap((command) => [command, ...(command.commands ?? [])])
    for (const { name, options = [], load } of all) {
      if (load === undefined) continue
      expect(text).toContain(name)
      for (const option of [...options, ...globalOptions]) {
        expect(text).toContain(shell === 'fish' ? `-l ${flagsOf(option).long}` : `--${flagsOf(option).long}`)
      }
    }
    // what comes later is not offered
    expect(text).not.toContain('demo')
  })
})

describe('bash', () => {
  it('offers commands, then their options, then values', () => {
    expect(offered('offstage', 'st')).toEqual(['status'])
    expect(offered('offstage', 'clear', '--o')).toEqual(['--older-than'])
    expect(offered('offstage', 'clear', '--status', 'c')).toEqual(['completed', 'cancelled'])
    expect(offered('offstage', 'completion', 'z')).toEqual(['zsh'])
  })

  it('offers the commands of a command, and their options and values', () => {
    expect(offered('offstage', 'schedule', 'p')).toEqual(['pause', 'preview'])
    expect(offered('offstage', '--store', 'x', 'schedule', 'add', '--mi')).toEqual(['--misfire'])
    expect(offered('offstage', 'schedule', 'add', 'sales', '--misfire', 's')).toEqual(['skip'])
    expect(offered('offstage', 'schedule', 'list', '--status', 'p')).toEqual(['paused'])
    expect(offered('offstage', 'list', '--status', 'p')).toEqual(['pending'])
    expect(offered('offstage', 'schedule', 'list', '--mi')).toEqual([''])
  })

  it('finds the command behind global options', () => {
    expect(offered('offstage', '--store', 'x', '--json', 'wait', '--ti')).toEqual(['--timeout'])
  })

  it('offers nothing for values that it cannot know', () => {
    expect(offered('offstage', 'wait', '--timeout', '')).toEqual([''])
  })
})
