/** @module The box that is ticked while the newest row is kept in sight. */

interface FollowProps {
  readonly follow: boolean
  set(follow: boolean): void
}

export function Follow({ follow, set }: FollowProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={follow} onChange={(event) => set(event.currentTarget.checked)} />
      Follow
    </label>
  )
}
