/** What every column's body can do. @module */
import type { Frame } from './forward.ts';
import type { Palette } from './palette.ts';
import type { Origin, Place } from './place.ts';
import type { Stage } from './stages.ts';

export interface View {
  readonly element: HTMLElement;
  /** `12 × 26 × 26` */
  readonly size: string;
  /** What the reader sees in a frame, if it is not always the same. */
  note?(frame: Frame): string;
  paint(frame: Frame, palette: Palette): void;
  /** Marks what belongs to a place, if anything here does, and what the place comes from. */
  select(place: Place, origin: Origin): void;
}

export type OnPlace = (place: Place) => void;

/** Whether a place is in this stage, or in one whose channels are the same. */
export function isOfStage(place: Place, { source }: Stage): boolean {
  return place.stage.source === source;
}
