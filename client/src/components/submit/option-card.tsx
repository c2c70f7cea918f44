/** How the photos are submitted that come next: as a batch, made smaller, and what is said about them. */

import { SHORT_SIDES, useDownscaling } from '../../stores/downscaling.ts'
import { MAX_NAME_LENGTH, useSubmitOptions } from '../../stores/submit-options.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { FIELD, Field } from '../ui/field.tsx'
import { Switch } from '../ui/switch.tsx'
import { JobOptionFields } from './job-option-fields.tsx'

export function OptionCard() {
  return (
    <Card heading={text.submitOptions.heading}>
      <div className="grid gap-4">
        <BatchFields />
        <DownscalingFields />
        <JobOptionFields />
      </div>
    </Card>
  )
}

function BatchFields() {
  const { asBatch, batchName } = useSubmitOptions()
  const words = text.submitOptions
  return (
    <div className="grid gap-3">
      <Switch
        label={words.asBatch}
        detail={words.asBatchDetail}
        checked={asBatch}
        onChange={(checked) => useSubmitOptions.setState({ asBatch: checked })}
      />
      {asBatch && (
        <div className="pl-12">
          <Field label={words.batchName} detail={words.batchNameDetail}>
            {({ id, describedBy }) => (
              <input
                id={id}
                aria-describedby={describedBy}
                value={batchName}
                maxLength={MAX_NAME_LENGTH}
                placeholder={words.batchNamePlaceholder}
                autoComplete="off"
                onChange={({ target }) => useSubmitOptions.setState({ batchName: target.value })}
                className={FIELD}
              />
            )}
          </Field>
        </div>
      )}
    </div>
  )
}

function DownscalingFields() {
  const { isOn, lastSide } = useDownscaling()
  const words = text.submitOptions
  return (
    <div className="grid gap-3">
      <Switch
        label={words.downscale}
        detail={words.downscaleDetail}
        checked={isOn}
        onChange={(checked) => useDownscaling.setState({ isOn: checked })}
      />
      {isOn && (
        <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1 pl-12">
          <legend className="mb-1 font-medium">{words.shortSide}</legend>
          {SHORT_SIDES.map((side) => (
            <label key={side} className="flex h-6 cursor-pointer items-center gap-1.5">
              <input
                type="radio"
                name="short-side"
                checked={lastSide === side}
                onChange={() => useDownscaling.setState({ lastSide: side })}
                className="size-4 accent-accent"
              />
              {words.pixels(side)}
            </label>
          ))}
        </fieldset>
      )}
    </div>
  )
}
