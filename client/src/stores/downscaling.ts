/** Whether photos are made smaller before they are sent, and how much; remembered on this machine. */
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

/** Pixels of the short side. The model looks at 224. */
export const SHORT_SIDES = [256, 512, 1024] as const
export type ShortSide = (typeof SHORT_SIDES)[number]

interface Downscaling {
  readonly isOn: boolean
  readonly lastSide: ShortSide
  /** What holds for a photo that is submitted now; null: it goes up as it is. */
  readonly shortSide: () => ShortSide | null
}

export const useDownscaling = create<Downscaling>()(
  persist(
    (_set, get): Downscaling => ({
      isOn: false,
      lastSide: 512,
      shortSide: () => (get().isOn ? get().lastSide : null),
    }),
    { name: 'argus.downscaling' },
  ),
)
