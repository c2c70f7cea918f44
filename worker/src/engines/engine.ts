/** What runs a model: the one interface behind which all engines stand. */
import type { EngineName, ModelFormat } from '@argus/shared'

/** Side of the square picture that a MobileNet takes. */
export const INPUT_SIDE = 224
export const INPUT_LENGTH = INPUT_SIDE * INPUT_SIDE * 3

export interface LoadedEngine {
  readonly name: EngineName
  /**
   * Runs the model on one picture.
   *
   * @param input 224 × 224 × 3 values, row by row, RGB, scaled as the model wants them
   * @returns the model's outputs as they are
   */
  run(input: Float32Array): Float32Array
}

export interface Engine {
  readonly name: EngineName
  /**
   * Loads a model.
   *
   * @param folder holds `model.json` and its weights
   * @throws Error where this machine cannot run the engine, or the engine cannot read the model
   */
  load(folder: string, format: ModelFormat): Promise<LoadedEngine>
}
