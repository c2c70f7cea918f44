/** How the master does just now: its process, its event loop, its commits, its disk, and who watches. */
import type { MasterFigures as Figures } from '@argus/shared'
import { CpuMeter } from '@argus/shared/cpu-meter'
import type { LagClock } from '../lag-clock.ts'
import type { Committer } from '../store/committer.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import { Recent } from './recent.ts'

export interface MasterFiguresParts {
  readonly clock: LagClock
  readonly committer: Committer
  readonly disk: DiskGuard
  /** How many are open. */
  readonly boards: () => number
  readonly eventStreams: () => number
}

export class MasterFigures {
  readonly #parts: MasterFiguresParts
  readonly #cpu = new CpuMeter()
  readonly #lag = new Recent()
  readonly #milliseconds = new Recent()
  readonly #writes = new Recent()

  constructor(parts: MasterFiguresParts) {
    this.#parts = parts
    parts.clock.onSample((lag) => this.#lag.add(lag))
    parts.committer.onCommit(({ milliseconds, writes }) => {
      // An empty one only asks whether the database is there.
      if (writes === 0) return
      this.#milliseconds.add(milliseconds)
      this.#writes.add(writes)
    })
  }

  /** As they are now. */
  read(): Figures {
    const { disk, boards, eventStreams } = this.#parts
    const lag = this.#lag.histogram()
    const milliseconds = this.#milliseconds.histogram()
    const writes = this.#writes.histogram()
    return {
      uptimeSeconds: process.uptime(),
      cpu: this.#cpu.cores,
      rssBytes: process.memoryUsage.rss(),
      eventLoopLag: { p50: lag.quantile(0.5), p99: lag.quantile(0.99), max: Math.round(lag.max) },
      commits: {
        perSecond: this.#milliseconds.perSecond,
        milliseconds:
          milliseconds.count === 0
            ? null
            : { p50: milliseconds.quantile(0.5), p99: milliseconds.quantile(0.99) },
        writes:
          writes.count === 0
            ? null
            : { p50: Math.round(writes.quantile(0.5)), p99: Math.round(writes.quantile(0.99)) },
      },
      freeDiskBytes: disk.freeBytes,
      boards: boards(),
      eventStreams: eventStreams(),
    }
  }

  stop(): void {
    this.#cpu.stop()
  }
}
