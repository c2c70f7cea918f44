/** Which photos the master takes. */
import { MAX_PIXELS_BY_TYPE } from '@argus/shared/vocabulary'
import { useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'

export function LimitsNote() {
  const limits = useBoard(({ overview }) => overview?.limits)
  const { submit } = text
  if (limits === undefined) return <>{submit.types}</>
  const lower = Object.entries(MAX_PIXELS_BY_TYPE)
    .filter(([, pixels]) => pixels < limits.maxPixels)
    .map(([type, pixels]) => submit.lowerLimit(type.replace('image/', '').toUpperCase(), pixels))
  return (
    <>
      {submit.limits(limits.maxUploadBytes, limits.maxPixels)}
      {lower.length > 0 && ` ${submit.lowerLimits(lower.join(', '))}`}.
    </>
  )
}
