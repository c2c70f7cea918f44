/** The way of a photo through the REST door, a real worker process and back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../testing/cluster.ts'
import { hasTestData, TEST_MODEL_DIR, testPhotos } from '../testing/test-data.ts'

interface Accuracy {
  /** Of 100 photos. */
  readonly likeReference: number
  readonly top1: number
  readonly top5: number
}

async function measureAccuracy(cluster: TestCluster): Promise<Accuracy> {
  const photos = await testPhotos()
  const ranked = await Promise.all(
    photos.map(async (photo) => {
      const job = await cluster.recognise(photo.path)
      return { photo, classes: job.result?.classes.map(({ index }) => index) ?? [] }
    }),
  )
  const count = (matches: (row: (typeof ranked)[number]) => boolean) => ranked.filter(matches).length
  return {
    likeReference: count(({ photo, classes }) => classes[0] === photo.referenceTop1),
    top1: count(({ photo, classes }) => classes[0] === photo.classIndex),
    top5: count(({ photo, classes }) => classes.includes(photo.classIndex)),
  }
}

describe.skipIf(!hasTestData())('the 100 labelled photos', () => {
  let cluster: TestCluster

  describe('with MobileNet V2', () => {
    beforeAll(async () => {
      cluster = await TestCluster.start({ workers: 2, masterEnv: { MODEL_DIR: TEST_MODEL_DIR } })
      await cluster.ready()
    })
    afterAll(() => cluster.stop())

    it('are recognised as the reference run recognised them', async () => {
      const accuracy = await measureAccuracy(cluster)
      console.log(
        `MobileNet V2: like the reference ${accuracy.likeReference}, top-1 ${accuracy.top1}, top-5 ${accuracy.top5} of 100`,
      )
      expect(accuracy.likeReference).toBeGreaterThanOrEqual(97)
      expect(accuracy.top1).toBeGreaterThanOrEqual(91)
      expect(accuracy.top5).toBeGreaterThanOrEqual(97)
    })
  })

  describe('with the MobileNet V1 that comes from the package registry', () => {
    beforeAll(async () => {
      // Nothing listens on port 9 (discard): the published address is dead at once.
      const masterEnv = { MODEL_DIR: '', MODEL_URL: 'http://127.0.0.1:9/model.json' }
      cluster = await TestCluster.start({ workers: 2, masterEnv })
      await cluster.ready()
    })
    afterAll(() => cluster.stop())

    it('are recognised well enough', async () => {
      const accuracy = await measureAccuracy(cluster)
      console.log(`MobileNet V1: top-1 ${accuracy.top1}, top-5 ${accuracy.top5} of 100`)
      expect(accuracy.top1).toBeGreaterThanOrEqual(88)
    })
  })
})
