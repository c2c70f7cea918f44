/** All that is known of one batch, as the master pushes it. */

import { useStale } from '../../stores/board.ts'
import type { NewsOf } from '../../stores/subjects.ts'
import { useSubject } from '../../stores/subjects.ts'
import { text } from '../../text/index.ts'
import { FreshnessNote } from '../shell/freshness-note.tsx'
import { useTitle } from '../shell/use-title.ts'
import { BackLink } from '../ui/back-link.tsx'
import { Missing } from '../ui/missing.tsx'
import { RemovedNote } from '../ui/removed-note.tsx'
import { useLatest } from '../ui/use-latest.ts'
import { BatchAccuracy } from './batch-accuracy.tsx'
import { BatchClasses } from './batch-classes.tsx'
import { BatchHeader } from './batch-header.tsx'
import { BatchNewest } from './batch-newest.tsx'
import { BatchProgress } from './batch-progress.tsx'
import { BatchSkeleton } from './batch-skeleton.tsx'
import { nameOf } from './state.ts'

const LIST = '/batches'

export function BatchPage({ id }: { id: string }) {
  const { news, refusal } = useSubject({ of: 'batch', id })
  const known = useLatest(isKnown(news) ? news : null)
  const words = text.batch
  useTitle(known === null ? words.heading : nameOf(known.batch))
  const isGone = news?.batch === null || refusal?.code === 'batch/not-found'
  return (
    <>
      <div className="flex h-6 items-center gap-4">
        <BackLink to={LIST} label={words.all} />
        <FreshnessNote />
      </div>
      {known !== null ? (
        <>
          {isGone && <RemovedNote words={words.removed} />}
          <Known news={known} isRemoved={isGone} />
        </>
      ) : isGone ? (
        <Missing heading={words.missing} detail={words.missingDetail} to={LIST} back={words.all} />
      ) : refusal !== null ? (
        <Missing heading={refusal.title} detail={refusal.detail} to={LIST} back={words.all} />
      ) : (
        <BatchSkeleton />
      )}
    </>
  )
}

type BatchNews = NewsOf<'batch'>
type KnownNews = { [Key in keyof BatchNews]: NonNullable<BatchNews[Key]> }

function isKnown(news: BatchNews | null): news is KnownNews {
  return news !== null && news.batch !== null && news.classes !== null
}

function Known({ news: { batch, classes }, isRemoved }: { news: KnownNews; isRemoved: boolean }) {
  const stale = useStale()
  return (
    <div className={`grid grid-cols-[minmax(0,1fr)] gap-4 ${stale || isRemoved ? 'stale' : ''}`}>
      <BatchHeader batch={batch} isRemoved={isRemoved} />
      <BatchProgress batch={batch} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
        <BatchClasses batch={batch.id} classes={classes.classes} others={classes.others} />
        <BatchAccuracy batch={batch} confusions={classes.confusions} />
      </div>
      {!isRemoved && <BatchNewest batch={batch} />}
    </div>
  )
}
